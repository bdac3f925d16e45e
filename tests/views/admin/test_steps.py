"""Steps and money: buttons from the workflow, weighty ones through a page, and what happens when it is too late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import Fee, OutboxMessage, Permohonan
from lsp.models.inforce import setting
from lsp.services import clocks, fees
from lsp.views.admin.case_steps import WEIGHTY
from lsp.views.filters import rupiah, tanggal
from lsp.vocabulary import InvoiceKind, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.payment import new_invoice
from lsp.workflow.permohonan import TRANSITIONS
from tests.html import errors, filled, form, h1, notices, soup, words
from tests.htmx import HX
from tests.workflow.cases import make_cast, make_permohonan

S = PermohonanStatus
REASON = "Asesi meminta lewat telepon hari ini."


def address(case, endpoint="admin.permohonan", **query):
    return url_for(endpoint, permohonan_id=case.public_id, **query)


def status_of(case):
    db.session.expire_all()
    return db.session.get(Permohonan, case.id).status


class TestButtons:
    def test_a_step_that_cannot_be_done_says_why(self, admin):
        case = make_permohonan(S.SUBMITTED, work_done=False)
        steps = soup(admin.get(address(case))).select_one("#steps")
        button = steps.find("button", string="Nyatakan lengkap")
        assert button.has_attr("disabled")
        assert "belum dinilai" in words(steps.find(id=button["aria-describedby"]))

    def test_leaving_is_written_down_by_the_admin_not_declared(self, admin):
        steps = soup(admin.get(address(make_permohonan(S.SUBMITTED)))).select_one("#steps")
        assert "Catat pengunduran diri…" in words(steps)

    def test_nothing_of_another_role_is_offered(self, sign_in):
        both = sign_in(Role.ADMIN, Role.KETUA)
        steps = soup(both.get(address(make_permohonan(S.RECORDED)))).select_one("#steps")
        assert "Terbitkan sertifikat" not in words(steps)

    def test_every_weighty_step_is_in_the_table(self):
        assert WEIGHTY.keys() <= {row.name for row in TRANSITIONS}


class TestStep:
    @pytest.mark.parametrize("how", [{}, HX])
    def test_verify_moves_on_and_keeps_the_list(self, admin, how):
        case = make_permohonan(S.SUBMITTED)
        data = {"version": case.version, "dari": "kerja=verifikasi"}
        answer = admin.post(address(case, "admin.step", name="verify"), data=data, headers=how)
        assert answer.status_code == (204 if how else 303)
        goes = answer.headers["HX-Redirect" if how else "Location"]
        assert goes == address(case, dari="kerja=verifikasi")
        assert status_of(case) is S.VERIFIED
        assert "Berkas dinyatakan lengkap." in notices(soup(admin.get(goes)))[0]

    def test_twice_does_it_once(self, admin):
        case = make_permohonan(S.VERIFIED)
        data = {"version": case.version}
        admin.post(address(case, "admin.step", name="invoice"), data=data)
        answer = admin.post(address(case, "admin.step", name="invoice"), data=data)
        assert answer.status_code == 409
        assert "Data sudah berubah" in " ".join(notices(soup(answer)))
        db.session.expire_all()
        assert len(dossier_of(db.session.get(Permohonan, case.id)).invoices) == 1

    @pytest.mark.parametrize("how", [{}, HX])
    def test_stale_shows_the_case_as_it_is_now(self, admin, how):
        case = make_permohonan(S.COMPETENT)
        answer = admin.post(
            address(case, "admin.step", name="request_blanko"),
            data={"version": case.version + 1},
            headers=how,
        )
        assert answer.status_code == 409
        assert words(soup(answer).select_one("#case .badge")) == "Kompeten"

    def test_a_guard_speaks(self, admin):
        case = make_permohonan(S.SUBMITTED, work_done=False)
        data = {"version": case.version}
        answer = admin.post(address(case, "admin.step", name="verify"), data=data)
        assert answer.status_code == 409
        assert "belum dinilai" in " ".join(notices(soup(answer)))

    @pytest.mark.parametrize(
        "name", ["submit", "issue", "confirm_payment", "decide_competent", "tidak_ada"]
    )
    def test_what_is_not_pressed_here_is_not_found(self, admin, name):
        case = make_permohonan(S.INVOICED)
        data = {"version": case.version, "note": REASON}
        assert admin.post(address(case, "admin.step", name=name), data=data).status_code == 404

    def test_without_a_version_nothing_happens(self, admin):
        case = make_permohonan(S.SUBMITTED)
        answer = admin.post(address(case, "admin.step", name="verify"))
        assert answer.status_code == 422
        assert status_of(case) is S.SUBMITTED


class TestAskedBefore:
    """What tells the asesi at once is asked about first, and the bill is seen before it goes."""

    @pytest.fixture
    def verified(self):
        return make_permohonan(S.VERIFIED)

    def test_the_bill_stands_by_the_button_and_on_the_page_before_it_goes(self, admin, verified):
        case = soup(admin.get(address(verified)))
        asked = soup(admin.get(case.find("a", string="Kirim tagihan…")["href"]))
        due = tanggal(clock.today_wib() + timedelta(days=int(setting("invoice_days"))))
        bill = fees.bill_of(verified)
        for said in (words(case.select_one("#steps")), words(asked)):
            assert f"Tagihan {rupiah(bill.amount)}, batas bayar {due}." in said
            assert verified.asesi.email in said
        assert asked.select_one("textarea") is None
        assert asked.select_one("main button[autofocus]") is not None
        action = address(verified, "admin.step", name="invoice")
        assert admin.post(action, data=filled(form(asked, action))).status_code == 303
        assert status_of(verified) is S.INVOICED
        (invoice,) = dossier_of(db.session.get(Permohonan, verified.id)).invoices
        assert (invoice.amount, invoice.due_on) == (bill.amount, bill.due_on)

    def test_a_fee_that_changed_since_is_asked_about_again(self, admin, verified):
        action = address(verified, "admin.step", name="invoice")
        asked = form(soup(admin.get(address(verified, "admin.ask_step", name="invoice"))), action)
        for row in db.session.scalars(select(Fee)):
            row.amount += 5_000
        db.session.commit()
        answer = admin.post(action, data=filled(asked))
        assert answer.status_code == 409
        assert "Biayanya baru saja berubah" in " ".join(notices(soup(answer)))
        assert status_of(verified) is S.VERIFIED
        assert admin.post(action, data=filled(form(soup(answer), action))).status_code == 303

    def test_a_bill_over_nothing_says_so(self, admin, verified):
        for row in db.session.scalars(select(Fee)):
            row.amount = 0
        db.session.commit()
        asked = words(soup(admin.get(address(verified, "admin.ask_step", name="invoice"))))
        assert "Tagihan nol rupiah: langsung lunas" in asked

    def test_complete_is_asked_about(self, admin):
        case = make_permohonan(S.SUBMITTED)
        link = soup(admin.get(address(case))).find("a", string="Nyatakan lengkap…")["href"]
        asked = soup(admin.get(link))
        assert h1(asked) == "Nyatakan berkas lengkap?"
        action = address(case, "admin.step", name="verify")
        assert admin.post(action, data=filled(form(asked, action))).status_code == 303
        assert status_of(case) is S.VERIFIED


class TestWeighty:
    def test_the_page_says_what_will_happen(self, admin):
        case = make_permohonan(S.SUBMITTED)
        link = soup(admin.get(address(case))).find("a", string="Tolak…")["href"]
        page = soup(admin.get(link))
        assert h1(page) == "Tolak permohonan ini?"
        assert case.asesi_name in words(page.select_one("#akibat").find_parent("section"))

    def test_with_a_reason_it_is_done(self, admin):
        case = make_permohonan(S.SUBMITTED)
        page = soup(
            admin.get(address(case, "admin.ask_step", name="reject", dari="kerja=verifikasi"))
        )
        action = address(case, "admin.step", name="reject")
        answer = admin.post(action, data=filled(form(page, action)) | {"note": REASON})
        assert answer.location == address(case, dari="kerja=verifikasi")
        assert status_of(case) is S.REJECTED
        assert REASON in words(soup(admin.get(answer.location)).select_one("#riwayat"))

    @pytest.mark.parametrize("name", ["reject", "withdraw"])
    def test_a_short_reason_is_kept_and_refused(self, admin, name):
        case = make_permohonan(S.SUBMITTED)
        data = {"version": case.version, "note": "pendek"}
        answer = admin.post(address(case, "admin.step", name=name), data=data)
        assert answer.status_code == 422
        assert "sedikitnya" in errors(soup(answer))["note"]
        assert soup(answer).select_one("textarea").get_text().strip() == "pendek"
        assert status_of(case) is S.SUBMITTED

    def test_too_late_keeps_the_reason(self, admin):
        case = make_permohonan(S.SUBMITTED)
        data = {"version": case.version - 1, "note": REASON}
        answer = admin.post(address(case, "admin.step", name="reject"), data=data)
        assert answer.status_code == 409
        assert "Data sudah berubah" in notices(soup(answer))[0]
        assert soup(answer).select_one("textarea").get_text().strip() == REASON

    def test_when_the_step_is_gone_the_reason_stands_in_the_notice(self, admin):
        case = make_permohonan(S.REJECTED)
        data = {"version": case.version, "note": REASON}
        answer = admin.post(address(case, "admin.step", name="reject"), data=data)
        assert answer.status_code == 409
        assert REASON in " ".join(notices(soup(answer)))

    def test_the_page_of_a_step_that_is_gone_leads_back(self, admin):
        case = make_permohonan(S.REJECTED)
        answer = admin.get(address(case, "admin.ask_step", name="reject"))
        assert answer.location == address(case)

    def test_a_light_step_has_no_page(self, admin):
        case = make_permohonan(S.COMPETENT)
        assert admin.get(address(case, "admin.ask_step", name="request_blanko")).status_code == 404
        assert admin.get(address(case, "admin.ask_step", name="annul")).status_code == 404

    def test_extend_gives_a_new_date(self, admin):
        case = make_permohonan(S.INVOICED)
        data = {"version": case.version, "note": ""}
        assert admin.post(address(case, "admin.step", name="extend"), data=data).status_code == 303
        db.session.expire_all()
        assert dossier_of(db.session.get(Permohonan, case.id)).invoices[0].extended


class TestMoney:
    @pytest.fixture
    def invoiced(self, app):
        return make_permohonan(S.INVOICED, cast=make_cast(), work_done=False)

    def pay(self, admin, case, **data):
        values = {"version": case.version, "reason": "Terlihat di mutasi."} | data
        return admin.post(address(case, "admin.receive_money"), data=values)

    def test_the_right_amount_closes_it(self, admin, invoiced):
        amount = dossier_of(invoiced).open_invoice.amount
        answer = self.pay(admin, invoiced, amount=f"Rp{amount:,}".replace(",", "."))
        assert answer.status_code == 303
        assert status_of(invoiced) is S.PAID

    def test_a_difference_is_confirmed_where_the_case_stands(self, admin):
        case = make_permohonan(S.READY, cast=make_cast())
        invoice = new_invoice(case, InvoiceKind.SELISIH, 200_000)
        db.session.commit()
        page = soup(admin.get(address(case)))
        assert invoice.number in page.select_one("#receipt").get_text()
        assert self.pay(admin, case, amount="200000").status_code == 303
        assert status_of(case) is S.READY
        assert dossier_of(db.session.get(Permohonan, case.id)).open_invoice is None

    @pytest.mark.parametrize("amount", ["", "banyak", "-5", "1e9", "9" * 20])
    def test_what_is_no_amount(self, admin, invoiced, amount):
        answer = self.pay(admin, invoiced, amount=amount)
        assert answer.status_code == 422
        assert "amount" in errors(soup(answer))
        assert soup(answer).select_one("[name=amount]")["value"] == amount

    def test_twice_pays_once(self, admin, invoiced):
        amount = dossier_of(invoiced).open_invoice.amount
        version = invoiced.version
        self.pay(admin, invoiced, amount=amount)
        assert self.pay(admin, invoiced, amount=amount, version=version).status_code == 409
        assert status_of(invoiced) is S.PAID

    def test_a_proof_declined_after_the_due_date_leaves_days_for_another(self, admin):
        case = make_permohonan(S.INVOICED)
        dossier_of(case).open_invoice.due_on = clock.today_wib() - timedelta(days=10)
        db.session.commit()
        values = {"version": case.version, "note": "Jumlah di foto tidak terbaca."}
        answer = admin.post(address(case, "admin.decline_proof"), data=values)
        db.session.expire_all()
        until = clock.today_wib() + timedelta(days=3)
        assert dossier_of(case).open_invoice.due_on == until
        assert tanggal(until) in words(soup(admin.get(answer.location)))
        mail = db.session.query(OutboxMessage).filter_by(kind="proof_declined").one()
        assert mail.payload["context"]["due"] == until.isoformat()
        assert clocks.move_what_is_due() == 0
        assert status_of(case) is S.INVOICED

    def test_a_proof_that_does_not_fit_is_let_go(self, admin):
        case = make_permohonan(S.INVOICED)
        assert dossier_of(case).open_invoice.proof_document_id is not None
        link = soup(admin.get(address(case))).select_one("#receipt a.bad")["href"]
        page = soup(admin.get(link))
        action = address(case, "admin.decline_proof")
        values = filled(form(page, action)) | {"note": "Jumlah di foto tidak terbaca."}
        assert admin.post(action, data=values | {"note": "buram"}).status_code == 422
        assert admin.post(action, data=values).status_code == 303
        mail = db.session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind == "proof_declined")
        ).one()
        assert mail.payload["context"]["reason"] == "Jumlah di foto tidak terbaca."
        db.session.expire_all()
        assert (
            dossier_of(db.session.get(Permohonan, case.id)).open_invoice.proof_document_id is None
        )
