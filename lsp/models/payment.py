"""Where money goes to, and the kuitansi of money that came. Invoices stand in permohonan.py."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lsp.extensions import Model
from lsp.models.common import Identified


class PaymentAccount(Model):
    """The LSP's bank account by date. Never edited: another account, or a correction, is a new row.

    Of two rows from the same day the one written later holds, as with settings.
    """

    __tablename__ = "payment_account"
    __table_args__ = (Index("ix_payment_account_effective_from", "effective_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    effective_from: Mapped[date] = mapped_column(Date)
    bank: Mapped[str] = mapped_column(String(80))
    number: Mapped[str] = mapped_column(String(40))
    holder: Mapped[str] = mapped_column(String(120))


class PaymentReceipt(Identified, Model):
    """Kuitansi of one paid invoice, with every word that is printed on it: made again it is the same paper.

    Names are kept as they were that day; a colleague who marries, or an LSP that moves, changes no old receipt.
    """

    __tablename__ = "payment_receipt"
    __table_args__ = (CheckConstraint("amount > 0", name="amount_positive"),)

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"), unique=True)
    number: Mapped[str] = mapped_column(String(60), unique=True)
    issued_at: Mapped[datetime]
    #: What the invoice asked for; `received` is what came in, at least as much.
    amount: Mapped[int]
    received: Mapped[int]
    received_from: Mapped[str] = mapped_column(String(120))
    purpose: Mapped[str] = mapped_column(Text)
    confirmed_by: Mapped[str] = mapped_column(String(120))
    lembaga_name: Mapped[str] = mapped_column(String(120))
    lembaga_address: Mapped[str] = mapped_column(Text)
    lembaga_contact: Mapped[str] = mapped_column(String(300))
    city: Mapped[str] = mapped_column(String(80))
    is_sample: Mapped[bool] = mapped_column(default=False)

    @property
    def overpaid(self) -> int:
        """What came in beyond the invoice, in whole rupiah."""
        return self.received - self.amount
