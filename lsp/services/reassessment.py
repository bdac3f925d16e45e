"""Asesmen ulang before its transition `reassess`: the asesi asks, the admin makes the invoice (workflow 1)."""

from __future__ import annotations

from sqlalchemy.orm.attributes import flag_modified

from lsp import clock
from lsp.actor import SYSTEM, Actor
from lsp.database import db
from lsp.errors import DomainError, StaleCase
from lsp.models import Invoice, Permohonan, PermohonanEvent
from lsp.models.inforce import fee
from lsp.services import audit
from lsp.vocabulary import InvoiceKind, InvoiceStatus, PermohonanStatus, Role
from lsp.vocabulary.money import rupiah
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.common import tell_role
from lsp.workflow.effects.payment import invoice_reassessment, void_open_invoice
from lsp.workflow.guards.after_decision import (
    ASKED_AGAIN,
    NOT_AGAIN,
    appeal_until,
    may_be_contested,
    reassessment_asked_at,
    reassessment_left,
    reassessment_paid,
    reassessment_until,
)
from lsp.workflow.machine import check_reason

#: In the history: the invoice of a re-assessment over another amount than the fee in force, with the reason.
OTHER_FEE = "reassessment_other_fee"


def is_asked(permohonan: Permohonan) -> bool:
    return reassessment_asked_at(permohonan) is not None


def refusal(actor: Actor, permohonan: Permohonan) -> str | None:
    """Why nobody can be assessed again now; None when he can."""
    if permohonan.status is not PermohonanStatus.NOT_YET_COMPETENT:
        return f"Asesmen ulang tidak dapat diminta pada status “{permohonan.status.label}”."
    return reassessment_left(permohonan, actor, "")


def ask(actor: Actor, permohonan: Permohonan) -> None:
    """The asesi asks to be assessed again; asking twice changes nothing. Raises DomainError with a sentence."""
    reason = refusal(actor, permohonan)
    if reason is not None:
        raise DomainError(reason)
    if is_asked(permohonan):
        return
    _note(actor, permohonan, ASKED_AGAIN, Role.ASESI)
    tell_role(permohonan, Role.ADMIN, "reassessment_asked_admin")
    audit.note(actor, "reassessment.ask", "permohonan", permohonan.public_id, role=Role.ASESI)
    db.session.flush()


def take_back_refusal(permohonan: Permohonan) -> str | None:
    """Why the request stands; None while nothing was opened and no money came for it."""
    if permohonan.status is not PermohonanStatus.NOT_YET_COMPETENT or not is_asked(permohonan):
        return "Tidak ada permintaan asesmen ulang yang menunggu."
    bills = [row for row in dossier_of(permohonan).invoices if row.kind is InvoiceKind.REASESMEN]
    if bills and bills[-1].status is InvoiceStatus.OPEN:
        came = bills[-1].proof_document_id is not None or bills[-1].paid_amount
    else:
        came = (
            bool(bills and bills[-1].amount) and reassessment_paid(permohonan, SYSTEM, "") is None
        )
    return "Pembayarannya sudah masuk. Hubungi admin LSP untuk menariknya." if came else None


def take_back(actor: Actor, permohonan: Permohonan, *, version: int) -> None:
    """The asesi thinks better of it: his bill is void, and he may ask again in time. Raises DomainError."""
    if permohonan.version != version:
        raise StaleCase
    reason = take_back_refusal(permohonan)
    if reason is not None:
        raise DomainError(reason)
    void_open_invoice(permohonan, actor, "")
    _note(actor, permohonan, NOT_AGAIN, Role.ASESI)
    # A page on which the admin is about to bill or open it becomes stale.
    flag_modified(permohonan, "kind")
    tell_role(permohonan, Role.ADMIN, "reassessment_taken_back_admin")
    audit.note(actor, "reassessment.take_back", "permohonan", permohonan.public_id, role=Role.ASESI)
    db.session.flush()


def _note(
    actor: Actor, permohonan: Permohonan, transition: str, role: Role, words: str = ""
) -> None:
    """A line in the history that changes no state."""
    db.session.add(
        PermohonanEvent(
            permohonan_id=permohonan.id,
            at=clock.now(),
            transition=transition,
            source=permohonan.status,
            target=permohonan.status,
            actor_id=actor.id,
            actor_role=role,
            attempt=permohonan.attempt,
            note=words,
        )
    )


def fee_of(permohonan: Permohonan) -> int | None:
    """What an asesmen ulang of this case costs today in whole rupiah; None where the LSP has set no fee for it."""
    return fee(
        purpose=InvoiceKind.REASESMEN,
        jenjang=permohonan.skema_version.jenjang,
        kind=permohonan.kind,
        mode=permohonan.mode,
    )


def open_invoice(permohonan: Permohonan) -> Invoice | None:
    return next(
        (
            row
            for row in dossier_of(permohonan).invoices
            if row.kind is InvoiceKind.REASESMEN and row.status is InvoiceStatus.OPEN
        ),
        None,
    )


def is_late(permohonan: Permohonan) -> bool:
    """Whether the days in which it may be asked for are over."""
    return clock.now() > reassessment_until(permohonan)


def invoice_refusal(actor: Actor, permohonan: Permohonan) -> str | None:
    """Why no invoice can be made now; None when one can."""
    reason = refusal(actor, permohonan)
    if reason is not None:
        return reason
    if open_invoice(permohonan) is not None:
        return "Tagihan asesmen ulang sudah dikirim dan menunggu pembayaran."
    if reassessment_paid(permohonan, actor, "") is None:
        return "Tagihan asesmen ulang sudah lunas. Tekan “Asesmen ulang” untuk membukanya."
    return None


def make_invoice(
    actor: Actor, permohonan: Permohonan, *, amount: int, version: int, reason: str = ""
) -> Invoice:
    """The admin's invoice of the coming re-assessment; 0 where the LSP asks nothing.

    Raises DomainError; also where the amount is not the fee in force and nothing says why.
    """
    if permohonan.version != version:
        raise StaleCase
    refused = invoice_refusal(actor, permohonan)
    if refused is not None:
        raise DomainError(refused)
    standing = fee_of(permohonan)
    if standing is not None and amount != standing:
        check_reason(
            reason,
            what=f"alasan mengapa bukan {rupiah(standing)}, biaya yang berlaku,",
            field="reason",
        )
        _note(actor, permohonan, OTHER_FEE, Role.ADMIN, f"{rupiah(amount)}. {reason.strip()}")
    last_day = appeal_until(permohonan) if may_be_contested(permohonan) else None
    invoice = invoice_reassessment(permohonan, actor, amount, appeal_until=last_day)
    audit.note(
        actor,
        "reassessment.invoice",
        "permohonan",
        permohonan.public_id,
        role=Role.ADMIN,
        amount=amount,
    )
    return invoice
