"""Naming a penyelia for a jadwal or for one of its meetings. What he then sees: lsp/services/observing.py."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Jadwal, MeetingPenyelia, Slot, User, holders_of
from lsp.services import audit
from lsp.vocabulary import Role


def candidates(jadwal: Jadwal) -> Sequence[User]:
    """Open accounts with the role, but for the asesor of this jadwal: nobody watches himself."""
    return db.session.scalars(
        select(User)
        .where(
            User.disabled_at.is_(None),
            User.id.in_(holders_of(Role.PENYELIA)),
            User.id.not_in([jadwal.asesor_1_id, jadwal.asesor_2_id or 0]),
        )
        .order_by(User.name)
    ).all()


def named_for(jadwal: Jadwal) -> Sequence[MeetingPenyelia]:
    """Namings that hold, oldest first, with person and meeting."""
    return db.session.scalars(
        select(MeetingPenyelia)
        .where(MeetingPenyelia.jadwal_id == jadwal.id, MeetingPenyelia.ended_at.is_(None))
        .order_by(MeetingPenyelia.id)
        .options(joinedload(MeetingPenyelia.user), joinedload(MeetingPenyelia.slot))
    ).all()


def name(actor: Actor, jadwal: Jadwal, *, person: str, slot: str = "") -> MeetingPenyelia:
    """Name a person (public id) for the whole jadwal, or for one meeting of it. Twice is once."""
    user = next((each for each in candidates(jadwal) if each.public_id == person), None)
    if user is None:
        raise DomainError("Akun ini tidak dapat menjadi penyelia jadwal ini. Pilih yang lain.")
    meeting = _meeting(jadwal, slot) if slot else None
    for standing in named_for(jadwal):
        if standing.user_id == user.id and standing.slot_id == (meeting.id if meeting else None):
            return standing
    row = MeetingPenyelia(
        user_id=user.id,
        jadwal_id=jadwal.id,
        slot_id=meeting.id if meeting is not None else None,
        named_by_id=actor.id,
    )
    db.session.add(row)
    db.session.flush()
    audit.note(actor, "penyelia.name", "jadwal", jadwal.public_id, person=user.public_id)
    return row


def _meeting(jadwal: Jadwal, public_id: str) -> Slot:
    found = db.session.scalar(
        select(Slot).where(
            Slot.public_id == public_id, Slot.jadwal_id == jadwal.id, Slot.cancelled_at.is_(None)
        )
    )
    if found is None:
        raise DomainError("Rapat ini sudah tidak ada di jadwal ini. Muat ulang halaman.")
    return found


def release(actor: Actor, row: MeetingPenyelia) -> None:
    """End a naming; the notes he wrote stay. Ended twice is ended once."""
    if row.ended_at is None:
        row.ended_at = clock.now()
        audit.note(actor, "penyelia.release", "jadwal", row.jadwal.public_id, person=row.user.public_id)  # fmt: skip
    db.session.flush()
