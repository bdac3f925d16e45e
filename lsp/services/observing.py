"""What the penyelia sees: the meetings he was named for, on their day, and his notes on them. He gives no verdict.

Who was named for none sees none: an LSP that names nobody has nobody watching.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Booking, Incident, MeetingPenyelia, Permohonan, Slot
from lsp.models.jadwal import PENYELIA_NOTE
from lsp.services import audit
from lsp.vocabulary import Role

#: The same note sent again within this time is one.
_ONE_PRESS = timedelta(minutes=1)


def meetings_on(day: date, actor: Actor, *, days: int = 1) -> Sequence[Booking]:
    """Seats of the day (WIB), or of so many from it, by time, with slot, asesor and case; not the reader's own case."""
    begins, over = clock.day_span(day, day + timedelta(days=days - 1))
    return db.session.scalars(
        select(Booking)
        .join(Slot, Slot.id == Booking.slot_id)
        .join(Permohonan, Permohonan.id == Booking.permohonan_id)
        .where(
            Slot.starts_at >= begins,
            Slot.starts_at < over,
            Booking.cancelled_at.is_(None),
            Permohonan.asesi_id != actor.id,
            named_for(actor),
        )
        .order_by(Slot.starts_at, Booking.id)
        .options(
            joinedload(Booking.slot).joinedload(Slot.asesor),
            joinedload(Booking.slot).joinedload(Slot.jadwal),
            joinedload(Booking.permohonan).joinedload(Permohonan.skema_version),
            joinedload(Booking.record),
        )
    ).all()


def named_for(actor: Actor) -> ColumnElement[bool]:
    """Condition on Slot: this person was named to watch it, alone or with its whole jadwal, and not its asesor."""
    return and_(
        Slot.asesor_id != actor.id,
        select(MeetingPenyelia.id)
        .where(
            MeetingPenyelia.user_id == actor.id,
            MeetingPenyelia.ended_at.is_(None),
            MeetingPenyelia.jadwal_id == Slot.jadwal_id,
            or_(MeetingPenyelia.slot_id.is_(None), MeetingPenyelia.slot_id == Slot.id),
        )
        .exists(),
    )


def is_named_for(actor: Actor, slot: Slot) -> bool:
    """Whether he holds the role and was named to watch this very meeting."""
    return Role.PENYELIA in actor.roles and bool(
        db.session.scalar(select(Slot.id).where(Slot.id == slot.id, named_for(actor)))
    )


def notes_on(bookings: Sequence[Booking]) -> dict[int, list[Incident]]:
    """Notes of penyelia by meeting, oldest first."""
    found: dict[int, list[Incident]] = {}
    for row in db.session.scalars(
        select(Incident)
        .where(
            Incident.booking_id.in_([booking.id for booking in bookings]),
            Incident.kind == PENYELIA_NOTE,
        )
        .order_by(Incident.id)
    ):
        found.setdefault(row.booking_id, []).append(row)
    return found


def booking(public_id: str, actor: Actor) -> Booking | None:
    """A seat that was not given back, in a meeting this penyelia was named for; never of his own case."""
    return db.session.scalar(
        select(Booking)
        .join(Slot, Slot.id == Booking.slot_id)
        .join(Permohonan, Permohonan.id == Booking.permohonan_id)
        .where(
            Booking.public_id == public_id,
            Booking.cancelled_at.is_(None),
            Permohonan.asesi_id != actor.id,
            named_for(actor),
        )
    )


def add_note(actor: Actor, seat: Booking, words: str) -> Incident:
    """Append a note to a meeting; it cannot be changed afterwards. The same words pressed again at once are one."""
    if not words.strip() or actor.id is None:
        raise DomainError("Tulis catatan Anda.")
    same = _same_note(actor, seat, words.strip())
    if same is not None:
        return same
    row = Incident(
        booking_id=seat.id,
        at=clock.now(),
        kind=PENYELIA_NOTE,
        stage=seat.slot.kind.label,
        action=words.strip(),
        recorded_by_id=actor.id,
    )
    db.session.add(row)
    db.session.flush()
    audit.note(actor, "meeting.observe", "booking", seat.public_id, role=Role.PENYELIA)
    return row


def _same_note(actor: Actor, seat: Booking, words: str) -> Incident | None:
    """What he wrote on this meeting within the last minute, in these words."""
    return db.session.scalar(
        select(Incident)
        .where(
            Incident.booking_id == seat.id,
            Incident.kind == PENYELIA_NOTE,
            Incident.recorded_by_id == actor.id,
            Incident.action == words,
            Incident.at > clock.now() - _ONE_PRESS,
        )
        .limit(1)
    )
