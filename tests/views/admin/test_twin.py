"""Yang dikirim: order, answer and step in one transaction, refusal, opening again, ZIP, many in a row."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from flask import url_for

from lsp import clock
from lsp.database import db
from lsp.models import AuditEvent, Jadwal, OutboxAnswer, OutboxMessage, Permohonan
from lsp.models.queue import BLANKO, PENCATATAN
from lsp.vocabulary import Channel, PermohonanStatus, Role
from lsp.workflow.permohonan import PERMOHONAN
from tests import factories
from tests.html import errors, main, notices, soup, words
from tests.workflow.cases import actor_of, make_permohonan

S = PermohonanStatus
LPJK = {"lpjk_number": "F 0000 000123 2026 0000042 MP 01", "lpjk_qr": "https://siki.pu.go.id/skk/1"}


def address(message, endpoint="admin.message", **query):
    return url_for(endpoint, message_id=message.public_id, **query)


def rows(case, *kinds):
    db.session.expire_all()
    found = db.session.query(OutboxMessage).filter_by(permohonan_id=case.id).order_by("id")
    return [row for row in found if row.kind in kinds]


def actions():
    db.session.expire_all()
    return [event.action for event in db.session.query(AuditEvent).order_by(AuditEvent.seq)]


def siki(case, kind):
    return factories.make_message(
        Channel.SIKI, kind=kind, permohonan_id=case.id, payload={"id_izin": case.id_izin}
    )


@pytest.fixture
def received(cast):
    """A case whose blanko number has just come, as the step writes it; the reports before it were sent."""
    case = make_permohonan(S.BLANKO_REQUESTED, cast=cast)
    factories.make_message(Channel.BNSP, kind=BLANKO, permohonan_id=case.id, payload={})
    PERMOHONAN.perform(case, "receive_blanko", actor_of(cast.admin), version=case.version)
    reports = ("asesor-lsp-penugasan", "komtek-lsp-penugasan")
    for row in rows(case, *reports, *(f"status {code}" for code in (20, 10, 30, 31))):
        row.done_at, row.done_how = clock.now(), "sent"
    db.session.commit()
    return case


class TestOrder:
    def test_the_earlier_row_is_offered_first_and_the_later_one_not_taken(self, admin, cast):
        case = factories.make_permohonan(status=S.VERIFIED)
        first, later = siki(case, "status 20"), siki(case, "status 10")
        page = soup(admin.get(address(later)))
        link = page.select_one("#to-send .note a")
        assert (words(link), link["href"]) == ("Status 20", address(first, keadaan="menunggu"))
        assert page.select_one("form[action*='/jawab']") is None
        answer = admin.post(address(later, "admin.answer_message"))
        assert answer.status_code == 409
        assert "Kerjakan dulu “Status 20”" in notices(soup(answer))[0]
        assert admin.post(address(first, "admin.answer_message")).status_code == 303
        assert admin.post(address(later, "admin.answer_message")).status_code == 303

    def test_a_peserta_waits_for_its_jadwal(self, admin, cast):
        case = make_permohonan(S.SCHEDULED, cast=cast)
        jadwal = next(iter(cast.jadwal.values()))
        for kind in ("jadwal", "jadwal/confirm"):
            factories.make_message(
                Channel.BNSP, kind=kind, dedupe=f"bnsp:{kind}:{jadwal.public_id}",
                payload={"jadwal": jadwal.public_id},
            )  # fmt: skip
        peserta = factories.make_message(
            Channel.BNSP, kind="jadwal/peserta", permohonan_id=case.id,
            payload={"jadwal": jadwal.public_id},
        )  # fmt: skip
        page = soup(admin.get(address(peserta)))
        assert words(page.select_one("#to-send .note a")) == "Jadwal asesmen baru"


class TestAnswer:
    def test_the_jadwal_keeps_the_code_and_the_rows_after_it_the_id(self, admin, cast):
        case = make_permohonan(S.SCHEDULED, cast=cast)
        jadwal = next(iter(cast.jadwal.values()))
        message = factories.make_message(
            Channel.BNSP, kind="jadwal", dedupe=f"bnsp:jadwal:{jadwal.public_id}",
            payload={"jadwal": jadwal.public_id},
        )  # fmt: skip
        url = address(message, "admin.answer_message")
        lacking = admin.post(url, data={"kode_jadwal": "BNSP.UJKK.202609277909"})
        assert lacking.status_code == 422
        assert errors(soup(lacking)) == {"id_jadwal": "Isi ID jadwal di BNSP."}
        assert db.session.get(Jadwal, jadwal.id).bnsp_code == ""
        data = {"id_jadwal": "4177", "kode_jadwal": "BNSP.UJKK.202609277909"}
        assert admin.post(url, data=data).status_code == 303
        again = admin.post(url, data={**data, "id_jadwal": "9"})
        assert any("dua kali" in each for each in notices(soup(admin.get(again.location))))
        db.session.expire_all()
        assert db.session.get(Jadwal, jadwal.id).bnsp_code == "BNSP.UJKK.202609277909"
        assert [word.values["id_jadwal"] for word in db.session.query(OutboxAnswer)] == ["4177"]
        shown = words(main(soup(admin.get(address(message)))))
        assert admin.user.name in shown
        later = factories.make_message(
            Channel.BNSP, kind="jadwal/cetak", permohonan_id=case.id, payload={}
        )
        page = soup(admin.get(address(later)))
        field = page.select_one("label:-soup-contains('jadwal_id') + .row input")
        assert field["value"] == "4177"
        url = address(message, "admin.correct_message")
        assert admin.post(url, data={**data, "note": "Angkanya tertukar."}).status_code == 409
        assert admin.post(url, data={**data, "id_jadwal": "4178"}).status_code == 409, "no reason"
        data |= {"id_jadwal": "4178", "note": "Angkanya tertukar."}
        assert admin.post(url, data=data).status_code == 303
        assert db.session.query(OutboxAnswer).count() == 2

    def test_lpjk_number_records_the_case_and_the_row_together(self, admin, received):
        (message,) = rows(received, PENCATATAN)
        assert message.done_at is None
        assert rows(received, BLANKO)[0].done_how == "by_hand", "answered by the number that came"
        url = address(message, "admin.answer_message")
        version = received.version
        stale = admin.post(url, data={**LPJK, "version": version - 1})
        assert stale.status_code == 409
        assert (rows(received, PENCATATAN)[0].done_at, received.status) == (None, S.BLANKO_RECEIVED)
        done = admin.post(url, data={**LPJK, "version": version})
        assert done.status_code == 303, notices(soup(done))
        (message,) = rows(received, PENCATATAN)
        assert db.session.get(Permohonan, received.id).status is S.RECORDED
        assert (message.done_how, message.done_by_id) == ("by_hand", admin.user.id)
        (word,) = db.session.query(OutboxAnswer).filter_by(message_id=message.id)
        assert word.values == {"nomor_registrasi": LPJK["lpjk_number"], "qr": LPJK["lpjk_qr"]}
        assert admin.post(url, data={**LPJK, "version": version}).status_code == 303, (
            "pressed twice"
        )
        assert db.session.query(OutboxAnswer).filter_by(message_id=message.id).count() == 1
        url = address(message, "admin.reopen_message")
        assert admin.post(url, data={"note": "Keliru sekali."}).status_code == 409

    def test_numbers_typed_on_their_own_page_settle_the_row_too(self, admin, received):
        url = url_for("admin.record_lpjk", permohonan_id=received.public_id)
        answer = admin.post(url, data={**LPJK, "version": received.version})
        assert answer.status_code == 303
        assert rows(received, PENCATATAN)[0].done_by_id == admin.user.id

    def test_an_annulled_decision_takes_its_registration_back(self, cast, received):
        from tests.services import plenos

        plenos.annul(cast, received)
        db.session.commit()
        (message,) = rows(received, PENCATATAN)
        assert (message.done_how, message.error) == ("cancelled", "Replaced: annulled")


class TestRefused:
    def test_what_siki_may_lack_is_offered_to_be_done_again(self, admin, cast):
        case = factories.make_permohonan(status=S.VERIFIED)
        first, later = siki(case, "status 20"), siki(case, "status 10")
        admin.post(address(first, "admin.answer_message"))
        admin.post(address(later, "admin.refuse_message"), data={"note": "Belum ada status"})
        link = soup(admin.get(address(later))).select_one("#to-send .note a")
        assert link["href"] == address(first, keadaan="menunggu")

    def test_it_waits_with_its_words_and_is_done_again(self, admin, cast):
        message = factories.make_message()
        url = address(message, "admin.refuse_message")
        assert admin.post(url, data={"note": "pendek"}).status_code == 422
        words_there = "Status terakhir belum ada status"
        assert admin.post(url, data={"note": words_there}).status_code == 303
        page = soup(admin.get(address(message)))
        assert words_there in words(main(page))
        assert "ditolak" in words(page.select_one("#queue .list"))
        assert page.select_one("form[action*='kirim-lagi']") is None
        assert admin.post(address(message, "admin.answer_message")).status_code == 303
        db.session.expire_all()
        assert (message.done_how, message.error) == ("by_hand", "")


class TestReopen:
    def test_marked_by_mistake_it_waits_again_for_a_day(self, admin, cast):
        message = factories.make_message()
        admin.post(address(message, "admin.answer_message"))
        assert soup(admin.get(address(message))).select_one("a[href*='buka-lagi']") is not None
        assert admin.get(address(message, "admin.ask_reopen")).status_code == 200
        url = address(message, "admin.reopen_message")
        assert admin.post(url, data={"note": "salah"}).status_code == 422
        message.done_at = clock.now() - timedelta(hours=25)
        db.session.commit()
        late = admin.post(url, data={"note": "Baris yang salah."})
        assert late.status_code == 409
        assert notices(soup(late)) == ["Waktu untuk membukanya lagi sudah lewat."]
        message.done_at = clock.now() - timedelta(hours=23)
        db.session.commit()
        assert admin.post(url, data={"note": "Baris yang salah."}).status_code == 303
        db.session.expire_all()
        assert (message.done_at, message.done_how, message.done_by_id) == (None, "", None)
        assert "outbox.reopened" in actions()


class TestManyInARow:
    @pytest.mark.both
    def test_the_next_of_the_kind_opens_and_then_the_list(self, admin, cast):
        made = [factories.make_message() for _ in range(3)]
        other = factories.make_message(Channel.BNSP, kind="jadwal/cetak", payload={})
        page = soup(admin.get(url_for("admin.by_step")))
        assert [words(each) for each in page.select("#langkah ~ ul a, .list a")][:2] == [
            "Status 20", "Laporan cetak sertifikat",
        ]  # fmt: skip
        answer = admin.post(address(made[1], "admin.answer_message"))
        assert answer.location == address(made[2], keadaan="menunggu")
        answer = admin.post(address(made[2], "admin.answer_message"))
        assert answer.location == address(made[0], keadaan="menunggu"), "begins anew"
        answer = admin.post(address(made[0], "admin.answer_message"))
        assert answer.location == url_for("admin.queue", keadaan="menunggu")
        assert other.done_at is None


class TestNikAndZip:
    @pytest.fixture
    def message(self, cast):
        case = make_permohonan(S.IN_ASSESSMENT, cast=cast)
        return factories.make_message(
            Channel.BNSP, kind="jadwal/peserta/hasil-uji", permohonan_id=case.id,
            payload={"permohonan": case.public_id, "kompeten": 1},
        )  # fmt: skip

    def nik(self, message):
        return db.session.get(Permohonan, message.permohonan_id).fr_apl_01.nik

    def test_the_whole_nik_stands_while_it_is_to_be_typed_and_each_look_is_sealed(self, admin, message):  # fmt: skip
        nik = self.nik(message)
        assert nik in admin.get(address(message)).get_data(as_text=True)
        assert actions()[-1] == "nik.reveal"
        count = len(actions())
        admin.get(address(message))
        assert len(actions()) == count, "one line a day for a person and a case"
        admin.post(address(message, "admin.answer_message"))
        count = len(actions())
        assert nik not in admin.get(address(message)).get_data(as_text=True)
        content = admin.get(address(message, "admin.message_zip")).get_data()
        assert nik.encode() not in content
        assert actions()[count:] == ["outbox.download"]

    def test_the_zip_is_sealed_with_what_was_seen(self, admin, message):
        answer = admin.get(address(message, "admin.message_zip"))
        assert answer.headers["Cache-Control"] == "no-store"
        with zipfile.ZipFile(io.BytesIO(answer.get_data())) as opened:
            assert self.nik(message) in opened.read("isian.txt").decode("utf-8-sig")
        assert actions()[-2:] == ["nik.reveal", "outbox.download"]

    def test_nobody_does_his_own_case(self, app, cast):
        own = factories.make_user(Role.ADMIN, Role.ASESI)
        case = make_permohonan(S.IN_ASSESSMENT, cast=cast, asesi=own)
        message = factories.make_message(
            Channel.BNSP, kind="jadwal/peserta/hasil-uji", permohonan_id=case.id, payload={"kompeten": 1}
        )  # fmt: skip
        browser = factories.browser_of(app, own)
        page = browser.get(address(message)).get_data(as_text=True)
        assert "permohonan Anda sendiri" in page
        assert self.nik(message) not in page
        assert browser.get(address(message, "admin.message_zip")).status_code == 404
        assert browser.post(address(message, "admin.answer_message")).status_code == 404
