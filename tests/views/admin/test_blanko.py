"""Admin: blangko asked for by pleno and jadwal, BNSP's codes and numbers, and the book of numbers."""

from __future__ import annotations

import io

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import AuditEvent, BlankoRequest, BlankoRequestCase, OutboxMessage, PlenoCase
from lsp.models.queue import BLANKO
from lsp.services import blanko_requests
from lsp.services.certificates import receive_blanko
from lsp.vocabulary import Answer, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests import factories
from tests.html import filled, form, links, main, soup, words
from tests.test_pages import count_queries
from tests.workflow.cases import actor_of, make_cast, make_permohonan

S = PermohonanStatus


@pytest.fixture
def cast(app):
    return make_cast()


def home(browser):
    return soup(browser.get(url_for("admin.pleno_home")))


class TestBlanko:
    def group(self, cast, admin):
        cases = [make_permohonan(S.COMPETENT, cast=cast) for _ in range(2)]
        places = [
            db.session.scalars(select(PlenoCase).where(PlenoCase.permohonan_id == case.id)).one()
            for case in cases
        ]
        places[1].pleno_id = places[0].pleno_id
        db.session.commit()
        return cases, places[0].pleno

    def test_one_press_for_a_jadwal(self, cast, admin):
        cases, meeting = self.group(cast, admin)
        unsigned = make_permohonan(S.COMPETENT, cast=cast, work_done=False)
        page = home(admin)
        assert "SK penetapan belum ditandatangani ketua." in words(page)
        url = links(page)[f"Ajukan blangko… {meeting.berita_acara_number}"]
        page = soup(admin.get(url))
        assert all(case.asesi_name in words(main(page)) for case in cases)
        assert unsigned.asesi_name not in words(main(page))
        assert "KODE JADWAL: kode jadwal dari BNSP belum dicatat." in words(page)
        asked = soup(admin.get(links(page)["Ajukan 2 blangko…"]))
        send = url_for("admin.send_blanko_request", pleno_id=meeting.public_id)
        data = filled(form(asked, send))
        assert {case.status for case in cases} == {S.COMPETENT}
        answer = admin.post(send, data=data)
        assert answer.status_code == 303
        assert {case.status for case in cases} == {S.BLANKO_REQUESTED}
        page = soup(admin.get(answer.location))
        assert "Jawaban BNSP: 2 menunggu" in words(page)
        assert "2 menunggu BNSP" in words(home(admin))
        again = admin.post(send, data=data)
        assert again.status_code == 409, "pressed twice"
        letter = soup(
            admin.get(links(page)["Buka Surat permohonan blangko dan berita acara asesmen"])
        )
        assert "sebanyak 2 (dua) lembar" in words(letter)

    def test_codes_are_typed_and_the_sheet_download_is_noted(self, cast, admin):
        _cases, meeting = self.group(cast, admin)
        url = url_for("admin.save_bnsp_codes", pleno_id=meeting.public_id)
        page = soup(admin.get(url))
        node = form(page, url)
        typed = {name: "07" for name in filled(node) if name.startswith(("kode-", "jadwal-"))}
        assert typed
        assert admin.post(url, data=filled(node) | typed).status_code == 303
        page = soup(admin.get(url_for("admin.blanko_groups", pleno_id=meeting.public_id)))
        assert "KODE JADWAL" not in words(page)
        assert "Isi kode BNSP" not in links(page)
        made = self.sent(admin, meeting)
        sheet = admin.get(url_for("admin.blanko_sheet_file", blanko_request_id=made.public_id))
        assert sheet.data.startswith(b"PK")
        noted = db.session.scalars(select(AuditEvent).order_by(AuditEvent.seq.desc())).first()
        assert (noted.action, noted.object_id) == ("blanko_request.sheet", made.public_id)

    def sent(self, admin, meeting):
        (group,) = blanko_requests.groups_of(meeting)
        url = url_for("admin.ask_blanko_request", pleno_id=meeting.public_id, jadwal=group.key)
        action = url_for("admin.send_blanko_request", pleno_id=meeting.public_id)
        admin.post(action, data=filled(form(soup(admin.get(url)), action)))
        return db.session.scalars(select(BlankoRequest)).one()

    def test_numbers_of_a_request_at_once(self, cast, admin):
        cases, meeting = self.group(cast, admin)
        made = self.sent(admin, meeting)
        url = url_for("admin.blanko_request", blanko_request_id=made.public_id)
        save, look = f"{url}/nomor", f"{url}/periksa"
        nik = dossier_of(cases[0]).fr_apl_01.nik
        sheet = f"NIK;Nomor Blangko\n{nik};0001234\n9900000000000017;0001235\n".encode()
        seen = soup(admin.post(look, data={"lembar": (io.BytesIO(sheet), "blangko.csv")}))
        assert "1 nomor cocok" in words(seen)
        assert "Baris 3, NIK …0017: NIK ini bukan asesi kompeten" in words(seen)
        assert cases[0].status is S.BLANKO_REQUESTED
        data = filled(form(seen, save)) | {f"nomor-{cases[1].public_id}": "BLK-😀-01"}
        assert data[f"nomor-{cases[0].public_id}"] == "0001234"
        answer = admin.post(save, data=data)
        page = soup(answer)
        assert answer.status_code == 422
        assert "1 nomor blangko tercatat." in words(page)
        field = page.find(id=f"nomor-{cases[1].public_id}")
        assert field["value"] == "BLK-😀-01"
        assert "memuat huruf" in words(page.find(id=f"{field['id']}-error"))
        assert page.find(id=f"nomor-{cases[0].public_id}") is None
        assert [case.status for case in cases] == [S.BLANKO_RECEIVED, S.BLANKO_REQUESTED]
        assert admin.post(save, data={}).status_code == 422

    def test_a_request_asks_no_query_more_for_more_cases(self, cast, admin):
        _cases, meeting = self.group(cast, admin)
        made = self.sent(admin, meeting)
        url = url_for("admin.blanko_request", blanko_request_id=made.public_id)
        admin.get(url)
        two = count_queries(lambda: admin.get(url))
        more = make_permohonan(S.BLANKO_REQUESTED, cast=cast, work_done=False)
        row = BlankoRequestCase(
            request_id=made.id, permohonan_id=more.id, attempt=1, result=Answer.K
        )
        db.session.add(row)
        db.session.commit()
        assert count_queries(lambda: admin.get(url)) == two <= 22

    def test_who_is_asesi_in_it_is_offered_nothing_he_may_not_open(self, app, cast, admin):
        both = factories.make_user(Role.ADMIN, Role.ASESI)
        cases, meeting = self.group(cast, admin)
        own = make_permohonan(S.COMPETENT, cast=cast, asesi=both)
        place = db.session.scalars(select(PlenoCase).where(PlenoCase.permohonan_id == own.id)).one()
        place.pleno_id = meeting.id
        db.session.commit()
        made = self.sent(admin, meeting)
        receive_blanko(actor_of(admin.user), own, number="0007", version=own.version)
        message = db.session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind == BLANKO)
        ).one()
        # A request of the same pleno that does not name him is his to work off.
        other = BlankoRequest(
            number="9/X", dated=meeting.held_on, pleno_id=meeting.id, made_by_id=admin.user.id
        )
        db.session.add(other)
        db.session.flush()
        db.session.add(
            BlankoRequestCase(
                request_id=other.id, permohonan_id=cases[0].id, attempt=1, result=Answer.K, outcome="received",
                answered_at=clock.now(),
            )
        )  # fmt: skip
        db.session.commit()
        his = factories.browser_of(app, both)
        pages = [
            url_for("admin.pleno_home"),
            url_for("admin.message", message_id=message.public_id),
            url_for("admin.blanko_request", blanko_request_id=other.public_id),
        ]
        for url in pages:
            page = soup(his.get(url))
            offered = {node["href"] for node in main(page).select("a[href^='/']")}
            refused = [each for each in offered if his.get(each).status_code >= 400]
            assert not refused, url
            assert (
                "endiri" in words(main(page))
                or "asesi di rapat ini" in words(main(page))
                or url == pages[2]
            )
        assert made.number in words(main(home(his)))
        assert (
            url_for("admin.blanko_request", blanko_request_id=other.public_id)
            in links(home(his)).values()
        )

    def test_nobody_gives_back_the_blanko_of_his_own_case(self, app, cast, admin):
        both = factories.make_user(Role.ADMIN, Role.ASESI)
        case = make_permohonan(S.BLANKO_RECEIVED, cast=cast, asesi=both)
        number = f"BLK-{case.id:07d}"
        data = {"nomor": number, "note": "Sobek saat dicetak."}
        assert admin.post(url_for("admin.spoil_blanko"), data=data).status_code == 303
        his, give = factories.browser_of(app, both), url_for("admin.return_blanko")
        page = soup(his.get(give))
        assert "orang lain yang mengembalikannya" in words(main(page))
        assert page.find("input", {"name": "nomor"}) is None
        answer = his.post(give, data={"nomor": number, "yakin": "1"})
        assert answer.status_code == 409
        assert admin.post(give, data={"nomor": number, "yakin": "1"}).status_code == 303

    def test_a_sheet_longer_than_is_read_is_not_read_in_part(self, cast, admin):
        cases, meeting = self.group(cast, admin)
        look = f"{url_for('admin.blanko_request', blanko_request_id=self.sent(admin, meeting).public_id)}/periksa"
        rows = ["NIK;Nomor Blangko", f"{dossier_of(cases[0]).fr_apl_01.nik};0001234"]
        long = "\n".join(rows + [f"99000000{number:08d};{number}" for number in range(600)])
        for sent in (
            {"lembar": (io.BytesIO(long.encode()), "blangko.csv")},
            {"tempel": long},
            {"tempel": "\n".join(rows) + " " * 60_000},
        ):
            answer = admin.post(look, data=sent)
            assert answer.status_code == 422
            assert "lebih dari 500 baris" in words(soup(answer))

    def test_spoiled_replaced_and_given_back(self, cast, admin):
        case = make_permohonan(S.BLANKO_RECEIVED, cast=cast)
        number = f"BLK-{case.id:07d}"
        page = soup(admin.get(url_for("admin.blanko_number", nomor=number)))
        spoil = url_for("admin.spoil_blanko")
        assert admin.post(spoil, data={"nomor": number, "note": "sobek"}).status_code == 422
        data = filled(form(page, spoil)) | {"note": "Sobek saat dicetak."}
        assert admin.post(spoil, data=data).status_code == 303
        assert admin.post(spoil, data=data).status_code == 409, "pressed twice"
        url = url_for("admin.numbers", permohonan_id=case.public_id)
        page = soup(admin.get(url))
        assert "Blangko rusak: isi nomor pengganti" in words(page)
        correct = url_for("admin.correct_numbers", permohonan_id=case.public_id)
        typed = {"blanko": "0009", "note": "Pengganti dari BNSP."}
        assert admin.post(correct, data=filled(form(page, correct)) | typed).status_code == 303
        book = soup(admin.get(url_for("admin.blanko_book")))
        assert "2 diterima = 0 terpakai + 1 dipesan + 0 belum dipesan + 1 rusak" in words(book)
        give = url_for("admin.return_blanko")
        asked = soup(admin.post(give, data=filled(form(soup(admin.get(give)), give))))
        answer = admin.post(give, data=filled(form(asked, give)))
        paper = words(soup(admin.get(answer.location)))
        assert number in paper
        assert "1 (satu) lembar" in paper
        file = admin.get(url_for("admin.blanko_book_file", format="csv", keadaan="returned"))
        assert number in file.get_data(as_text=True)
        assert "0009" not in file.get_data(as_text=True)
