"""A certificate after issue: who proposes to suspend, reinstate or revoke it, the holder's answer, the ketua's word.

The steps themselves are the machine's (lsp/workflow/certificate.py); a proposal that waits is nobody's news outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import SYSTEM, Actor
from lsp.database import db
from lsp.errors import DomainError, NotAllowed, StaleCase
from lsp.models import (
    Certificate,
    CertificateAnswerFile,
    CertificateEvent,
    CertificateProposal,
    Permohonan,
    User,
)
from lsp.models.inforce import add_working_days, setting
from lsp.services import audit, documents
from lsp.services.certificates import state_now
from lsp.services.documents import Received
from lsp.vocabulary import CertificateStatus, LifeGround, LifeStep, ProposalOutcome, Role
from lsp.workflow.certificate import CERTIFICATE
from lsp.workflow.effects.certificate_life import tell, tell_holder, tell_ketua
from lsp.workflow.guards.certificate_life import (
    GROUNDS,
    holder_was_heard,
    open_proposal,
    open_proposals,
)
from lsp.workflow.machine import LEAST_GROUNDS, check_reason

#: Proposals on one page of the ketua's list.
SIZE = 50
#: Of the file that the holder sends with his answer.
PURPOSE = "certificate_answer"
_NOTICED = (LifeStep.SUSPEND, LifeStep.REVOKE)
OWN = "Ini sertifikat Anda sendiri, jadi orang lain yang harus mengusulkan."
WAITS = "Sudah ada usulan untuk sertifikat ini yang menunggu ketua."


@dataclass(frozen=True, slots=True)
class Offer:
    """A proposal that might be made; reason: why not now, empty when it can."""

    step: LifeStep
    reason: str


def offers(actor: Actor, certificate: Certificate) -> list[Offer]:
    """The proposals that fit the state, each with why it cannot be made by this person now."""
    state = state_now(certificate)
    barred = _barred(actor, certificate)
    return [
        Offer(step, barred) for step in LifeStep if (step.value, state.value) in CERTIFICATE.index
    ]


def _barred(actor: Actor, certificate: Certificate) -> str:
    if actor.id == certificate.permohonan.asesi_id:
        return OWN
    return WAITS if open_proposal(certificate) is not None else ""


def propose(
    actor: Actor,
    certificate: Certificate,
    step: LifeStep,
    *,
    ground: LifeGround,
    reason: str,
    version: int,
) -> CertificateProposal:
    """Write a proposal and, where he may answer, the notice to the holder. Raises DomainError with a sentence."""
    role = next((each for each in (Role.ADMIN, Role.TIM_TEKNIS) if actor.has(each)), None)
    if role is None or actor.id is None:
        raise NotAllowed("Hanya admin atau tim teknis yang dapat mengusulkan.")
    if certificate.version != version:
        raise StaleCase
    found = next((each for each in offers(actor, certificate) if each.step is step), None)
    if found is None:
        label = state_now(certificate).label
        raise NotAllowed(f"{step.label} tidak dapat diusulkan pada status “{label}”.")
    if found.reason:
        raise NotAllowed(found.reason)
    if ground not in GROUNDS[step]:
        raise DomainError("Pilih dasar usulan dari daftar.", field="ground")
    words = check_reason(reason, LEAST_GROUNDS, field="reason")
    now, fraud = clock.now(), ground is LifeGround.FRAUD
    proposal = CertificateProposal(
        certificate_id=certificate.id,
        step=step,
        ground=ground,
        reason=words,
        proposed_by_id=actor.id,
        proposed_role=role,
        notice_at=now if step in _NOTICED else None,
        answer_until=_answer_until() if step in _NOTICED and not fraud else None,
    )
    try:
        with db.session.begin_nested():
            db.session.add(proposal)
    except IntegrityError as error:  # two who proposed at the same moment (PostgreSQL)
        raise NotAllowed(WAITS) from error
    db.session.flush()
    if step in _NOTICED:
        tell_holder(proposal, "certificate_notice")
    tell_ketua(proposal, "certificate_proposed_ketua")
    _note(actor, "propose", proposal, role)
    db.session.flush()
    return proposal


def answer_days() -> int:
    """Working days that a holder has to answer a notice."""
    return int(setting("certificate_answer_working_days"))


def _answer_until() -> date:
    return add_working_days(clock.today_wib(), answer_days())


def _note(actor: Actor, what: str, proposal: CertificateProposal, role: Role) -> None:
    audit.note(
        actor,
        f"certificate_proposal.{what}",
        "certificate",
        proposal.certificate.public_id,
        role=role,
        step=proposal.step.value,
        ground=proposal.ground.value,
    )


# --- The holder --------------------------------------------------------------------------------------------------


def why_no_answer(proposal: CertificateProposal) -> str:
    """Why the holder can no longer answer; empty while he can. A late answer is read until the ketua has decided."""
    if proposal.notice_at is None:
        return "Usulan ini tidak meminta jawaban Anda."
    if proposal.decided_at is not None:
        return "Usulan ini sudah diputus."
    return "Jawaban Anda sudah kami terima." if proposal.answered_at is not None else ""


def answer(
    actor: Actor,
    proposal: CertificateProposal,
    words: str,
    *,
    version: int,
    received: Received | None = None,
) -> None:
    """What the holder says to it, once, with one file if he has one. Raises DomainError with a sentence."""
    if actor.id != proposal.certificate.permohonan.asesi_id:
        raise NotAllowed("Hanya pemegang sertifikat yang dapat menjawab.")
    refusal = why_no_answer(proposal)
    if refusal:
        raise NotAllowed(refusal)
    if proposal.version != version:
        raise StaleCase
    said = check_reason(words, LEAST_GROUNDS, what="jawaban", field="note")
    if received is not None:
        _attach(actor, proposal, received)
    proposal.answer, proposal.answered_at = said, clock.now()
    _note(actor, "answer", proposal, Role.ASESI)
    db.session.flush()
    tell_ketua(proposal, "certificate_answered_ketua")


def _attach(actor: Actor, proposal: CertificateProposal, received: Received) -> None:
    """Before the answer itself is written: from then on the database takes no file for it."""
    document = documents.attach(
        actor,
        proposal.certificate.permohonan,
        received,
        requirement=None,
        purpose=PURPOSE,
        label=f"Jawaban atas usulan {proposal.step.label.lower()}",
    )
    db.session.add(CertificateAnswerFile(proposal_id=proposal.id, document_id=document.id))
    db.session.flush()


# --- The ketua ---------------------------------------------------------------------------------------------------


def waiting(*, without: int | None = None, after: int = 0) -> tuple[list[CertificateProposal], int]:
    """Proposals without a decision, the oldest first, and behind which one the next page begins (0 on the last).

    `without`: those about this person's own certificate.
    """
    query = (
        select(CertificateProposal)
        .join(Certificate, Certificate.id == CertificateProposal.certificate_id)
        .join(Permohonan, Permohonan.id == Certificate.permohonan_id)
        .where(
            CertificateProposal.decided_at.is_(None),
            Permohonan.asesi_id != (without or 0),
            CertificateProposal.id > after,
        )
        .order_by(CertificateProposal.id)
        .limit(SIZE + 1)
        .options(*_WHOLE)
    )
    found = list(db.session.scalars(query))
    rows = found[:SIZE]
    open_proposals(row.certificate_id for row in rows)  # each is asked whether its holder was heard
    return rows, rows[-1].id if len(found) > SIZE else 0


_WHOLE = (
    joinedload(CertificateProposal.certificate)
    .joinedload(Certificate.permohonan)
    .joinedload(Permohonan.asesi),
    joinedload(CertificateProposal.proposed_by),
    joinedload(CertificateProposal.decided_by),
)


def approve(actor: Actor, proposal: CertificateProposal, *, words: str, version: int) -> None:
    """The ketua's step of the machine, which closes the proposal with the number of its letter."""
    if proposal.version != version:
        raise StaleCase
    if proposal.decided_at is not None:
        raise NotAllowed("Usulan ini sudah diputus.")
    certificate = proposal.certificate
    CERTIFICATE.perform(
        certificate, proposal.step.value, actor, version=certificate.version, note=words
    )


