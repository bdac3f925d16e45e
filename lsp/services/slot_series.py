"""Many meetings at once: every Saturday from 09.00 to 12.00, for four weeks. First shown, then opened together."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Jadwal, Slot, User
from lsp.services import schedule, slot_rules
from lsp.vocabulary import MeetingKind

MOST_SLOTS = 100
MOST_WEEKS = 12
STANDS = "Sudah dibuka."


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What was asked for; hours in `zone`. weekdays: 0 is Monday."""

    kind: MeetingKind
    weekdays: Collection[int]
    first: date
    weeks: int
    from_time: time
    to_time: time
    minutes: int
    pause: int
    capacity: int
    meeting_url: str
    on_holiday: bool
    zone: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """A meeting of a series; barred: why it is not opened, or empty. outside: its day is not one of the jadwal."""

    starts_at: datetime
    ends_at: datetime
    barred: str
    outside: bool = False

    @property
    def stands(self) -> bool:
        """Opened before, by this very series."""
        return self.barred == STANDS


def times_of(series: Series) -> list[tuple[datetime, datetime]]:
    """When its meetings begin and end. Raises DomainError when there is none, or too many."""
    zone, length = ZoneInfo(series.zone), timedelta(minutes=series.minutes)
    found: list[tuple[datetime, datetime]] = []
    for offset in range(series.weeks * 7):
        day = series.first + timedelta(days=offset)
        if day.weekday() not in series.weekdays:
            continue
        begins = datetime.combine(day, series.from_time, zone)
        until = datetime.combine(day, series.to_time, zone)
        while begins + length <= until:
            found.append((begins, begins + length))
            begins += length + timedelta(minutes=series.pause)
    if not found:
        raise DomainError("Tidak ada slot yang muat. Periksa hari, jam, dan lama rapatnya.")
    if len(found) > MOST_SLOTS:
        raise DomainError(
            f"Isian ini menghasilkan {len(found)} slot. Paling banyak {MOST_SLOTS} sekali buka: "
            "kurangi minggu atau harinya."
        )
    return found


def weeks_left(jadwal: Jadwal, first: date) -> int:
    """How many weeks from that day the jadwal still holds, as far as a series may go."""
    return max(1, min(MOST_WEEKS, (jadwal.ends_on - first).days // 7 + 1))


def propose(actor: Actor, jadwal: Jadwal, asesor_id: int | None, series: Series) -> list[Proposed]:
    """Every meeting of the series with what bars it. Writes nothing. Raises DomainError for what bars all."""
    asesor = schedule.check_opening(jadwal, asesor_id)
    times = times_of(series)
    schedule.link_of(jadwal.mode, series.meeting_url)
    calendar = slot_rules.around(jadwal, asesor, times, himself=asesor.id == actor.id)
    standing = _standing(jadwal, asesor, series.kind)
    found = []
    for begins, ends in times:
        barred = (
            (STANDS, "")
            if (begins, ends) in standing
            else calendar.why_not(begins, ends, series.capacity, on_holiday=series.on_holiday)
        )
        if barred is None:
            calendar.take(begins, ends, series.capacity)
        outside = not jadwal.starts_on <= begins.date() <= jadwal.ends_on
        found.append(
            Proposed(begins, ends, barred[0] if barred else "", outside=bool(barred) and outside)
        )
    return found


def _standing(jadwal: Jadwal, asesor: User, kind: MeetingKind) -> set[tuple[datetime, datetime]]:
    rows = db.session.execute(
        select(Slot.starts_at, Slot.ends_at).where(
            Slot.jadwal_id == jadwal.id,
            Slot.asesor_id == asesor.id,
            Slot.kind == kind,
            Slot.cancelled_at.is_(None),
        )
    )
    return {(row.starts_at, row.ends_at) for row in rows}


def open_all(actor: Actor, jadwal: Jadwal, asesor_id: int | None, series: Series) -> list[Proposed]:
    """Open what nothing bars, all or none of it in the caller's transaction. Sent twice it opens them once.

    Returns the series as it was judged. Raises DomainError when nothing can be opened and nothing stands.
    """
    asesor = schedule.check_opening(jadwal, asesor_id)
    schedule.take_turns(asesor.id)
    found = propose(actor, jadwal, asesor_id, series)
    if all(each.barred not in ("", STANDS) for each in found):
        raise DomainError("Tidak satu pun slot ini dapat dibuka. Lihat alasannya, lalu ubah isian.")
    for each in found:
        if not each.barred:
            schedule.write_slot(
                actor,
                jadwal,
                asesor,
                kind=series.kind,
                starts_at=each.starts_at,
                ends_at=each.ends_at,
                capacity=series.capacity,
                meeting_url=schedule.link_of(jadwal.mode, series.meeting_url),
            )
    return found
