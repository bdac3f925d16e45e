"""From the asesi's request over the invoice to the new attempt, on the pages of both."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import url_for

from lsp import clock
from lsp.actor import SYSTEM
from lsp.database import db
from lsp.errors import DomainError
from lsp.gateways.mail import render
from lsp.models import OutboxMessage, Permohonan
from lsp.services import case_reading, clocks, reassessment
from lsp.views.filters import tanggal
from lsp.vocabulary import InvoiceKind, InvoiceStatus, PermohonanStatus
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards import after_decision as after_guards
from lsp.workflow.permohonan import PERMOHONAN
from tests import factories
from tests.html import errors, filled, form, links, main, soup, words
from tests.workflow.cases import actor_of, make_cast, make_permohonan, tell, upload

S = PermohonanStatus
ASK = "Ajukan asesmen ulang"
MAIL_FRAME = {
    "name": "X",
    "base_url": "https://lsp.example",
    "lembaga_name": "LSP",
    "home_zone": "",
}


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def case(cast):
    return make_permohonan(S.NOT_YET_COMPETENT, cast=cast, result_opened_at=clock.now())


def fresh(case):
    db.session.expire_all()
    return db.session.get_one(Permohonan, case.id)


def long_ago(case):
    """Both windows are over."""
    case.decided_at = clock.now() - timedelta(days=200)
    case.result_opened_at = case.result_mailed_at = clock.now() - timedelta(days=100)
    db.session.commit()


class TestAsking:
    def to(self, case, endpoint="asesi.result"):
        return url_for(endpoint, permohonan_id=case.public_id)

    def test_the_result_offers_it_once_on_a_page_of_its_own(self, case, sign_in):
        browser = sign_in(case.asesi)
        page = soup(browser.get(self.to(case)))
        asking = soup(browser.get(links(main(page))[f"{ASK}…"]))
        assert reassessment.is_asked(fresh(case)) is False
        answer = browser.post(form(asking, self.to(case, "asesi.ask_reassessment"))["action"])
        assert answer.status_code == 303
        after = soup(browser.get(self.to(case)))
        assert f"{ASK}…" not in links(main(after))
        assert "permintaan Anda sudah kami terima" in words(main(after))
        assert "Terima hasil, tutup permohonan…" in links(main(page))
        assert "Terima hasil, tutup permohonan…" not in links(main(after)), (
            "both at once fit nobody"
        )
        browser.post(self.to(case, "asesi.ask_reassessment"))
        sent = db.session.query(OutboxMessage).filter_by(kind="reassessment_asked_admin")
        assert {row.payload["context"]["asesi_name"] for row in sent} == {case.asesi_name}
        asked = [row for row in fresh(case).events if row.transition == after_guards.ASKED_AGAIN]
        assert len(asked) == 1

    def test_before_asking_it_says_that_the_banding_ends(self, case, sign_in):
        browser = sign_in(case.asesi)
        until = tanggal(after_guards.appeal_until(case))
        ends = f"tidak dapat dibanding lagi. Sampai saat itu banding masih dapat diajukan, paling lambat {until}"
        assert ends in words(main(soup(browser.get(self.to(case, "asesi.reassessment")))))

    def test_where_nothing_can_be_contested_nothing_is_said_of_it(self, case, sign_in):
        case.result_opened_at = clock.now() - timedelta(days=90)
        db.session.commit()
        page = soup(sign_in(case.asesi).get(self.to(case, "asesi.reassessment")))
        assert page.find("button", string=ASK) is not None
        assert "dibanding" not in words(main(page))

    def test_too_late_is_said(self, case, sign_in):
        long_ago(case)
        browser = sign_in(case.asesi)
        assert f"{ASK}…" not in links(main(soup(browser.get(self.to(case)))))
        answer = browser.post(self.to(case, "asesi.ask_reassessment"))
        assert answer.status_code == 409
        assert "dalam 180 hari" in words(main(soup(answer)))


class TestTakingBack:
    """As long as nothing was opened or paid, the request is the asesi's to take back."""

    def to(self, case):
        return url_for("asesi.take_back_reassessment", permohonan_id=case.public_id)

    def ask(self, case):
        reassessment.ask(actor_of(case.asesi), case)
        db.session.commit()
        return case.version

    def test_the_bill_is_void_and_the_choices_are_there_again(self, cast, case, sign_in):
        self.ask(case)
        bill = TestInvoice().make(cast, case, 500_000)
        db.session.commit()
        browser = sign_in(case.asesi)
        result = url_for("asesi.result", permohonan_id=case.public_id)
        way = links(main(soup(browser.get(result))))["Tarik permintaan…"]
        question = soup(browser.get(way))
        assert f"Tagihan {bill.number} batal" in words(main(question))
        admin = sign_in(cast.admin)
        assert case.asesi_name in words(main(soup(admin.get("/admin?kerja=ulang"))))
        data = filled(form(question, self.to(case)))
        assert browser.post(self.to(case), data=data).status_code == 303
        assert db.session.get_one(type(bill), bill.id).status is InvoiceStatus.VOID
        assert f"{ASK}…" in links(main(soup(browser.get(result))))
        assert case.asesi_name not in words(main(soup(admin.get("/admin?kerja=ulang"))))
        self.ask(fresh(case))
        assert reassessment.is_asked(fresh(case))

    def test_an_admin_about_to_open_it_reads_anew(self, cast, case, sign_in):
        self.ask(case)
        TestInvoice().make(cast, case, 0)
        db.session.commit()
        seen = case.version
        sign_in(case.asesi).post(self.to(case), data={"version": seen})
        assert not reassessment.is_asked(fresh(case))
        step = url_for("admin.step", permohonan_id=case.public_id, name="reassess")
        answer = sign_in(cast.admin).post(step, data={"version": seen})
        assert "Asesi tidak memintanya di portal" in words(main(soup(answer)))
        assert fresh(case).status is S.NOT_YET_COMPETENT

    def test_what_was_paid_for_is_not_taken_back(self, cast, case, sign_in):
        self.ask(case)
        bill = TestInvoice().make(cast, case, 500_000)
        bill.proof_document_id = upload(case, "Bukti bayar", "payment_proof").id
        db.session.commit()
        answer = sign_in(case.asesi).post(self.to(case), data={"version": case.version})
        assert answer.status_code == 409
        assert "Pembayarannya sudah masuk" in words(main(soup(answer)))
        assert reassessment.is_asked(fresh(case))

    def test_an_old_page_takes_back_nothing(self, case, sign_in):
        stale = self.ask(case) + 1
        answer = sign_in(case.asesi).post(self.to(case), data={"version": stale})
        assert answer.status_code == 409
        assert reassessment.is_asked(fresh(case))