def decline(actor: Actor, proposal: CertificateProposal, *, words: str, version: int) -> None:
    """The certificate stays as it is. Raises DomainError with a sentence."""
    if proposal.version != version:
        raise StaleCase
    refusal = why_not_declined(actor, proposal)
    if refusal:
        raise NotAllowed(refusal)
    proposal.decision_words = check_reason(words, LEAST_GROUNDS, what="pertimbangan", field="note")
    proposal.outcome, proposal.decided_at = ProposalOutcome.DECLINED, clock.now()
    proposal.decided_by_id = actor.id
    _note(actor, "decline", proposal, Role.KETUA)
    db.session.flush()
    if proposal.notice_at is not None:
        tell_holder(proposal, "certificate_kept")
    proposer = db.session.get_one(User, proposal.proposed_by_id)
    tell(
        proposer,
        proposal,
        "certificate_proposal_declined",
        asesi_name=proposal.certificate.holder_name,
    )


def why_not_declined(actor: Actor, proposal: CertificateProposal) -> str:
    if not actor.has(Role.KETUA):
        return "Hanya ketua yang memutus usulan ini."
    if proposal.decided_at is not None:
        return "Usulan ini sudah diputus."
    if proposal.proposed_by_id == actor.id:
        return "Anda yang mengusulkan, jadi orang lain yang harus memutuskan."
    if proposal.certificate.permohonan.asesi_id == actor.id:
        return "Ini sertifikat Anda sendiri, jadi orang lain yang harus memutuskannya."
    return ""


