"""Admin: who waits for a pleno and what each file lacks, calling one, blangko in a batch, typing the numbers."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import Blanko, Pleno, PlenoCase
from lsp.services import pleno
from lsp.vocabulary import PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests.html import errors, filled, form, h1, links, main, notices, soup, words
from tests.htmx import HX, same, swap
from tests.test_pages import count_queries
from tests.workflow.cases import actor_of, make_permohonan

S = PermohonanStatus


def waiting(cast, **columns):
    return make_permohonan(S.RECOMMENDED, cast=cast, work_done=False, **columns)


def home(browser):
    return soup(browser.get(url_for("admin.pleno_home")))


class TestHome:
    def test_what_each_file_lacks(self, cast, admin):
        whole, lacking = waiting(cast), waiting(cast)
        dossier_of(lacking).bookings[-1].record.recording_reference = ""
        db.session.commit()
        text = words(home(admin))
        assert "Belum di agenda pleno: 2 1 berkas lengkap" in text
        assert "Masih kurang: rekaman asesmen." in text
        assert whole.asesi_name in text

    def test_empty_lists_say_how_things_get_there(self, admin):
        text = words(home(admin))
        for sentence in (
            "Tidak ada yang menunggu agenda",
            "Belum ada rapat pleno",
            "Tidak ada nomor yang ditunggu",
        ):
            assert sentence in text

    def test_its_place_in_the_dashboard(self, admin):
        page = home(admin)
        assert h1(page) == "Pleno dan blangko"
        assert links(page)["Pleno dan blangko"] == url_for("admin.pleno_home")

    def test_no_query_more_for_more_cases(self, cast, admin):
        url = url_for("admin.pleno_home")
        waiting(cast)
        admin.get(url)
        one = count_queries(lambda: admin.get(url))
        for _ in range(5):
            waiting(cast)
        assert count_queries(lambda: admin.get(url)) == one <= 23
        assert one <= 30

    def test_only_the_admin(self, sign_in):
        for role in (Role.TIM_TEKNIS, Role.KETUA, Role.ASESI, Role.AUDITOR):
            assert sign_in(role).get(url_for("admin.pleno_home")).status_code == 403


class TestCalling:
    def open_form(self, browser, *cases):
        query = {"kasus": [case.public_id for case in cases]}
        return soup(browser.get(url_for("admin.pleno_form"), query_string=query))

    def sent(self, page):
        node = form(page, url_for("admin.open_pleno"))
        ticked = {
            name: [str(box["value"]) for box in node.select(f"[name={name}][checked]")]
            for name in ("members", "cases")
        }
        return filled(node) | ticked

    def test_free_members_and_ready_cases_are_ticked(self, cast, admin):
        first, other = waiting(cast), waiting(cast)
        page = self.open_form(admin, first)
        sent = self.sent(page)
        assert sent["cases"] == [first.public_id]
        assert set(sent["members"]) == {member.public_id for member in cast.members}
        assert other.asesi_name in words(page)

    def test_a_barred_member_is_named_and_not_ticked(self, cast, admin):
        case = waiting(cast, verifier_id=cast.members[2].id)
        page = self.open_form(admin, case)
        assert (
            f"Tidak boleh memutus: {cast.members[2].name} (memeriksa berkas permohonan ini)"
            in words(page)
        )
        assert cast.members[2].public_id not in self.sent(page)["members"]

    def test_it_is_opened(self, cast, admin):
        case = waiting(cast)
        data = self.sent(self.open_form(admin, case)) | {"chair": cast.chair.public_id}
        answer = admin.post(url_for("admin.open_pleno"), data=data, follow_redirects=True)
        made = db.session.scalar(select(Pleno).order_by(Pleno.id.desc()))
        assert f"Rapat pleno dibuka, berita acara {made.berita_acara_number}." in notices(
            soup(answer)
        )
        assert (made.chair_id, [place.permohonan_id for place in made.cases]) == (
            cast.chair.id,
            [case.id],
        )

    def test_sent_twice_it_is_one_pleno(self, cast, admin):
        case = waiting(cast)
        data = self.sent(self.open_form(admin, case)) | {"chair": cast.chair.public_id}
        admin.post(url_for("admin.open_pleno"), data=data)
        again = admin.post(url_for("admin.open_pleno"), data=data)
        assert again.status_code == 422, "the case is not among the choices any more"
        assert (
            len(
                db.session.scalars(
                    select(PlenoCase).where(PlenoCase.permohonan_id == case.id)
                ).all()
            )
            == 1
        )

    def test_what_was_ticked_is_kept_when_something_is_missing(self, cast, admin):
        case = waiting(cast)
        data = self.sent(self.open_form(admin, case))
        data["members"] = data["members"][:2]
        answer = admin.post(url_for("admin.open_pleno"), data=data)
        page = soup(answer)
        assert answer.status_code == 422
        assert "chair" in errors(page)
        assert self.sent(page)["members"] == data["members"]

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"held_on": "2019-01-01"}, "terlalu jauh"),
            ({"held_on": "besok"}, ""),
            ({"members": ["x"]}, ""),
            ({"cases": []}, "Pilih sedikitnya satu permohonan."),
            ({"chair": "0" * 16}, ""),
        ],
    )
    def test_bad_input(self, cast, admin, changes, sentence):
        case = waiting(cast)
        data = self.sent(self.open_form(admin, case)) | {"chair": cast.chair.public_id} | changes
        answer = admin.post(url_for("admin.open_pleno"), data=data)
        assert answer.status_code == 422
        assert sentence in words(soup(answer))
        assert db.session.scalars(select(Pleno)).all() == []

    def test_a_refusal_of_the_service_keeps_what_was_typed(self, cast, admin):
        case = waiting(cast)
        data = self.sent(self.open_form(admin, case)) | {"chair": cast.chair.public_id}
        data["members"] = (
            data["members"][1:]
            if cast.chair.public_id != data["members"][0]
            else data["members"][:2]
        )
        answer = admin.post(url_for("admin.open_pleno"), data=data)
        assert answer.status_code == 409
        assert "sedikitnya 3 anggota" in words(soup(answer))
        assert self.sent(soup(answer))["members"] == data["members"]


class TestTakingOff:
    def test_it_waits_again(self, cast, admin):
        case = waiting(cast)
        made = pleno.open_pleno(
            actor_of(cast.admin), held_on=clock.today_wib(), member_ids=[each.id for each in cast.members],
            chair_id=cast.chair.id, cases=[case],
        )  # fmt: skip
        db.session.commit()
        place_id = made.cases[0].public_id
        page = soup(admin.get(url_for("admin.ask_take_off", place_id=place_id)))
        url = url_for("admin.take_off", place_id=place_id)
        assert admin.post(url, data=filled(form(page, url))).status_code == 303
        assert pleno.cases_ready() == [case]
        assert admin.post(url).status_code == 409, "pressed twice"


class TestNumbers:
    def url(self, name, case):
        return url_for(f"admin.{name}", permohonan_id=case.public_id)

    def test_what_to_send_without_the_nik(self, cast, admin):
        case = make_permohonan(S.BLANKO_REQUESTED, cast=cast, work_done=False)
        nik = dossier_of(case).fr_apl_01.nik
        page = soup(admin.get(self.url("numbers", case)))
        place = db.session.scalar(select(PlenoCase).where(PlenoCase.permohonan_id == case.id))
        assert place.pleno.sk_number in words(page)
        assert f"************{nik[-4:]}" in words(page)
        assert nik not in str(page)

    @pytest.mark.parametrize("headers", [{}, HX])
    def test_from_blanko_to_lpjk(self, cast, admin, headers):
        case = make_permohonan(S.BLANKO_REQUESTED, cast=cast, work_done=False)
        page = soup(admin.get(self.url("numbers", case)))
        for name, typed, state in (
            ("receive_blanko", {"blanko": "0001234"}, S.BLANKO_RECEIVED),
            (
                "record_lpjk",
                {
                    "lpjk_number": "F 0000 000001 2026 0000042 MP 01",
                    "lpjk_qr": "https://lpjk.contoh.id/1",
                },
                S.RECORDED,
            ),
            ("correct_numbers", {"blanko": "0001235", "note": "Salah baca angka."}, S.RECORDED),
        ):
            url = self.url(name, case)
            answer = admin.post(url, data=filled(form(page, url)) | typed, headers=headers)
            if headers:
                swap(page, answer, "#numbers-panel")
                assert same(main(page), main(soup(admin.get(self.url("numbers", case)))))
            else:
                assert answer.status_code == 303
                page = soup(admin.get(self.url("numbers", case)))
            db.session.refresh(case)
            assert case.status is state
        assert dossier_of(case).registration.blanko.number == "0001235"

    def test_an_unusual_lpjk_number_is_asked_about_and_then_taken(self, cast, admin):
        case = make_permohonan(S.BLANKO_RECEIVED, cast=cast, work_done=False)
        url = self.url("record_lpjk", case)
        page = soup(admin.get(self.url("numbers", case)))
        typed = filled(form(page, url)) | {"lpjk_number": "123", "lpjk_qr": "abc"}
        answer = admin.post(url, data=typed)
        page = soup(answer)
        assert answer.status_code == 422
        assert "tidak seperti biasanya" in errors(page)["lpjk_number"]
        assert "tidak seperti biasanya" in errors(page)["lpjk_qr"]
        assert admin.post(url, data=filled(form(page, url)) | {"sure": "y"}).status_code == 303
        assert dossier_of(case).registration.lpjk_number == "123"

    @pytest.mark.parametrize("number", ["", " " * 5, "9" * 41, "a\x01b" * 30, "BLK-😀-01"])
    def test_bad_numbers_keep_what_was_typed(self, cast, admin, number):
        case = make_permohonan(S.BLANKO_REQUESTED, cast=cast, work_done=False)
        answer = admin.post(
            self.url("receive_blanko", case), data={"version": case.version, "blanko": number}
        )
        page = soup(answer)
        assert answer.status_code == 422
        assert "blanko" in errors(page)
        assert page.find(id="blanko")["value"] == number.replace("\x01", "").strip()

    def test_an_answer_of_lpjk_that_cannot_be_printed_is_refused_by_name(self, cast, admin):
        case = make_permohonan(S.BLANKO_RECEIVED, cast=cast, work_done=False)
        typed = {"version": case.version, "lpjk_number": "F 漢", "lpjk_qr": "漢" * 300}
        found = errors(soup(admin.post(self.url("record_lpjk", case), data=typed)))
        assert "Nomor registrasi LPJK memuat huruf" in found["lpjk_number"]
        assert "“漢” (U+6F22)" in found["lpjk_number"]
        assert "terlalu panjang untuk dicetak" in found["lpjk_qr"]
        typed |= {
            "lpjk_number": "F 0000 000002 2026 0000043 MP 01",
            "lpjk_qr": "https://lpjk.contoh.id/1",
        }
        assert admin.post(self.url("record_lpjk", case), data=typed).status_code == 303

    def test_a_number_that_is_taken(self, cast, admin):
        first, second = (
            make_permohonan(S.BLANKO_REQUESTED, cast=cast, work_done=False) for _ in range(2)
        )
        for case, status in ((first, 303), (second, 409)):
            answer = admin.post(
                self.url("receive_blanko", case), data={"version": case.version, "blanko": "777"}
            )
            assert answer.status_code == status
        page = soup(answer)
        assert "sudah tercatat untuk sertifikat lain" in words(page)
        assert page.find(id="blanko")["value"] == "777"
        assert len(db.session.scalars(select(Blanko)).all()) == 1

    def test_sent_twice(self, cast, admin):
        case = make_permohonan(S.BLANKO_REQUESTED, cast=cast, work_done=False)
        data = {"version": case.version, "blanko": "777"}
        assert admin.post(self.url("receive_blanko", case), data=data).status_code == 303
        again = admin.post(self.url("receive_blanko", case), data=data)
        assert again.status_code == 409
        assert "Data sudah berubah" in words(soup(again))

    def test_a_reason_too_short(self, cast, admin):
        case = make_permohonan(S.RECORDED, cast=cast)
        data = {
            "version": case.version,
            "blanko": "888",
            "lpjk_number": "F 2",
            "lpjk_qr": "x",
            "note": "salah",
        }
        answer = admin.post(self.url("correct_numbers", case), data=data)
        page = soup(answer)
        assert answer.status_code == 422
        assert page.find(id="betul-blanko")["value"] == "888"
        assert page.select_one("details[open]") is not None

    def test_an_issued_case_offers_the_certificate_and_no_forms(self, cast, admin):
        case = make_permohonan(S.ISSUED, cast=cast)
        page = soup(admin.get(self.url("numbers", case)))
        assert "Unduh sertifikat" in links(page)
        assert page.find(id="numbers-panel").find("form") is None

    def test_a_draft_has_no_numbers_yet(self, cast, admin):
        case = make_permohonan(S.DRAFT, cast=cast)
        assert "Permohonan ini belum sampai di sana." in words(
            soup(admin.get(self.url("numbers", case)))
        )

    def test_one_who_is_not_there(self, admin):
        assert admin.get("/admin/blangko/XXXX").status_code == 404


def test_a_list_that_ends_early_says_so(sign_in, monkeypatch):
    monkeypatch.setattr("lsp.views.admin.pleno.MOST_READY", 1)
    make_permohonan(PermohonanStatus.RECOMMENDED, work_done=False)
    page = words(soup(sign_in(Role.ADMIN).get("/admin/pleno")))
    assert "Hanya 1 permohonan terlama yang tampil di sini." in page
