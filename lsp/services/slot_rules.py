"""What stands in the way of a meeting that an asesor would open: asked for one slot, or for a whole series at once.

Read once, asked often: a series of a hundred slots costs the queries of one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import AsesorProfile, Jadwal, Slot, User
from lsp.models.inforce import (
    days_off_between,
    holiday_names,
    remote_permissions_between,
    setting,
)
from lsp.services import audit
from lsp.vocabulary import Mode
from lsp.vocabulary.dates import day_words
from lsp.workflow.fitness import why_no_permission, why_unfit

HOLIDAY_TICK = "Tetap buka di hari libur"


class Calendar:
    """An asesor's time around some meetings of a jadwal, with all that may bar another one.

    himself: the sentences are read by the asesor. but: a meeting that is not counted.
    """

    def __init__(
        self,
        jadwal: Jadwal,
        asesor: User,
        *,
        first: datetime,
        last: datetime,
        himself: bool,
        but: Slot | None = None,
    ) -> None:
        self.jadwal, self.asesor = jadwal, asesor
        self.who = "Anda" if himself else asesor.name
        day = timedelta(days=1)
        self.slots: list[tuple[datetime, datetime]] = []
        self.seats: Counter[date] = Counter()
        for slot in db.session.scalars(
            select(Slot).where(
                Slot.asesor_id == asesor.id,
                Slot.starts_at < last + day,
                Slot.ends_at > first - day,
                Slot.id != (but.id if but is not None else 0),
                Slot.cancelled_at.is_(None),
            )
        ):
            self.take(slot.starts_at, slot.ends_at, slot.capacity)
        self.off = days_off_between(first, last, asesor_id=asesor.id)
        days = (_wib(first), _wib(last))
        self.holidays = holiday_names(*days)
        self.permissions = remote_permissions_between(jadwal.skema_version.skema_id, *days)
        self.profile = db.session.get(AsesorProfile, asesor.id)
        self.load = int(setting("asesor_daily_load"))

    def take(self, starts_at: datetime, ends_at: datetime, capacity: int) -> None:
        """Count a meeting that stands, or that was just made."""
        self.slots.append((starts_at, ends_at))
        self.seats[_wib(starts_at)] += capacity

    def why_not(
        self, starts_at: datetime, ends_at: datetime, capacity: int, *, on_holiday: bool = False
    ) -> tuple[str, str] | None:
        """(sentence, the field it is about or empty), or None when nothing bars it."""
        day = _wib(starts_at)
        barred = (
            self._wrong_time(starts_at, ends_at)
            or self._unfit(day)
            or self._not_free(starts_at, ends_at)
            or self._too_many(day, capacity)
        )
        if barred is not None:
            return barred, ""
        if day in self.holidays and not on_holiday:
            return (
                f"{day_words(day)} hari libur ({self.holidays[day]}). "
                f"Centang “{HOLIDAY_TICK}” bila rapat memang diadakan.",
                "on_holiday",
            )
        return None

    def _wrong_time(self, starts_at: datetime, ends_at: datetime) -> str | None:
        if ends_at <= clock.now():
            return "Waktu slot sudah lewat. Pilih waktu lain."
        first, last = _wib(starts_at), _wib(ends_at)
        if self.jadwal.starts_on <= first <= last <= self.jadwal.ends_on:
            return None
        sentence = (
            "Tanggal slot harus di dalam tanggal jadwal, "
            f"{day_words(self.jadwal.starts_on)} sampai {day_words(self.jadwal.ends_on)}"
        )
        here = starts_at.astimezone(ZoneInfo(self.asesor.zone)).date()
        if here != first or first != last:
            return (
                f"{sentence} menurut WIB. Di WIB slot ini mulai {_moment_words(starts_at)} "
                f"dan selesai {_moment_words(ends_at)}."
            )
        return sentence + "."

    def _unfit(self, day: date) -> str | None:
        version = self.jadwal.skema_version
        reason = why_unfit(self.profile, version, until=day, who=self.who)
        if reason is None and self.jadwal.mode is Mode.DARING:
            return why_no_permission(self.permissions, version.methods, day, day)
        return reason

    def _not_free(self, starts_at: datetime, ends_at: datetime) -> str | None:
        who = "Asesor ini" if self.who == self.asesor.name else self.who
        if any(begun < ends_at and over > starts_at for begun, over in self.slots):
            return f"{who} sudah punya slot pada jam itu. Pilih jam lain."
        if any(row.from_moment < ends_at and row.until_moment > starts_at for row in self.off):
            return f"{who} tidak bertugas pada hari itu."
        return None

    def _too_many(self, day: date, capacity: int) -> str | None:
        if self.seats[day] + capacity <= self.load:
            return None
        return (
            f"Paling banyak {self.load} asesi sehari untuk satu asesor. "
            f"Pada {day_words(day)} sudah dibuka {self.seats[day]} kursi."
        )


def close(actor: Actor, slot: Slot) -> None:
    """Take an empty meeting off the lists; whether somebody sits in it is the caller's to ask."""
    slot.cancelled_at = clock.now()
    audit.note(actor, "slot.close", "slot", slot.public_id)


def around(
    jadwal: Jadwal, asesor: User, times: Iterable[tuple[datetime, datetime]], *, himself: bool
) -> Calendar:
    """The calendar that covers these meetings, of which there must be one."""
    spans = list(times)
    return Calendar(
        jadwal,
        asesor,
        first=min(start for start, _end in spans),
        last=max(end for _start, end in spans),
        himself=himself,
    )


def _wib(moment: datetime) -> date:
    return moment.astimezone(clock.WIB).date()


def _moment_words(moment: datetime) -> str:
    here = moment.astimezone(clock.WIB)
    return f"{day_words(here)} pukul {here:%H.%M}"
