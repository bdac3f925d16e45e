"""A week of meetings by day, in the zone of who reads: bookings, free seats, days off and holidays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.database import db
from lsp.models import AsesorDayOff, Booking, Permohonan, Slot, User
from lsp.models.inforce import days_off_between, holiday_names

DAYS = 7


@dataclass(frozen=True, slots=True)
class WeekSeat:
    """Who sits in a meeting; closed: it was held, or its result stands."""

    case: Permohonan
    closed: bool


@dataclass(slots=True)
class WeekMeeting:
    """A meeting; off: its asesor does not work then, so nobody can book it."""

    slot: Slot
    seats: list[WeekSeat] = field(default_factory=list)
    off: bool = False

    @property
    def free(self) -> int:
        return self.slot.capacity - len(self.seats)


@dataclass(slots=True)
class WeekDay:
    """A day; off: names of the asesor who do not work on it."""

    day: date
    holiday: str
    off: list[str] = field(default_factory=list)
    meetings: list[WeekMeeting] = field(default_factory=list)

    @property
    def booked(self) -> list[WeekMeeting]:
        return [meeting for meeting in self.meetings if meeting.seats]

    @property
    def empty(self) -> list[WeekMeeting]:
        return [meeting for meeting in self.meetings if not meeting.seats]


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def week_of(monday: date, zone: str, *, asesor_id: int | None = None) -> list[WeekDay]:
    """The seven days from a Monday, of one asesor or of all; a fixed number of queries."""
    sunday = monday + timedelta(days=DAYS - 1)
    begins, over = clock.day_span(monday, sunday, ZoneInfo(zone))
    holidays = holiday_names(monday, sunday)
    days = [monday + timedelta(days=number) for number in range(DAYS)]
    found = {day: WeekDay(day, holidays.get(day, "")) for day in days}
    for meeting in _meetings(begins, over, asesor_id):
        found[meeting.slot.starts_at.astimezone(ZoneInfo(zone)).date()].meetings.append(meeting)
    off = days_off_between(begins, over, asesor_id=asesor_id)
    names = _names(row.user_id for row in off)
    for row in off:
        for day in found.values():
            if _touches(row, day.day, zone):
                day.off.append(names[row.user_id])
                _bar(day.meetings, row)
    return list(found.values())


def _bar(meetings: Iterable[WeekMeeting], row: AsesorDayOff) -> None:
    for meeting in meetings:
        slot = meeting.slot
        if (
            slot.asesor_id == row.user_id
            and row.from_moment < slot.ends_at
            and row.until_moment > slot.starts_at
        ):
            meeting.off = True


def _touches(row: AsesorDayOff, day: date, zone: str) -> bool:
    begins, over = clock.day_span(day, day, ZoneInfo(zone))
    return row.from_moment < over and row.until_moment > begins


def _names(people: Iterable[int]) -> dict[int, str]:
    wanted = set(people)
    if not wanted:
        return {}
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def _meetings(begins: datetime, over: datetime, asesor_id: int | None) -> list[WeekMeeting]:
    query = (
        select(Slot, Permohonan, Booking.closed_at)
        .outerjoin(Booking, (Booking.slot_id == Slot.id) & Booking.cancelled_at.is_(None))
        .outerjoin(Permohonan, Permohonan.id == Booking.permohonan_id)
        .where(Slot.cancelled_at.is_(None), Slot.starts_at >= begins, Slot.starts_at < over)
        .order_by(Slot.starts_at, Slot.id, Booking.seat)
        .options(joinedload(Slot.jadwal), joinedload(Slot.asesor))
    )
    if asesor_id is not None:
        query = query.where(Slot.asesor_id == asesor_id)
    found: dict[int, WeekMeeting] = {}
    for slot, case, closed_at in db.session.execute(query):
        meeting = found.setdefault(slot.id, WeekMeeting(slot))
        if case is not None:
            meeting.seats.append(WeekSeat(case, closed_at is not None))
    return list(found.values())
