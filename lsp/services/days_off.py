"""Days off of an asesor, noted by himself or the admin: they bar new slots and seats, and cancel nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import AsesorDayOff, Booking, Permohonan, Slot, User
from lsp.services import audit

MOST_DAYS = 366


@dataclass(slots=True)
class TouchedMeeting:
    """A standing meeting on a day off, and the cases that hold a seat in it."""

    slot: Slot
    cases: list[Permohonan] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DayOffLine:
    row: AsesorDayOff
    touched: Sequence[TouchedMeeting]


def coming(asesor: User) -> list[DayOffLine]:
    """His days off that are not over, with the meetings that still stand on them; a fixed number of queries."""
    rows = db.session.scalars(
        select(AsesorDayOff)
        .where(AsesorDayOff.user_id == asesor.id, AsesorDayOff.until_moment > clock.now())
        .order_by(AsesorDayOff.from_moment, AsesorDayOff.id)
    ).all()
    meetings = _standing(asesor.id) if rows else []
    return [
        DayOffLine(
            row,
            [
                each
                for each in meetings
                if each.slot.starts_at < row.until_moment and each.slot.ends_at > row.from_moment
            ],
        )
        for row in rows
    ]


def _standing(asesor_id: int) -> list[TouchedMeeting]:
    """His meetings that are not over, with those who hold a seat."""
    found: dict[int, TouchedMeeting] = {}
    for slot, case in db.session.execute(
        select(Slot, Permohonan)
        .outerjoin(
            Booking,
            (Booking.slot_id == Slot.id)
            & Booking.cancelled_at.is_(None)
            & Booking.closed_at.is_(None),
        )
        .outerjoin(Permohonan, Permohonan.id == Booking.permohonan_id)
        .where(Slot.asesor_id == asesor_id, Slot.cancelled_at.is_(None), Slot.ends_at > clock.now())
        .order_by(Slot.starts_at, Slot.id, Booking.seat)
        .options(joinedload(Slot.jadwal))
    ):
        meeting = found.setdefault(slot.id, TouchedMeeting(slot))
        if case is not None:
            meeting.cases.append(case)
    return list(found.values())


def one(asesor_id: int, public_id: str) -> AsesorDayOff | None:
    return db.session.scalar(
        select(AsesorDayOff).where(
            AsesorDayOff.public_id == public_id, AsesorDayOff.user_id == asesor_id
        )
    )


def add(
    actor: Actor, asesor: User, *, starts_on: date, ends_on: date | None = None, note: str = ""
) -> DayOffLine:
    """Note days off; the same days once more are no second row. Raises DomainError for days that are over."""
    ends_on = ends_on or starts_on
    begins, over = clock.day_span(starts_on, ends_on, ZoneInfo(asesor.zone))
    if ends_on < starts_on:
        raise DomainError("Hari terakhir lebih awal dari hari pertama.", field="ends_on")
    if over <= clock.now():
        raise DomainError("Hari ini sudah lewat. Pilih tanggal lain.", field="starts_on")
    if (ends_on - starts_on).days >= MOST_DAYS:
        raise DomainError("Paling lama satu tahun sekali catat.", field="ends_on")
    same = select(AsesorDayOff).filter_by(user_id=asesor.id, starts_on=starts_on, ends_on=ends_on)
    row = db.session.scalar(same)
    if row is None:
        row = AsesorDayOff(
            user_id=asesor.id,
            starts_on=starts_on,
            ends_on=ends_on,
            from_moment=begins,
            until_moment=over,
            note=note.strip(),
        )
        db.session.add(row)
        db.session.flush()
        _note(actor, "day_off.add", asesor, row)
    return next(line for line in coming(asesor) if line.row.id == row.id)


def remove(actor: Actor, asesor: User, row: AsesorDayOff) -> None:
    db.session.delete(row)
    db.session.flush()
    _note(actor, "day_off.remove", asesor, row)


def _note(actor: Actor, act: str, asesor: User, row: AsesorDayOff) -> None:
    first, last = row.starts_on.isoformat(), row.ends_on.isoformat()
    audit.note(actor, act, "user", asesor.public_id, first=first, last=last)
