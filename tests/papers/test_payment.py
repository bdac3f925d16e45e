"""Tagihan and kuitansi: what stands on them, and that they are the same to the byte when made again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from lsp.papers.letterhead import Letterhead
from lsp.papers.payment import InvoicePaper, ReceiptPaper, invoice_pdf, receipt_pdf
from tests.papers.reading import page_texts

HEAD = Letterhead(
    name="LSP Bina Karya Contoh",
    address="Jl. Contoh Fiktif No. 1, Jakarta",
    contact="021-000-0000 · admin@lsp.example",
)
INVOICE = InvoicePaper(
    letterhead=HEAD,
    number="INV/00012/2026",
    status="Belum dibayar",
    is_open=True,
    made_on=date(2026, 11, 22),
    due_on=date(2026, 11, 29),
    payer="Rosmaida Hutagaol",
    purpose="Biaya sertifikasi, Petugas K3 (jenjang 3), ID Izin I-2026111809150100042",
    amount=1_250_000,
    received=0,
    account=("Bank Contoh", "000-000-0001", "LSP Bina Karya Contoh"),
)
RECEIPT = ReceiptPaper(
    letterhead=HEAD,
    number="KW/00007/2026",
    invoice_number="INV/00012/2026",
    issued_on=date(2026, 11, 24),
    city="Jakarta",
    payer="Rosmaida Hutagaol",
    purpose=INVOICE.purpose,
    amount=1_250_000,
    received=1_250_000,
    confirmed_by="Budi Contoh",
)


def invoice_text(lock_path, **changes):
    (text,) = page_texts(invoice_pdf(replace(INVOICE, **changes), lock_path=lock_path))
    return text


def receipt_text(lock_path, **changes):
    (text,) = page_texts(receipt_pdf(replace(RECEIPT, **changes), lock_path=lock_path))
    return text


class TestInvoice:
    @pytest.mark.parametrize(
        "said",
        [
            "LSP Bina Karya Contoh", "021-000-0000", "INV/00012/2026", "Rosmaida Hutagaol", "Biaya sertifikasi",
            "Rp1.250.000", "Satu juta dua ratus lima puluh ribu rupiah", "22 November 2026", "29 November 2026",
            "Bank Contoh", "000-000-0001", "Belum dibayar",
        ],
    )  # fmt: skip
    def test_it_says(self, lock_path, said):
        assert said in invoice_text(lock_path)

    def test_of_a_part_that_came_it_asks_the_rest(self, lock_path):
        text = invoice_text(lock_path, received=1_000_000)
        assert "Sudah diterima Rp1.000.000" in text
        assert "Transfer tepat Rp250.000" in text

    def test_one_that_waits_for_nothing_names_no_account(self, lock_path):
        text = invoice_text(lock_path, is_open=False, status="Hangus")
        assert "Jangan transfer" in text
        assert "000-000-0001" not in text

    def test_without_an_account_it_says_to_ask(self, lock_path):
        assert "Tanyakan kepada LSP" in invoice_text(lock_path, account=None)

    def test_made_again_it_is_the_same(self, lock_path):
        assert invoice_pdf(INVOICE, lock_path=lock_path) == invoice_pdf(INVOICE, lock_path=lock_path)  # fmt: skip


class TestReceipt:
    @pytest.mark.parametrize(
        "said",
        [
            "KW/00007/2026", "INV/00012/2026", "LUNAS", "Rp1.250.000", "Satu juta dua ratus lima puluh ribu rupiah",
            "Diterima dari Rosmaida Hutagaol", "Budi Contoh, Admin LSP", "Jakarta, 24 November 2026",
        ],
    )  # fmt: skip
    def test_it_says(self, lock_path, said):
        assert said in receipt_text(lock_path)

    def test_what_came_in_beyond_it_is_named(self, lock_path):
        assert "Lebih bayar" not in receipt_text(lock_path)
        text = receipt_text(lock_path, received=1_300_000)
        assert "Rp1.300.000" in text
        assert "Lebih bayar Rp50.000" in text

    def test_made_again_it_is_the_same(self, lock_path):
        assert receipt_pdf(RECEIPT, lock_path=lock_path) == receipt_pdf(RECEIPT, lock_path=lock_path)  # fmt: skip

    def test_a_name_is_never_read_as_markup(self, lock_path):
        assert "#panic() *tebal*" in receipt_text(lock_path, payer="#panic() *tebal*")