class TestAfterABanding:
    """A request is of one decision: what is found anew is asked about anew, and money that came is not lost."""

    @pytest.fixture
    def found_anew(self, case):
        """Asked for, contested, sent to another pleno, and found "belum kompeten" again."""
        reassessment.ask(actor_of(case.asesi), case)
        tell(case, "appeal", S.NOT_YET_COMPETENT, S.APPEALED)
        tell(case, "grant_redecision", S.APPEALED, S.RECOMMENDED)
        tell(case, "decide_not_yet", S.RECOMMENDED, S.NOT_YET_COMPETENT)
        db.session.commit()
        return fresh(case)

    def test_an_old_request_is_not_shown_again(self, cast, found_anew, sign_in):
        case = found_anew
        assert not reassessment.is_asked(case)
        browser, admin = sign_in(case.asesi), sign_in(cast.admin)
        result = url_for("asesi.result", permohonan_id=case.public_id)
        assert f"{ASK}…" in links(main(soup(browser.get(result))))
        assert case.asesi_name not in words(main(soup(admin.get("/admin?kerja=ulang"))))
        reassessment.ask(actor_of(case.asesi), case)
        db.session.commit()
        assert reassessment.is_asked(fresh(case))
        assert case.asesi_name in words(main(soup(admin.get("/admin?kerja=ulang"))))

    def test_one_of_a_decision_that_was_upheld_stands(self, case):
        reassessment.ask(actor_of(case.asesi), case)
        tell(case, "appeal", S.NOT_YET_COMPETENT, S.APPEALED)
        tell(case, "uphold", S.APPEALED, S.NOT_YET_COMPETENT)
        db.session.commit()
        assert reassessment.is_asked(fresh(case))

    @pytest.mark.parametrize("came", ["nothing", "proof", "money"])
    def test_the_clock_closes_it_only_where_no_money_came(self, cast, case, came):
        bill = TestInvoice().make(cast, case, 500_000)
        if came == "proof":
            bill.proof_document_id = upload(case, "Bukti bayar", "payment_proof").id
        elif came == "money":
            bill.status, bill.paid_at = InvoiceStatus.PAID, clock.now()
        tell(case, "decide_not_yet", S.RECOMMENDED, S.NOT_YET_COMPETENT)
        long_ago(case)
        said = after_guards.windows_over_or_declined(fresh(case), SYSTEM, "")
        assert (said is None) is (came == "nothing"), said


