"""The asesi's proof of payment and what the admin saw on the account, before `confirm_payment` is performed."""

from __future__ import annotations

from datetime import date, timedelta

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Document, Invoice, Permohonan
from lsp.models.inforce import setting
from lsp.models.queue import add_mail, cancel_waiting
from lsp.services import audit
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.payment import outstanding, remind, rupiah


def open_invoice(permohonan: Permohonan) -> Invoice:
    """The invoice that waits. Raises DomainError when none does."""
    invoice = dossier_of(permohonan).open_invoice
    if invoice is None:
        raise DomainError("Tidak ada tagihan yang menunggu pembayaran.")
    return invoice


def has_proof(permohonan: Permohonan) -> bool:
    """Whether a proof stands at the invoice that waits."""
    invoice = dossier_of(permohonan).open_invoice
    return invoice is not None and invoice.proof_document_id is not None


def give_proof(actor: Actor, permohonan: Permohonan, document: Document) -> None:
    """Tie an uploaded proof to the open invoice; a later proof replaces the earlier."""
    invoice = open_invoice(permohonan)
    if invoice.amount == 0:
        raise DomainError("Permohonan ini tanpa biaya, jadi tidak perlu bukti bayar.")
    invoice.proof_document_id = document.id
    audit.note(actor, "invoice.proof", "invoice", invoice.public_id)
    db.session.flush()


def note_receipt(actor: Actor, permohonan: Permohonan, *, amount: int, reason: str) -> None:
    """All that came in for this invoice so far, in whole rupiah, and the admin's reason when there is no proof.

    The sum, not the newest part: the same form sent twice notes the same.
    """
    invoice = open_invoice(permohonan)
    invoice.paid_amount, invoice.confirmation_reason = amount, reason.strip()
    audit.note(actor, "invoice.receipt", "invoice", invoice.public_id, amount=amount)
    db.session.flush()


def ask_for_rest(permohonan: Permohonan) -> None:
    """What came in does not cover the invoice: the asesi is told what lacks, and has days to send it.

    The proof was looked at and says no more; it stays among the files, and the next one can be sent.
    """
    invoice = open_invoice(permohonan)
    invoice.proof_document_id = None
    invoice.due_on = _with_more_days(invoice)
    cancel_waiting(permohonan.id, "invoice_reminder")
    remind(permohonan, invoice)
    add_mail(
        permohonan.asesi,
        "payment_short",
        dedupe=f"{invoice.public_id}:{invoice.paid_amount}",
        permohonan_id=permohonan.id,
        skema=permohonan.skema_version.title,
        number=invoice.number,
        amount=rupiah(invoice.amount),
        received=rupiah(invoice.paid_amount or 0),
        rest=rupiah(outstanding(invoice)),
        due=invoice.due_on.isoformat(),
    )
    db.session.flush()


def _with_more_days(invoice: Invoice) -> date:
    return max(
        invoice.due_on, clock.today_wib() + timedelta(days=int(setting("another_proof_days")))
    )


def decline_proof(actor: Actor, permohonan: Permohonan, *, reason: str) -> None:
    """The proof does not show the payment: the asesi is told why and asked for another one, and has days to send it.

    While the proof waited the due date may have passed; without new days the invoice would lapse within the hour.
    """
    invoice = open_invoice(permohonan)
    invoice.proof_document_id = None
    invoice.due_on = _with_more_days(invoice)
    audit.note(actor, "invoice.proof_declined", "invoice", invoice.public_id)
    add_mail(
        permohonan.asesi,
        "proof_declined",
        dedupe=f"{invoice.public_id}:{clock.now().isoformat()}",
        permohonan_id=permohonan.id,
        skema=permohonan.skema_version.title,
        number=invoice.number,
        due=invoice.due_on.isoformat(),
        reason=reason,
    )
    db.session.flush()
