"""What is printed on the tagihan, the kuitansi and the agreed texts of a case."""

from __future__ import annotations

from lsp import clock
from lsp.models import Consent, Invoice, PaymentReceipt, Permohonan
from lsp.models.inforce import payment_account
from lsp.papers.agreement import AgreementPaper
from lsp.papers.letterhead import Letterhead, letterhead_of
from lsp.papers.payment import InvoicePaper, ReceiptPaper
from lsp.services.lembaga import current_or_none
from lsp.vocabulary import InvoiceStatus
from lsp.workflow.effects.payment import purpose_of


def invoice_paper(invoice: Invoice, permohonan: Permohonan) -> InvoicePaper:
    """The tagihan as it stands today: while it waits, with the account that is in force today."""
    is_open = invoice.status is InvoiceStatus.OPEN
    account = payment_account() if is_open else None
    return InvoicePaper(
        letterhead=letterhead_of(current_or_none()),
        number=invoice.number,
        status=invoice.status.label,
        is_open=is_open and invoice.amount > 0,
        made_on=invoice.created_at.astimezone(clock.WIB).date(),
        due_on=invoice.due_on,
        payer=permohonan.asesi_name,
        purpose=purpose_of(permohonan, invoice),
        amount=invoice.amount,
        received=invoice.paid_amount or 0,
        account=(account.bank, account.number, account.holder) if account else None,
    )


def receipt_paper(receipt: PaymentReceipt, invoice: Invoice) -> ReceiptPaper:
    """The kuitansi as it was made out; nothing of it is read from what may change."""
    return ReceiptPaper(
        letterhead=Letterhead(
            name=receipt.lembaga_name,
            address=receipt.lembaga_address,
            contact=receipt.lembaga_contact,
            is_sample=receipt.is_sample,
        ),
        number=receipt.number,
        invoice_number=invoice.number,
        issued_on=receipt.issued_at.astimezone(clock.WIB).date(),
        city=receipt.city,
        payer=receipt.received_from,
        purpose=receipt.purpose,
        amount=receipt.amount,
        received=receipt.received,
        confirmed_by=receipt.confirmed_by,
    )


def agreement_paper(consent: Consent, permohonan: Permohonan) -> AgreementPaper:
    """A text with the proof that it was agreed to; the LSP's name is that of the day of the agreement."""
    day = consent.given_at.astimezone(clock.WIB).date()
    return AgreementPaper(
        letterhead=letterhead_of(current_or_none(day)),
        title=consent.text.title,
        body=consent.text.body,
        version_number=consent.text.version_number,
        agreed_by=permohonan.asesi_name,
        case=f"ID Izin {permohonan.id_izin}",
        agreed_at=consent.given_at,
        withdrawn_at=consent.withdrawn_at,
    )