def still_to_be_heard(proposal: CertificateProposal) -> str:
    """That the holder may still answer, with the last day; empty when the ketua may decide."""
    return holder_was_heard(proposal.certificate, SYSTEM, "") or "" if proposal.is_open else ""


# --- Reading -----------------------------------------------------------------------------------------------------


def proposals_of(certificate: Certificate) -> list[CertificateProposal]:
    """All of them, newest first."""
    return list(
        db.session.scalars(
            select(CertificateProposal)
            .where(CertificateProposal.certificate_id == certificate.id)
            .order_by(CertificateProposal.id.desc())
            .options(
                joinedload(CertificateProposal.proposed_by),
                joinedload(CertificateProposal.decided_by),
                joinedload(CertificateProposal.answer_file),
            )
        )
    )


def events_of(certificate: Certificate) -> list[tuple[CertificateEvent, str]]:
    """Its history, newest first, each with the name of who did it."""
    rows = db.session.execute(
        select(CertificateEvent, User.name)
        .outerjoin(User, User.id == CertificateEvent.actor_id)
        .where(CertificateEvent.certificate_id == certificate.id)
        .order_by(CertificateEvent.id.desc())
    )
    return [(event, name or "") for event, name in rows]


# --- The clock ---------------------------------------------------------------------------------------------------


def ids_to_expire() -> Select[int]:
    """Active and suspended ones whose last day (WIB) is over."""
    return (
        select(Certificate.id)
        .where(
            Certificate.status.in_((CertificateStatus.ACTIVE, CertificateStatus.SUSPENDED)),
            Certificate.valid_until < clock.today_wib(),
        )
        .order_by(Certificate.id)
    )


def expire(certificate_id: int) -> None:
    """Run by the clock in a transaction of its own."""
    certificate = db.session.get_one(Certificate, certificate_id, with_for_update=True)
    CERTIFICATE.perform(certificate, "expire", SYSTEM, version=certificate.version)
