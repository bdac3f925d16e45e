"""Annulling a decision takes two: a member of the tim teknis proposes with a reason, the ketua approves or declines."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError, StaleCase
from lsp.models import Permohonan, PermohonanEvent
from lsp.services import audit
from lsp.vocabulary import Role
from lsp.workflow.machine import LEAST_GROUNDS, check_reason
from lsp.workflow.permohonan import PERMOHONAN

_PROPOSE, _DECLINE = "propose_annulment", "decline_annulment"


def can_propose(permohonan: Permohonan) -> bool:
    """Whether there is a decision that could still be annulled, and no proposal waits."""
    return (
        permohonan.annulment_proposed_by_id is None
        and ("annul", permohonan.status.value) in PERMOHONAN.index
    )


def propose(actor: Actor, permohonan: Permohonan, *, reason: str, version: int) -> None:
    """The tim teknis proposes to annul a decision; the ketua approves by `annul`. Raises DomainError."""
    if permohonan.version != version:
        raise StaleCase
    if permohonan.annulment_proposed_by_id is not None:
        raise DomainError("Pembatalan sudah diusulkan dan menunggu ketua.")
    if not can_propose(permohonan):
        raise DomainError(
            f"Penetapan tidak dapat dibatalkan pada status “{permohonan.status.label}”."
        )
    if actor.id == permohonan.asesi_id:
        raise DomainError("Anda asesi permohonan ini, jadi orang lain yang harus mengusulkan.")
    check_reason(reason, LEAST_GROUNDS)
    permohonan.annulment_proposed_by_id = actor.id
    _note_event(actor, permohonan, _PROPOSE, reason, role=Role.TIM_TEKNIS)
    audit.note(
        actor,
        "decision.propose_annulment",
        "permohonan",
        permohonan.public_id,
        role=Role.TIM_TEKNIS,
    )
    db.session.flush()


def decline(actor: Actor, permohonan: Permohonan, *, reason: str, version: int) -> None:
    """The ketua lets the decision stand. Raises DomainError."""
    if permohonan.version != version:
        raise StaleCase
    if permohonan.annulment_proposed_by_id is None:
        raise DomainError("Tidak ada usulan pembatalan untuk permohonan ini.")
    if permohonan.annulment_proposed_by_id == actor.id:
        raise DomainError("Anda yang mengusulkan, jadi orang lain yang harus menjawab.")
    check_reason(reason, LEAST_GROUNDS)
    permohonan.annulment_proposed_by_id = None
    _note_event(actor, permohonan, _DECLINE, reason, role=Role.KETUA)
    audit.note(
        actor, "decision.decline_annulment", "permohonan", permohonan.public_id, role=Role.KETUA
    )
    db.session.flush()


def _note_event(actor: Actor, permohonan: Permohonan, name: str, note: str, *, role: Role) -> None:
    """A line of the history for what is no transition: the status stays."""
    db.session.add(
        PermohonanEvent(
            permohonan_id=permohonan.id,
            at=clock.now(),
            transition=name,
            source=permohonan.status,
            target=permohonan.status,
            actor_id=actor.id,
            actor_role=role,
            attempt=permohonan.attempt,
            note=note.strip(),
        )
    )


def waiting() -> list[tuple[Permohonan, PermohonanEvent]]:
    """Proposals without an answer, oldest first, each with its reason and proposer."""
    cases = db.session.scalars(
        select(Permohonan)
        .where(Permohonan.annulment_proposed_by_id.is_not(None))
        .order_by(Permohonan.id)
        .options(joinedload(Permohonan.skema_version))
    ).all()
    reasons = {
        event.permohonan_id: event
        for event in db.session.scalars(
            select(PermohonanEvent)
            .where(
                PermohonanEvent.permohonan_id.in_([case.id for case in cases]),
                PermohonanEvent.transition == _PROPOSE,
            )
            .order_by(PermohonanEvent.id)
            .options(joinedload(PermohonanEvent.actor))
        )
    }
    found = [(case, reasons[case.id]) for case in cases if case.id in reasons]
    return sorted(found, key=lambda pair: pair[1].id)