class TestWhatItTakesFromTheAsesi:
    """Opening it ends the right of banding: said on the bill, in its mail, and to the admin before he opens it."""

    def test_bill_mail_and_admin_name_the_last_day(self, cast, case, sign_in):
        reassessment.ask(actor_of(case.asesi), case)
        TestInvoice().make(cast, case, 500_000)
        db.session.commit()
        until = tanggal(after_guards.appeal_until(case))
        mail = db.session.query(OutboxMessage).filter_by(kind="invoice_issued").one()
        text = render(mail.kind, {**mail.payload["context"], **MAIL_FRAME})[1]
        bill = url_for("asesi.payment", permohonan_id=case.public_id)
        step = url_for("admin.ask_step", permohonan_id=case.public_id, name="reassess")
        making = url_for("admin.reassessment_invoice", permohonan_id=case.public_id)
        assert (
            f"Sampai dibuka, banding masih dapat diajukan paling lambat {until.partition(', ')[2]}"
            in text
        )
        said = f"tidak dapat dibanding lagi. Sampai saat itu banding masih dapat diajukan, paling lambat {until}"
        assert said in words(main(soup(sign_in(case.asesi).get(bill))))
        assert said in words(main(soup(sign_in(cast.admin).get(step))))
        reassessment.open_invoice(case).status = InvoiceStatus.VOID
        db.session.commit()
        assert said in words(main(soup(sign_in(cast.admin).get(making))))


class TestInvoice:
    def make(self, cast, case, amount):
        return reassessment.make_invoice(
            actor_of(cast.admin), case, amount=amount, version=case.version
        )

    def test_the_whole_way_on_the_admins_pages(self, cast, case, sign_in):
        reassessment.ask(actor_of(case.asesi), case)
        db.session.commit()
        admin = sign_in(cast.admin)
        assert case.asesi_name in words(soup(admin.get("/admin?kerja=ulang")))
        case_url = url_for("admin.permohonan", permohonan_id=case.public_id)
        form_url = links(soup(admin.get(case_url)))["Buat tagihan asesmen ulang…"]
        bad = admin.post(form_url, data={"version": case.version, "amount": "gratis"})
        assert bad.status_code == 422
        data = {"version": case.version, "amount": "500.000"}
        assert admin.post(form_url, data=data).status_code == 303
        again = admin.post(form_url, data=data)
        assert again.status_code == 409
        assert "sudah dikirim" in words(soup(again))
        assert "Buat tagihan asesmen ulang…" not in links(soup(admin.get(case_url)))
        paid = {"version": case.version, "amount": "500000", "reason": "Terlihat di mutasi."}
        admin.post(url_for("admin.receive_money", permohonan_id=case.public_id), data=paid)
        case = fresh(case)
        assert case.status is S.NOT_YET_COMPETENT
        step = url_for("admin.step", permohonan_id=case.public_id, name="reassess")
        admin.post(step, data={"version": case.version})
        assert (fresh(case).status, fresh(case).attempt) == (S.READY, 2)

    def test_the_card_of_the_asesi_waits_with_him_and_asks_for_the_money(self, cast, case, sign_in):
        browser = sign_in(case.asesi)
        home = url_for("asesi.permohonan", permohonan_id=case.public_id)

        def card():
            return words(soup(browser.get(home)).find(class_="now"))

        assert "Anda belum dinyatakan kompeten" in card()
        reassessment.ask(actor_of(case.asesi), case)
        db.session.commit()
        assert "Sedang kami kerjakan Tunggu asesmen ulang dibuka" in card()
        self.make(cast, case, 500_000)
        db.session.commit()
        assert "Langkah Anda sekarang Bayar Rp500.000 Ini biaya asesmen ulang." in card()

    def test_a_second_attempt_is_announced_as_such_and_leads_to_the_first(
        self, cast, case, sign_in
    ):
        self.make(cast, case, 0)
        PERMOHONAN.perform(case, "reassess", actor_of(cast.admin), version=case.version)
        db.session.commit()
        browser = sign_in(case.asesi)
        home = soup(browser.get(url_for("asesi.permohonan", permohonan_id=case.public_id)))
        assert "Pilih jadwal asesmen ulang" in words(home.find(class_="now"))
        result = soup(browser.get(url_for("asesi.result", permohonan_id=case.public_id)))
        way = links(main(result))["Baca hasil asesmen sebelumnya"]
        path, _, anchor = way.partition("#")
        assert soup(browser.get(path)).find(id=anchor) is not None

    def test_without_cost_nothing_is_asked_of_the_asesi(self, cast, case):
        invoice = self.make(cast, case, 0)
        assert invoice.status is InvoiceStatus.PAID
        assert db.session.query(OutboxMessage).filter_by(kind="invoice_issued").count() == 0
        PERMOHONAN.perform(case, "reassess", actor_of(cast.admin), version=case.version)
        assert case.status is S.READY

    def test_only_for_who_was_found_not_yet_competent(self, cast):
        with pytest.raises(DomainError, match="tidak dapat diminta"):
            self.make(cast, make_permohonan(S.COMPETENT, cast=cast), 0)

    def test_a_banding_that_grants_it_takes_the_bill_back(self, cast, case):
        invoice = self.make(cast, case, 500_000)
        asesi = actor_of(case.asesi)
        PERMOHONAN.perform(
            case, "appeal", asesi, version=case.version, note="Bukti tidak dibaca semua."
        )
        PERMOHONAN.perform(case, "grant_reassessment", SYSTEM, version=case.version)
        assert invoice.status is InvoiceStatus.VOID


