"""Tagihan and kuitansi as papers: what is printed on them, and their PDF.

They read no database and decide nothing. Both are byte-identical when made again from the same fields.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from lsp.papers.letterhead import Letterhead
from lsp.papers.typeset import typeset
from lsp.papers.words import amount_words, date_words, printable
from lsp.vocabulary.money import rupiah


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaper:
    """A tagihan. `account` is (bank, number, holder), or None where the LSP has named none.

    is_open: it waits for money; of any other the paper says not to pay.
    """

    letterhead: Letterhead
    number: str
    status: str
    is_open: bool
    made_on: date
    due_on: date
    payer: str
    purpose: str
    amount: int
    received: int
    account: tuple[str, str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPaper:
    """A kuitansi of one invoice. `received` is at least `amount`; what is more is printed as overpaid."""

    letterhead: Letterhead
    number: str
    invoice_number: str
    issued_on: date
    city: str
    payer: str
    purpose: str
    amount: int
    received: int
    confirmed_by: str


def invoice_pdf(paper: InvoicePaper, *, lock_path: Path) -> bytes:
    """The tagihan as PDF/A-2b. Raises what `typeset` raises."""
    rest = paper.amount - paper.received
    printed = {
        **_common(paper, paper.amount),
        "status": printable(paper.status),
        "is_open": paper.is_open,
        "made_on": date_words(paper.made_on).id,
        "due_on": date_words(paper.due_on).id,
        "received": rupiah(paper.received) if paper.received else None,
        "rest": rupiah(rest) if paper.received and rest > 0 else None,
        "account": [printable(each) for each in paper.account] if paper.account else None,
    }
    return _made("invoice", printed, paper.made_on, lock_path)


def receipt_pdf(paper: ReceiptPaper, *, lock_path: Path) -> bytes:
    """The kuitansi as PDF/A-2b. Raises what `typeset` raises."""
    over = paper.received - paper.amount
    printed = {
        **_common(paper, paper.amount),
        "invoice_number": printable(paper.invoice_number),
        "issued_on": date_words(paper.issued_on).id,
        "city": printable(paper.city),
        "received": rupiah(paper.received) if over else None,
        "overpaid": rupiah(over) if over else None,
        "confirmed_by": printable(paper.confirmed_by),
    }
    return _made("receipt", printed, paper.issued_on, lock_path)


def _common(paper: InvoicePaper | ReceiptPaper, amount: int) -> dict[str, Any]:
    words = amount_words(amount)
    return {
        "head": paper.letterhead.printed(),
        "number": printable(paper.number),
        "payer": printable(paper.payer),
        "purpose": printable(paper.purpose),
        "amount": rupiah(amount),
        "in_words": words[0].upper() + words[1:],
    }


def _made(template: str, printed: dict[str, Any], day: date, lock_path: Path) -> bytes:
    # Midnight UTC is the same calendar day in all three Indonesian zones.
    timestamp = datetime.combine(day, time(), UTC)
    return typeset(template, printed, assets={}, timestamp=timestamp, lock_path=lock_path)
