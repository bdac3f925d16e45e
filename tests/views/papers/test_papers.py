"""Tagihan and kuitansi from the browser: the download of the asesi and of the admin, before and after paying."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import select

from lsp.database import db
from lsp.models import Invoice, Lembaga, PaymentReceipt, Permohonan, User
from lsp.papers import typeset
from lsp.services import payment, throttle
from lsp.vocabulary import InvoiceKind, Role
from lsp.workflow.effects.payment import new_invoice
from lsp.workflow.permohonan import PERMOHONAN
from tests import factories
from tests.html import links, soup, words
from tests.papers.reading import page_texts
from tests.views.asesi import situations


@pytest.fixture
def browser(sign_in):
    return sign_in(Role.ASESI)


@pytest.fixture
def case(browser):
    return situations.invoiced(browser.user)


@pytest.fixture
def invoice(case):
    return db.session.scalars(select(Invoice).where(Invoice.permohonan_id == case.id)).one()


def pay(case, *, amount=800_000):
    admin = situations.actor_of(factories.make_user(Role.ADMIN, name="Budi Contoh"))
    case = db.session.get_one(Permohonan, case.id)
    payment.note_receipt(admin, case, amount=amount, reason="Terlihat di mutasi.")
    PERMOHONAN.perform(case, "confirm_payment", admin, version=case.version)
    db.session.commit()


def text_of(answer):
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    return " ".join(page_texts(answer.get_data()))


def receipt_url(invoice):
    return url_for("papers.receipt", invoice_id=invoice.public_id)


def payment_page(browser, case):
    return soup(browser.get(url_for("asesi.payment", permohonan_id=case.public_id)))


class TestInvoice:
    def test_the_asesi_downloads_it_from_his_page(self, browser, case, invoice):
        address = links(payment_page(browser, case))["Unduh tagihan (PDF)"]
        answer = browser.get(address)
        assert f"tagihan_{invoice.public_id}.pdf" in answer.headers["Content-Disposition"]
        text = text_of(answer)
        assert invoice.number in text
        assert "Delapan ratus ribu rupiah" in text


class TestReceipt:
    def test_there_is_none_before_it_is_paid(self, browser, case, invoice):
        assert "Unduh kuitansi (PDF)" not in links(payment_page(browser, case))
        assert browser.get(receipt_url(invoice)).status_code == 404

    def test_of_a_paid_invoice_the_asesi_and_the_admin_download_the_same(
        self, app, browser, sign_in, case, invoice
    ):
        pay(case)
        answer = browser.get(links(payment_page(browser, case))["Unduh kuitansi (PDF)"])
        text = text_of(answer)
        for said in (
            "LUNAS",
            "Rp800.000",
            "Delapan ratus ribu rupiah",
            "Budi Contoh",
            browser.user.name,
        ):
            assert said in text
        admin = sign_in(Role.ADMIN)
        page = soup(admin.get(url_for("admin.permohonan", permohonan_id=case.public_id)))
        (address,) = [href for name, href in links(page).items() if name.startswith("Kuitansi KW/")]
        assert admin.get(address).get_data() == answer.get_data()

    def test_later_changes_of_names_do_not_reach_it(self, browser, case, invoice):
        lembaga = factories.make_lembaga(name="LSP Lama Contoh")
        pay(case)
        before = browser.get(receipt_url(invoice)).get_data()
        db.session.get_one(Lembaga, lembaga.id).name = "LSP Baru Contoh"
        for person in db.session.scalars(select(User)):
            person.name = "Nama Lain"
        assert browser.get(receipt_url(invoice)).get_data() == before

    def test_a_difference_and_a_reassessment_have_theirs(self, app):
        case = situations.invoiced()
        pay(case)
        for kind in (InvoiceKind.SELISIH, InvoiceKind.REASESMEN):
            new_invoice(db.session.get_one(Permohonan, case.id), kind, 200_000)
            pay(case, amount=200_000)
        rows = db.session.scalars(select(PaymentReceipt).order_by(PaymentReceipt.id)).all()
        assert [row.number.split("/")[:2] for row in rows] == [
            ["KW", f"0000{n}"] for n in (1, 2, 3)
        ]
        assert ["sertifikasi" in row.purpose for row in rows] == [True, False, False]
        assert "ganti cara asesmen" in rows[1].purpose
        assert "asesmen ulang" in rows[2].purpose

    def test_a_letter_that_cannot_be_printed_is_explained(self, browser, case, invoice):
        factories.make_receipt(invoice, lembaga_address="Jalan 漢字 No. 1")
        answer = browser.get(receipt_url(invoice))
        assert answer.status_code == 409
        assert "tidak dapat dicetak" in words(soup(answer))

    def test_no_connection_is_held_while_it_is_laid_out(self, app, browser, case, invoice, monkeypatch):  # fmt: skip
        factories.make_receipt(invoice)
        held = []
        made = typeset.run_child

        def watched(*args, **named):
            held.append(db.engine.pool.checkedout())
            return made(*args, **named)

        monkeypatch.setattr(typeset, "run_child", watched)
        address = receipt_url(invoice)
        db.session.remove()
        assert browser.get(address).status_code == 200
        assert held == [0]


def test_a_button_pressed_without_end_is_slowed_down(browser, invoice, monkeypatch):
    monkeypatch.setattr("lsp.views.papers.invoice_pdf", lambda *_args, **_named: b"%PDF-")
    address = url_for("papers.invoice", invoice_id=invoice.public_id)
    answers = [browser.get(address).status_code for _ in range(throttle.PAPER_ACCOUNT.count + 1)]
    assert set(answers[:-1]) == {200}
    assert answers[-1] == 429


def test_the_admin_opens_what_the_asesi_agreed_to(sign_in, case):
    situations.agree_all(case)
    admin = sign_in(Role.ADMIN)
    page = soup(admin.get(url_for("admin.permohonan", permohonan_id=case.public_id)))
    text = text_of(admin.get(links(page)["PDF Perjanjian sertifikasi"]))
    assert case.asesi_name in text
    assert "versi 1" in text
