"""Money that is not the invoice's amount, the account it goes to, and fees that lack."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import time_machine
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import (
    AuditEvent,
    Invoice,
    OutboxMessage,
    PaymentAccount,
    PaymentReceipt,
    Permohonan,
    PermohonanEvent,
    Setting,
)
from lsp.models.inforce import payment_account
from lsp.services import clocks, payment
from lsp.services.payment_accounts import fee_gaps
from lsp.vocabulary import InvoiceKind, InvoiceStatus, Mode, PermohonanStatus, RequestKind, Role
from lsp.worker import drain
from lsp.workflow.effects.payment import new_invoice
from lsp.workflow.permohonan import PERMOHONAN
from tests import factories
from tests.html import errors, filled, form, h1, links, notices, soup, words
from tests.workflow.cases import actor_of, make_cast, make_permohonan, upload

S = PermohonanStatus


@pytest.fixture
def case(app):
    made = make_permohonan(S.INVOICED)
    db.session.commit()
    return made


def invoice_of(case):
    return db.session.scalars(
        select(Invoice).where(Invoice.permohonan_id == case.id).execution_options(populate_existing=True)
    ).one()  # fmt: skip


def status_of(case):
    return db.session.get_one(Permohonan, case.id, populate_existing=True).status


def mails(kind, **more):
    return db.session.query(OutboxMessage).filter_by(kind=kind, **more).order_by(OutboxMessage.id)


def pay(admin, case, amount, **more):
    values = {"version": case.version, "amount": str(amount), "reason": "Terlihat di mutasi."}
    return admin.post(url_for("admin.receive_money", permohonan_id=case.public_id), data=values | more)  # fmt: skip


def pay_surely(admin, case, amount):
    """As a person does: read what is asked, press the button there."""
    asked = pay(admin, case, amount)
    assert asked.status_code == 200
    action = url_for("admin.receive_money", permohonan_id=case.public_id)
    return admin.post(action, data=filled(form(soup(asked), action)))


class TestTooLittle:
    def test_it_is_asked_about_and_nothing_noted_before(self, admin, case):
        page = soup(pay(admin, case, 600_000))
        assert h1(page) == "Uang masuk Rp600.000, tagihan Rp1.100.000?"
        assert "Kurang Rp500.000" in words(page)
        assert invoice_of(case).paid_amount is None

    @pytest.mark.both
    def test_it_is_noted_and_the_asesi_is_asked_for_the_rest(self, admin, case):
        answer = pay_surely(admin, case, 600_000)
        assert answer.status_code == 303
        invoice = invoice_of(case)
        assert (invoice.status, invoice.paid_amount) == (InvoiceStatus.OPEN, 600_000)
        assert invoice.proof_document_id is None, "it was looked at; the next one can be sent"
        assert status_of(case) is S.INVOICED
        mail = db.session.query(OutboxMessage).filter_by(kind="payment_short").one()
        assert mail.payload["context"]["rest"] == "Rp500.000"
        assert "kurang Rp500.000" in words(soup(admin.get(answer.location)).select_one("#receipt"))

    def test_the_asesi_reads_what_came_and_what_lacks(self, app, admin, case):
        pay_surely(admin, case, 600_000)
        browser = factories.browser_of(app, case.asesi)
        page = soup(browser.get(url_for("asesi.payment", permohonan_id=case.public_id)))
        assert any("Masih kurang Rp500.000" in each for each in notices(page))
        assert "belum menunjukkan" not in words(page)

    def test_sent_twice_it_is_noted_once_and_the_rest_is_reminded_of(self, admin, case):
        invoice_of(case).due_on = clock.today_wib() + timedelta(days=20)
        db.session.commit()
        version = case.version
        answers = [pay(admin, case, 600_000, version=version, sure="ya") for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 409]
        assert invoice_of(case).paid_amount == 600_000
        assert mails("payment_short").count() == 1
        assert mails("invoice_reminder", done_at=None).count() == 1

    def test_noted_again_after_a_mistyped_sum_the_rest_is_told_and_reminded_of(self, admin, case):
        invoice_of(case).due_on = clock.today_wib() + timedelta(days=20)
        db.session.commit()
        for amount in (600_000, 800_000, 600_000):
            assert pay_surely(admin, case, amount).status_code == 303
        waiting = mails("invoice_reminder", done_at=None).all()
        assert [row.payload["context"]["amount"] for row in waiting] == ["Rp500.000"]
        told = [row.payload["context"]["rest"] for row in mails("payment_short")]
        assert told == ["Rp500.000", "Rp300.000", "Rp500.000"]

    def test_it_stands_in_the_history_of_the_case(self, app, admin, case):
        pay_surely(admin, case, 600_000)
        event = db.session.scalars(
            select(PermohonanEvent).where(PermohonanEvent.permohonan_id == case.id)
            .order_by(PermohonanEvent.id.desc())
        ).first()  # fmt: skip
        assert (event.transition, event.target) == ("note_part_payment", S.INVOICED)
        browser = factories.browser_of(app, case.asesi)
        page = soup(browser.get(url_for("asesi.permohonan", permohonan_id=case.public_id)))
        assert "Sebagian pembayaran diterima" in words(page)

    @pytest.mark.parametrize("status", [S.PAID, S.READY, S.NOT_YET_COMPETENT])
    def test_of_a_difference_too_the_case_staying_where_it_stands(self, admin, status):
        case = make_permohonan(status)
        invoice = new_invoice(case, InvoiceKind.SELISIH, 200_000)
        db.session.commit()
        assert pay_surely(admin, case, 150_000).status_code == 303
        db.session.refresh(invoice)
        assert (status_of(case), invoice.paid_amount) == (status, 150_000)

    def test_it_does_not_lapse_while_part_of_the_money_is_here(self, admin, case):
        pay_surely(admin, case, 600_000)
        invoice_of(case).due_on = clock.today_wib() - timedelta(days=30)
        db.session.commit()
        clocks.move_what_is_due()
        assert status_of(case) is S.INVOICED

    @pytest.mark.both
    def test_the_rest_completes_it_and_the_kuitansi_names_the_whole(self, admin, case):
        pay_surely(admin, case, 600_000)
        assert pay(admin, case, 1_100_000).status_code == 303
        assert status_of(case) is S.PAID
        receipt = db.session.scalars(select(PaymentReceipt)).one()
        assert (receipt.amount, receipt.received, receipt.overpaid) == (1_100_000, 1_100_000, 0)

    def test_nothing_is_no_payment(self, admin, case):
        answer = pay_surely(admin, case, 0)
        assert answer.status_code == 409
        assert any("Belum ada uang masuk" in each for each in notices(soup(answer)))
        assert invoice_of(case).paid_amount is None

    def test_a_proof_that_came_meanwhile_is_looked_at_first(self, admin, case):
        version = case.version
        proof = upload(case, "Bukti sisa", "payment_proof")
        payment.give_proof(actor_of(case.asesi), case, proof)
        db.session.commit()
        answer = pay(admin, case, 600_000, version=version, sure="ya")
        assert answer.status_code == 409
        invoice = invoice_of(case)
        assert (invoice.proof_document_id, invoice.paid_amount) == (proof.id, None)

    def test_of_two_admins_the_second_sees_what_the_first_noted(self, admin, case):
        version = case.version
        assert pay(admin, case, 600_000, version=version, sure="ya").status_code == 303
        answer = pay(admin, case, 400_000, version=version, sure="ya")
        assert answer.status_code == 409
        assert "Sudah diterima Rp600.000" in words(soup(answer))
        assert invoice_of(case).paid_amount == 600_000

    def test_without_a_proof_there_is_none_to_decline(self, admin, case):
        invoice_of(case).proof_document_id = None
        with pytest.raises(DomainError, match="Tidak ada bukti bayar"):
            payment.decline_proof(make_cast().of(Role.ADMIN, case), case, reason="Fotonya buram.")

    def test_a_proof_that_was_let_go_is_not_judged_from_an_older_page(self, admin, case):
        version = case.version
        payment.decline_proof(make_cast().of(Role.ADMIN, case), case, reason="Fotonya buram.")
        db.session.commit()
        assert pay(admin, case, 1_100_000, version=version).status_code == 409
        assert status_of(case) is S.INVOICED


class TestTooMuch:
    def test_it_settles_the_invoice_and_what_is_more_is_told(self, app, admin, case):
        assert pay_surely(admin, case, 1_150_000).status_code == 303
        assert status_of(case) is S.PAID
        invoice = invoice_of(case)
        assert (invoice.amount, invoice.paid_amount) == (1_100_000, 1_150_000)
        assert db.session.scalars(select(PaymentReceipt)).one().overpaid == 50_000
        mail = db.session.query(OutboxMessage).filter_by(kind="payment_confirmed").one()
        assert mail.payload["context"]["overpaid"] == "Rp50.000"
        browser = factories.browser_of(app, case.asesi)
        text = words(soup(browser.get(url_for("asesi.payment", permohonan_id=case.public_id))))
        assert "Lebih bayar Rp50.000" in text


class TestNothingToPay:
    @pytest.fixture
    def free(self, app):
        cast = make_cast()
        case = make_permohonan(S.VERIFIED, cast=cast)
        factories.make_fee(0, jenjang=cast.skema.jenjang, mode=case.mode)
        PERMOHONAN.perform(case, "invoice", cast.of(Role.ADMIN, case), version=case.version)
        db.session.commit()
        return case

    def test_nobody_is_asked_to_pay(self, app, free):
        kinds = {row.kind for row in db.session.scalars(select(OutboxMessage))}
        assert not {"invoice_issued", "invoice_reminder"} & kinds
        browser = factories.browser_of(app, free.asesi)
        page = soup(browser.get(url_for("asesi.payment", permohonan_id=free.public_id)))
        assert "tanpa biaya" in " ".join(notices(page))
        assert page.select_one("[type=file]") is None

    def test_the_worker_moves_it_on_in_its_next_round(self, free, monkeypatch):
        monkeypatch.setattr("lsp.gateways.mail.deliver", lambda **_: None)
        free_id = free.id
        drain()
        assert db.session.get_one(Permohonan, free_id).status is S.PAID
        mail = db.session.query(OutboxMessage).filter_by(kind="payment_confirmed").one()
        assert mail.payload["context"]["amount"] == ""
        assert db.session.scalars(select(PaymentReceipt)).all() == [], "no money, no kuitansi"


class TestAccount:
    ADDRESS = "/admin/pengaturan/rekening"

    def values(self, **more):
        return {
            "bank": "Bank Contoh", "number": "000-000-0002", "holder": "LSP Bina Karya Contoh",
            "effective_from": clock.today_wib().isoformat(),
        } | more  # fmt: skip

    def test_it_is_asked_about_then_noted_with_a_line_in_the_chain(self, admin):
        asked = admin.post(self.ADDRESS, data=self.values())
        assert "000-000-0002" in words(soup(asked))
        assert payment_account() is None
        assert (
            admin.post(self.ADDRESS, data=filled(form(soup(asked), self.ADDRESS))).status_code
            == 303
        )
        standing = payment_account()
        assert (standing.bank, standing.number) == ("Bank Contoh", "000-000-0002")
        line = db.session.query(AuditEvent).filter_by(action="payment_account.change").one()
        assert "000-000-0002" in line.details

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("number", "BCA 123"),
            ("number", "12"),
            ("number", "1" * 21),
            ("bank", ""),
            ("holder", ""),
        ],
    )
    def test_what_is_no_account_is_refused_and_kept(self, admin, field, value):
        answer = admin.post(self.ADDRESS, data=self.values(**{field: value}))
        assert answer.status_code == 422
        assert field in errors(soup(answer))
        assert soup(answer).select_one(f"[name={field}]")["value"] == value

    def test_a_day_that_has_passed_is_refused_before_anything_is_asked(self, admin):
        yesterday = clock.today_wib() - timedelta(days=1)
        answer = admin.post(self.ADDRESS, data=self.values(effective_from=yesterday.isoformat()))
        assert "effective_from" in errors(soup(answer))

    @pytest.mark.both
    def test_of_one_day_the_last_written_holds_and_a_later_one_waits(self, app):
        today = clock.today_wib()
        for number, day in (
            ("000001", today),
            ("000002", today),
            ("000003", today + timedelta(days=1)),
        ):
            factories.saved(PaymentAccount(effective_from=day, bank="B", number=number, holder="H"))
        assert payment_account().number == "000002"
        assert payment_account(today + timedelta(days=1)).number == "000003"

    def test_the_asesi_copies_number_amount_and_reference(self, app, case):
        factories.saved(
            PaymentAccount(
                effective_from=clock.today_wib(), bank="Bank Contoh", number="000-000-0002", holder="LSP Contoh"
            )
        )  # fmt: skip
        browser = factories.browser_of(app, case.asesi)
        page = soup(browser.get(url_for("asesi.payment", permohonan_id=case.public_id)))
        copied = [each["data-copy"] for each in page.select("[data-copy]")]
        assert copied == ["0000000002", "1100000", invoice_of(case).number]
        assert all(each.has_attr("hidden") for each in page.select("[data-copy]")), (
            "without scripts"
        )

    def test_the_line_of_an_older_version_is_shown_and_no_longer_a_rule(self, admin):
        factories.saved(
            Setting(
                key="payment_account", effective_from=clock.today_wib(), value="BRK 1 a.n. LSP", label="Rekening"
            )
        )  # fmt: skip
        assert "BRK 1 a.n. LSP" in words(soup(admin.get(self.ADDRESS)))
        assert admin.get("/admin/pengaturan/aturan/payment_account").status_code == 404
        assert "BRK 1" not in words(soup(admin.get("/admin/pengaturan")))


class TestFeesThatLack:
    @pytest.mark.both
    def test_only_what_may_be_chosen_of_an_open_skema_is_asked(self, app):
        skema = factories.make_skema(jenjang=4)
        assert {gap.mode for gap in fee_gaps()} == {Mode.LURING}
        assert [gap.kind for gap in fee_gaps()] == list(RequestKind)
        factories.make_remote_permission(skema.skema)
        assert {gap.mode for gap in fee_gaps()} == {Mode.LURING, Mode.DARING}
        factories.make_skema(jenjang=8, incomplete_reason="Belum lengkap.")
        assert {gap.jenjang for gap in fee_gaps()} == {4}

    def test_each_leads_to_the_form_filled_in(self, admin):
        factories.make_skema(jenjang=5)
        page = soup(admin.get("/admin/pengaturan"))
        address = links(page)["Jenjang 5, perpanjangan, tatap muka (luring)"]
        fee_form = soup(admin.get(address.partition("#")[0])).select_one("#biaya-baru")
        assert fee_form.has_attr("open")
        assert fee_form.select_one("[name=jenjang]")["value"] == "5"
        assert fee_form.select_one("[name=kind] [selected]")["value"] == "perpanjangan"
        assert fee_form.select_one("[name=mode] [selected]")["value"] == "luring"

    @pytest.mark.parametrize(
        "query",
        [
            "?jenjang=x&kind=baru&mode=luring",
            "?kind=baru&mode=luring",
            "?jenjang=23&kind=baru&mode=luring",
            "?kind=tidak-ada",
            "?jenjang=99",
        ],
    )
    def test_an_odd_address_fills_in_nothing_wrong(self, admin, query):
        answer = admin.get(f"/admin/pengaturan{query}")
        assert answer.status_code == 200
        jenjang = soup(answer).select_one("#biaya-baru [name=jenjang]")
        assert not jenjang.get("value")

    def test_it_goes_once_the_fee_is_set(self, app):
        factories.make_skema(jenjang=4)
        factories.make_fee(jenjang=4, mode=Mode.LURING)
        assert RequestKind.BARU not in {gap.kind for gap in fee_gaps()}


class TestTheLastDay:
    def test_an_invoice_may_be_paid_until_midnight_in_jakarta(self, case):
        """In Jayapura that is two in the morning of the next day: nobody loses an hour to his zone."""
        invoice = invoice_of(case)
        invoice.proof_document_id, invoice.due_on = None, date(2027, 3, 14)
        db.session.commit()
        with time_machine.travel(datetime(2027, 3, 14, 23, 59, tzinfo=clock.WIB), tick=False):
            assert clocks.move_what_is_due() == 0
        with time_machine.travel(datetime(2027, 3, 15, 0, 1, tzinfo=clock.WIB), tick=False):
            assert clocks.move_what_is_due() == 1
        assert status_of(case) is S.LAPSED

    @pytest.mark.parametrize(("days", "reminded"), [(2, False), (9, True)])
    def test_of_the_rest_a_reminder_goes_unless_its_hour_has_passed(self, app, days, reminded):
        """Two days before the due date at nine."""
        with time_machine.travel(datetime(2027, 3, 14, 12, tzinfo=clock.WIB), tick=False):
            cast = make_cast()
            case = make_permohonan(S.INVOICED, cast=cast)
            invoice_of(case).due_on = date(2027, 3, 14) + timedelta(days=days)
            give_days_more(0)
            payment.note_receipt(cast.of(Role.ADMIN, case), case, amount=600_000, reason="")
            admin = cast.of(Role.ADMIN, case)
            PERMOHONAN.perform(case, "note_part_payment", admin, version=case.version)
            waiting = db.session.query(OutboxMessage).filter_by(
                kind="invoice_reminder", done_at=None
            )
            assert waiting.count() == int(reminded)
            assert all(row.payload["context"]["amount"] == "Rp500.000" for row in waiting)


def give_days_more(days):
    """No days more for the rest: the due date stays as the test has set it."""
    factories.saved(
        Setting(
            key="another_proof_days", effective_from=clock.today_wib(), value=days, label="Waktu"
        )
    )
