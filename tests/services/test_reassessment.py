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
from lsp.models import OutboxMessage, Permohonan
from lsp.services import case_reading, clocks, reassessment
from lsp.vocabulary import InvoiceKind, InvoiceStatus, PermohonanStatus
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards import decision as guards
from lsp.workflow.permohonan import PERMOHONAN
from tests import factories
from tests.html import errors, filled, form, links, main, soup, words
from tests.htmx import HX, same, swap
from tests.workflow.cases import actor_of, make_cast, make_permohonan, upload

S = PermohonanStatus
ASK = "Ajukan asesmen ulang"


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

    def test_the_result_offers_it_once(self, case, sign_in):
        browser = sign_in(case.asesi)
        page = soup(browser.get(self.to(case)))
        button = page.find("button", string=ASK)
        assert button is not None
        answer = browser.post(self.to(case, "asesi.ask_reassessment"))
        assert answer.status_code == 303
        after = soup(browser.get(self.to(case)))
        assert after.find("button", string=ASK) is None
        assert "permintaan Anda sudah kami terima" in words(main(after))
        browser.post(self.to(case, "asesi.ask_reassessment"))
        sent = db.session.query(OutboxMessage).filter_by(kind="reassessment_asked_admin")
        assert {row.payload["context"]["asesi_name"] for row in sent} == {case.asesi_name}
        asked = [row for row in fresh(case).events if row.transition == guards.ASKED_AGAIN]
        assert len(asked) == 1

    def test_panel_equals_page(self, case, sign_in):
        browser = sign_in(case.asesi)
        page = soup(browser.get(self.to(case)))
        swap(
            page, browser.post(self.to(case, "asesi.ask_reassessment"), headers=HX), "#result-panel"
        )
        assert same(page.main, soup(browser.get(self.to(case))).main)

    def test_too_late_is_said(self, case, sign_in):
        long_ago(case)
        browser = sign_in(case.asesi)
        assert soup(browser.get(self.to(case))).find("button", string=ASK) is None
        answer = browser.post(self.to(case, "asesi.ask_reassessment"))
        assert answer.status_code == 409
        assert "dalam 180 hari" in words(main(soup(answer)))


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
            assert guards.reassessment_left(fresh(case), actor_of(cast.admin), "") is None

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
