"""A week of meetings by day, in the zone of who reads: bookings, free seats, days off and holidays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp.database import db
from lsp.models import AsesorDayOff, Booking, Permohonan, Slot, User
from lsp.models.inforce import days_off_between, holiday_names
from lsp.services.days_off import moments

DAYS = 7


@dataclass(slots=True)
class WeekMeeting:
    slot: Slot
    cases: list[Permohonan] = field(default_factory=list)

    @property
    def free(self) -> int:
        return self.slot.capacity - len(self.cases)


@dataclass(slots=True)
class WeekDay:
    """A day; off: names of the asesor who do not work on it."""

    day: date
    holiday: str
    off: list[str] = field(default_factory=list)
    meetings: list[WeekMeeting] = field(default_factory=list)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def week_of(monday: date, zone: str, *, asesor_id: int | None = None) -> list[WeekDay]:
    """The seven days from a Monday, of one asesor or of all; a fixed number of queries."""
    sunday = monday + timedelta(days=DAYS - 1)
    begins, over = moments(monday, sunday, zone)
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
    return list(found.values())


def _touches(row: AsesorDayOff, day: date, zone: str) -> bool:
    begins, over = moments(day, day, zone)
    return row.from_moment < over and row.until_moment > begins


def _names(people: Iterable[int]) -> dict[int, str]:
    wanted = set(people)
    if not wanted:
        return {}
    rows = db.session.execute(select(User.id, User.name).where(User.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def _meetings(begins: datetime, over: datetime, asesor_id: int | None) -> list[WeekMeeting]:
    query = (
        select(Slot, Permohonan)
        .outerjoin(Booking, (Booking.slot_id == Slot.id) & Booking.cancelled_at.is_(None))
        .outerjoin(Permohonan, Permohonan.id == Booking.permohonan_id)
        .where(Slot.cancelled_at.is_(None), Slot.starts_at >= begins, Slot.starts_at < over)
        .order_by(Slot.starts_at, Slot.id, Booking.seat)
        .options(joinedload(Slot.jadwal), joinedload(Slot.asesor))
    )
    if asesor_id is not None:
        query = query.where(Slot.asesor_id == asesor_id)
    found: dict[int, WeekMeeting] = {}
    for slot, case in db.session.execute(query):
        meeting = found.setdefault(slot.id, WeekMeeting(slot))
        if case is not None:
            meeting.cases.append(case)
    return list(found.values())
