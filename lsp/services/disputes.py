"""Two people with one ID Izin: the second asks, the admin decides, and the asker never learns whose it is."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db, insert_or_keep
from lsp.errors import DomainError
from lsp.models import Claim, IdIzinDispute, Permohonan, SkemaVersion, User
from lsp.models.queue import add_mail
from lsp.services import audit, claims, intake
from lsp.vocabulary import DisputeOutcome, Mode, PermohonanStatus, RequestKind, Role
from lsp.workflow.machine import LEAST_GROUNDS, check_reason
from lsp.workflow.permohonan import PERMOHONAN

#: Questions of one person that may wait at a time: nobody tries through numbers this way.
MOST_OPEN = 3
#: Least length of the reason for taking an ID Izin from somebody who has claimed his permohonan.
_NOTE = "ID Izin permohonan ini diberikan LSP kepada pemohon lain sesudah diperiksa."
_DECIDED = "Permintaan ini sudah diputus."


class HolderChanged(DomainError):
    """The admin decided about another holder, or another state of his permohonan, than the one he looked at."""

    def __init__(self) -> None:
        super().__init__(
            "Pemegang nomor ini atau permohonannya berubah sejak halaman ini Anda buka. Belum ada yang diputus. "
            "Periksa pemegang sekarang, lalu putuskan. Alasan yang Anda tulis masih ada."
        )


def ask(
    asker: User,
    *,
    holder: Permohonan,
    version: SkemaVersion,
    kind: RequestKind,
    mode: Mode,
    own: Permohonan | None = None,
) -> IdIzinDispute:
    """Put the question to the admin; asked again it stays one question. Raises DomainError past MOST_OPEN.

    own: the asker's draft whose ID Izin he corrects; without it he wants to begin a new one.
    """
    standing = _standing(asker.id, holder.id)
    if standing is not None:
        return standing
    if len(waiting_for(asker.id)) >= MOST_OPEN:
        raise DomainError(
            f"Sudah ada {MOST_OPEN} ID Izin Anda yang diperiksa LSP. Tunggu jawabannya lewat e-mail.",
            field="id_izin",
        )
    insert_or_keep(
        IdIzinDispute,
        id_izin=holder.id_izin,
        permohonan_id=holder.id,
        asker_id=asker.id,
        skema_version_id=version.id,
        kind=kind,
        mode=mode,
        own_permohonan_id=own.id if own is not None else None,
    )
    made = _standing(asker.id, holder.id)
    if made is None:  # pragma: no cover - written above in this very transaction
        raise RuntimeError
    audit.note(_as_actor(asker), "id_izin.ask", "id_izin_dispute", made.public_id)
    return made


def waiting_for(asker_id: int | None) -> list[IdIzinDispute]:
    """What a person asked for and the LSP has not answered; oldest first."""
    return list(
        db.session.scalars(
            select(IdIzinDispute)
            .where(IdIzinDispute.asker_id == asker_id, IdIzinDispute.decided_at.is_(None))
            .options(joinedload(IdIzinDispute.permohonan))
            .order_by(IdIzinDispute.id)
        )
    )


def open_disputes() -> list[IdIzinDispute]:
    """Everything that waits for the admin, oldest first, with both people."""
    return list(
        db.session.scalars(
            select(IdIzinDispute)
            .where(IdIzinDispute.decided_at.is_(None))
            .options(
                joinedload(IdIzinDispute.permohonan).joinedload(Permohonan.asesi),
                joinedload(IdIzinDispute.asker),
                joinedload(IdIzinDispute.skema_version),
            )
            .order_by(IdIzinDispute.id)
        )
    )


def count_waiting() -> int:
    """What waits on the admin's page of claims: open questions, and claims that are stuck. One query."""
    stuck = (
        select(func.count(Claim.permohonan_id))
        .join(Permohonan, Permohonan.id == Claim.permohonan_id)
        .where(
            Claim.claimed_at.is_(None),
            Claim.tries >= claims.MOST_TRIES,
            Permohonan.status == PermohonanStatus.DRAFT,
        )
        .scalar_subquery()
    )
    asked = (
        select(func.count(IdIzinDispute.id))
        .where(IdIzinDispute.decided_at.is_(None))
        .scalar_subquery()
    )
    return int(db.session.scalar(select(asked + stuck)) or 0)


def may_give(dispute: IdIzinDispute) -> str | None:
    """Why the ID Izin cannot be given to the asker, or None."""
    if dispute.permohonan.submitted_at is not None and _still_held(dispute):
        return "Pemegangnya sudah mengirim permohonan, jadi ID Izin ini tidak dapat dipindahkan."
    return None


def reason_needed(dispute: IdIzinDispute) -> bool:
    """Who has claimed his permohonan, or began it himself, is owed a reason."""
    return _still_held(dispute) and not claims.waits(dispute.permohonan)


