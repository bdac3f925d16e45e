"""Days off of an asesor, noted by himself or the admin: they bar new slots and seats, and cancel nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased, joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import AsesorDayOff, Booking, Permohonan, Slot, User
from lsp.services import audit
from lsp.vocabulary.dates import day_words

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
    """His meetings that are not over, with those who hold a seat; what was held today already is behind him."""
    over = aliased(Booking)
    held = select(over.id).where(over.slot_id == Slot.id, over.closed_at.is_not(None))
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
        .where(
            Slot.asesor_id == asesor_id,
            Slot.cancelled_at.is_(None),
            Slot.ends_at > clock.now(),
            or_(Booking.id.is_not(None), ~held.exists()),
        )
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
    """Note days off; days that stand noted already are no second row.

    Raises DomainError for days that are over, or of which only some are noted: each day stands in one row.
    """
    ends_on = ends_on or starts_on
    begins, over = clock.day_span(starts_on, ends_on, ZoneInfo(asesor.zone))
    if ends_on < starts_on:
        raise DomainError("Hari terakhir lebih awal dari hari pertama.", field="ends_on")
    if over <= clock.now():
        raise DomainError("Hari ini sudah lewat. Pilih tanggal lain.", field="starts_on")
    if (ends_on - starts_on).days >= MOST_DAYS:
        raise DomainError("Paling lama satu tahun sekali catat.", field="ends_on")
    row = _noted_already(asesor, starts_on, ends_on)
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


def add_missing(actor: Actor, asesor: User, *, starts_on: date, ends_on: date) -> None:
    """Note those of these days that are not noted yet, and not over where he lives."""
    first = max(starts_on, clock.now().astimezone(ZoneInfo(asesor.zone)).date())
    noted = db.session.execute(
        select(AsesorDayOff.starts_on, AsesorDayOff.ends_on).where(
            AsesorDayOff.user_id == asesor.id, AsesorDayOff.ends_on >= first
        )
    ).all()
    begins = None
    for number in range((ends_on - first).days + 2):
        day = first + timedelta(days=number)
        missing = day <= ends_on and not any(one <= day <= last for one, last in noted)
        if missing and begins is None:
            begins = day
        elif not missing and begins is not None:
            add(actor, asesor, starts_on=begins, ends_on=day - timedelta(days=1))
            begins = None


def _span(row: AsesorDayOff) -> str:
    first, last = day_words(row.starts_on), day_words(row.ends_on)
    return first if first == last else f"{first} sampai {last}"


def _noted_already(asesor: User, starts_on: date, ends_on: date) -> AsesorDayOff | None:
    """The row in which all of these days stand. Raises DomainError where some of them stand in one."""
    touching = db.session.scalars(
        select(AsesorDayOff)
        .where(
            AsesorDayOff.user_id == asesor.id,
            AsesorDayOff.starts_on <= ends_on,
            AsesorDayOff.ends_on >= starts_on,
        )
        .order_by(AsesorDayOff.starts_on)
    ).all()
    for row in touching:
        if row.starts_on <= starts_on and row.ends_on >= ends_on:
            return row
    if touching:
        days = " dan ".join(_span(row) for row in touching)
        raise DomainError(
            f"Sebagian hari ini sudah tercatat: {days}. Tulis hari yang belum saja, atau hapus dulu catatan itu.",
            field="starts_on",
        )
    return None


def remove(actor: Actor, asesor: User, row: AsesorDayOff) -> None:
    db.session.delete(row)
    db.session.flush()
    _note(actor, "day_off.remove", asesor, row)


def _note(actor: Actor, act: str, asesor: User, row: AsesorDayOff) -> None:
    first, last = row.starts_on.isoformat(), row.ends_on.isoformat()
    audit.note(actor, act, "user", asesor.public_id, first=first, last=last)
