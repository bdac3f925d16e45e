"""The asesi's proof of payment and what the admin saw on the account, before a step of the workflow is performed.

Each raises the version of its case: a page drawn before other money or another proof came in is told to look again.
"""

from __future__ import annotations

from sqlalchemy.orm.attributes import flag_modified

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Document, Invoice, Permohonan
from lsp.models.queue import add_mail
from lsp.services import audit
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.payment import due_with_more_days
from lsp.workflow.machine import check_reason


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
    _raise_version(permohonan)


def note_receipt(actor: Actor, permohonan: Permohonan, *, amount: int, reason: str) -> None:
    """All that came in for this invoice so far, in whole rupiah, and the admin's reason when there is no proof.

    The sum, not the newest part. Then `confirm_payment` or `note_part_payment` is performed.
    """
    invoice = open_invoice(permohonan)
    invoice.paid_amount, invoice.confirmation_reason = amount, reason.strip()
    audit.note(actor, "invoice.receipt", "invoice", invoice.public_id, amount=amount)
    _raise_version(permohonan)


def decline_proof(actor: Actor, permohonan: Permohonan, *, reason: str) -> None:
    """The proof does not show the payment: the asesi is told why and asked for another one, and has days to send it.

    While the proof waited the due date may have passed; without new days the invoice would lapse within the hour.
    Raises DomainError where no proof waits.
    """
    invoice = open_invoice(permohonan)
    if invoice.proof_document_id is None:
        raise DomainError("Tidak ada bukti bayar yang menunggu diperiksa. Periksa lagi tagihannya.")
    check_reason(reason, field="note")
    invoice.proof_document_id = None
    invoice.due_on = due_with_more_days(invoice)
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
    _raise_version(permohonan)


def _raise_version(permohonan: Permohonan) -> None:
    """The money stands on the invoice; without this the case itself would seem unchanged."""
    flag_modified(permohonan, "kind")
    db.session.flush()