def _still_held(dispute: IdIzinDispute) -> bool:
    """Whether the holder has neither ended his draft nor corrected its number since."""
    holder = dispute.permohonan
    return holder.id_izin == dispute.id_izin and (
        holder.status is PermohonanStatus.DRAFT or holder.submitted_at is not None
    )


def drawn_from(dispute: IdIzinDispute) -> str:
    """Names the holder and the state of his permohonan that a page shows, for its forms to send back."""
    holder = dispute.permohonan
    return f"{holder.public_id}:{holder.version}"


def keep(actor: Actor, dispute: IdIzinDispute, *, seen: str) -> None:
    """The present holder keeps it; the asker is told to check his number. seen: as drawn_from. Raises DomainError."""
    _check_seen(dispute, seen)
    _close(actor, dispute, DisputeOutcome.KEPT)
    add_mail(
        dispute.asker,
        "id_izin_kept",
        dedupe=dispute.public_id,
        id_izin=dispute.id_izin,
    )


def give(actor: Actor, dispute: IdIzinDispute, *, reason: str, seen: str) -> Permohonan:
    """The asker gets it: the old draft ends, and nothing of it goes over to his. Raises DomainError, NotAllowed.

    seen: as drawn_from. Another decision points open questions at a new holder, whose draft must not end for
    a reason that was written about the former one.
    """
    _check_seen(dispute, seen)
    refusal = may_give(dispute)
    if refusal is not None:
        raise DomainError(refusal)
    if reason_needed(dispute):
        check_reason(reason, LEAST_GROUNDS, field="note")
    holder = dispute.permohonan
    dispute.reason = reason.strip()
    _close(actor, dispute, DisputeOutcome.GIVEN)
    if _still_held(dispute):
        note = f"{_NOTE} {reason.strip()}".strip()
        PERMOHONAN.perform(holder, "withdraw", actor, version=holder.version, note=note)
    given = _hand_over(actor, dispute)
    _point_others_at(holder, given)
    add_mail(
        dispute.asker,
        "id_izin_given",
        dedupe=dispute.public_id,
        permohonan_id=given.id,
        id_izin=dispute.id_izin,
    )
    return given


def _hand_over(actor: Actor, dispute: IdIzinDispute) -> Permohonan:
    """Into the asker's own draft that waits for the number, else a new one that holds his account's data alone."""
    own = dispute.own_permohonan
    if own is not None and own.status is PermohonanStatus.DRAFT:
        intake.correct_id_izin(actor, own, dispute.id_izin)
        return own
    return intake.start(
        actor,
        asesi=dispute.asker,
        id_izin=dispute.id_izin,
        version=dispute.skema_version,
        kind=dispute.kind,
        mode=dispute.mode,
    )


def _point_others_at(holder: Permohonan, given: Permohonan) -> None:
    """Who else asks for the same number now asks its new holder for it."""
    others = select(IdIzinDispute).where(
        IdIzinDispute.permohonan_id == holder.id,
        IdIzinDispute.id_izin == given.id_izin,
        IdIzinDispute.decided_at.is_(None),
    )
    for other in db.session.scalars(others):
        other.permohonan_id = given.id
    db.session.flush()


def _check_seen(dispute: IdIzinDispute, seen: str) -> None:
    if dispute.decided_at is not None:
        raise DomainError(_DECIDED)
    if seen != drawn_from(dispute):
        raise HolderChanged


def _close(actor: Actor, dispute: IdIzinDispute, outcome: DisputeOutcome) -> None:
    if actor.id in (dispute.asker_id, dispute.permohonan.asesi_id):
        raise DomainError("Anda salah satu dari keduanya. Minta admin lain yang memutus.")
    dispute.decided_at, dispute.decided_by_id, dispute.outcome = clock.now(), actor.id, outcome
    db.session.flush()
    audit.note(
        actor,
        "id_izin.decide",
        "id_izin_dispute",
        dispute.public_id,
        role=Role.ADMIN,
        outcome=outcome.value,
    )


def _standing(asker_id: int, holder_id: int) -> IdIzinDispute | None:
    return db.session.scalar(
        select(IdIzinDispute).where(
            IdIzinDispute.asker_id == asker_id,
            IdIzinDispute.permohonan_id == holder_id,
            IdIzinDispute.decided_at.is_(None),
        )
    )


def _as_actor(user: User) -> Actor:
    return Actor(id=user.id, name=user.name, roles=frozenset(held.role for held in user.roles))


def by_public_id(dispute_id: str) -> IdIzinDispute | None:
    return db.session.scalar(select(IdIzinDispute).where(IdIzinDispute.public_id == dispute_id))