class TestFee:
    """The fee of an asesmen ulang is the LSP's row, and another amount has its reason."""

    @pytest.fixture
    def fee(self, case):
        return factories.make_fee(
            500_000,
            jenjang=case.skema_version.jenjang,
            kind=case.kind,
            mode=case.mode,
            purpose=InvoiceKind.REASESMEN,
        )

    def test_asesi_and_admin_see_it(self, cast, case, fee, sign_in):
        result = url_for("asesi.result", permohonan_id=case.public_id)
        shown = words(main(soup(sign_in(case.asesi).get(result))))
        assert "Biayanya Rp500.000." in shown
        address = url_for("admin.reassessment_invoice", permohonan_id=case.public_id)
        page = soup(sign_in(cast.admin).get(address))
        assert filled(form(page, address))["amount"] == "500000"

    def test_without_one_the_admin_is_led_to_it(self, cast, case, sign_in):
        address = url_for("admin.reassessment_invoice", permohonan_id=case.public_id)
        page = soup(sign_in(cast.admin).get(address))
        assert "purpose=reasesmen" in links(page)["Catat di Pengaturan"]

    def test_another_amount_wants_a_reason_that_stays_in_the_history(
        self, cast, case, fee, sign_in
    ):
        address = url_for("admin.reassessment_invoice", permohonan_id=case.public_id)
        admin = sign_in(cast.admin)
        data = {"version": case.version, "amount": "250.000"}
        refused = admin.post(address, data=data)
        assert refused.status_code == 422
        assert "Rp500.000" in errors(soup(refused))["reason"]
        assert reassessment.open_invoice(fresh(case)) is None
        admin.post(address, data=data | {"reason": "Sakit saat asesmen pertama."})
        assert reassessment.open_invoice(fresh(case)).amount == 250_000
        lines = case_reading.history(fresh(case))
        assert lines[0].note == "Rp250.000. Sakit saat asesmen pertama."


class TestWhoAskedInTime:
    def test_is_not_closed_out_while_the_lsp_is_slow(self, cast, case):
        reassessment.ask(actor_of(case.asesi), case)
        db.session.commit()
        with time_machine.travel(clock.now() + timedelta(days=200), tick=False):
            assert clocks.move_what_is_due() == 0
            assert fresh(case).status is S.NOT_YET_COMPETENT
            assert after_guards.reassessment_left(fresh(case), actor_of(cast.admin), "") is None

    def test_but_is_when_he_leaves_the_bill_lying(self, cast, case):
        reassessment.ask(actor_of(case.asesi), case)
        invoice = TestInvoice().make(cast, case, 500_000)
        long_ago(case)
        invoice.due_on = clock.today_wib()
        db.session.commit()
        assert clocks.move_what_is_due() == 0
        invoice.due_on = clock.today_wib() - timedelta(days=1)
        invoice.proof_document_id = upload(case, "Bukti bayar", "payment_proof").id
        db.session.commit()
        assert clocks.move_what_is_due() == 0, "a proof waits to be looked at"
        invoice.proof_document_id = None
        db.session.commit()
        assert clocks.move_what_is_due() == 1
        assert dossier_of(fresh(case)).open_invoice is None
