"""Holidays: fixed ones ship with the portal, movable ones are typed or pasted by the admin, year by year.

A day that is over stays: working days were counted with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Holiday, Slot
from lsp.services import audit
from lsp.vocabulary.dates import day_words

MOST_LINES = 100
LONGEST_NAME = 120
_MONTHS = (
    "januari", "februari", "maret", "april", "mei", "juni", "juli", "agustus", "september", "oktober",
    "november", "desember",
)  # fmt: skip
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})\b")
_SLASHED = re.compile(r"(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})\b")
_WORDED = re.compile(
    rf"(?P<day>\d{{1,2}})\s+(?P<month>{'|'.join(_MONTHS)})\s+(?P<year>\d{{4}})\b", re.I
)


@dataclass(frozen=True, slots=True)
class TypedLine:
    """A line as it was typed. error: what is wrong with it, or empty."""

    number: int
    text: str
    day: date | None = None
    name: str = ""
    error: str = ""


def of_year(year: int) -> Sequence[Holiday]:
    return db.session.scalars(
        select(Holiday)
        .where(Holiday.day >= date(year, 1, 1), Holiday.day <= date(year, 12, 31))
        .order_by(Holiday.day)
    ).all()


def slots_on(days: Iterable[date]) -> dict[date, list[Slot]]:
    """Day (WIB) -> the meetings that still stand on it, by time; a holiday closes none of them."""
    wanted = sorted(days)
    if not wanted:
        return {}
    begins, over = clock.day_span(wanted[0], wanted[-1])
    found: dict[date, list[Slot]] = {}
    for slot in db.session.scalars(
        select(Slot)
        .where(
            Slot.cancelled_at.is_(None),
            Slot.starts_at >= max(begins, clock.now()),
            Slot.starts_at < over,
        )
        .order_by(Slot.starts_at, Slot.id)
        .options(joinedload(Slot.asesor), joinedload(Slot.jadwal))
    ):
        day = slot.starts_at.astimezone(clock.WIB).date()
        if day in wanted:
            found.setdefault(day, []).append(slot)
    return found


def years() -> list[int]:
    """Years that have holidays, and this and the next one."""
    this = clock.today_wib().year
    known = {day.year for day in db.session.scalars(select(Holiday.day))}
    return sorted(known | {this, this + 1})


def years_without_movable() -> list[int]:
    """This year and the next, where nobody has typed the movable holidays yet."""
    this = clock.today_wib().year
    typed = {
        day.year
        for day in db.session.scalars(
            select(Holiday.day).where(Holiday.movable, Holiday.day >= date(this, 1, 1))
        )
    }
    return [year for year in (this, this + 1) if year not in typed]


def read(text: str) -> list[TypedLine]:
    """Each line that is not empty: a date, then the name. Wrong ones carry what to write."""
    rows = [
        (number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()
    ]
    found: list[TypedLine] = []
    seen: set[date] = set()
    for number, line in rows[:MOST_LINES]:
        typed = _read_line(number, line)
        if typed.day is not None and typed.day in seen:
            typed = TypedLine(number, line, error="Tanggal ini sudah ada di baris lain.")
        if typed.day is not None:
            seen.add(typed.day)
        found.append(typed)
    found += [
        TypedLine(number, line, error=f"Paling banyak {MOST_LINES} baris sekali simpan.")
        for number, line in rows[MOST_LINES:]
    ]
    return found


def _read_line(number: int, line: str) -> TypedLine:
    match = _ISO.match(line) or _SLASHED.match(line) or _WORDED.match(line)
    if match is None:
        return TypedLine(number, line, error="Mulai dengan tanggal, contohnya 20/03/2027.")
    try:
        day = date(int(match["year"]), _month(match["month"]), int(match["day"]))
    except ValueError:
        return TypedLine(number, line, error="Tanggal ini tidak ada di kalender.")
    name = line[match.end() :].strip(" \t,;:–-")
    if not name:
        return TypedLine(number, line, error="Tulis nama hari libur sesudah tanggalnya.")
    if len(name) > LONGEST_NAME:
        return TypedLine(number, line, error=f"Namanya paling panjang {LONGEST_NAME} huruf.")
    today = clock.today_wib()
    if day < today:
        return TypedLine(number, line, error="Tanggal ini sudah lewat.")
    if day.year > today.year + 10:
        return TypedLine(number, line, error="Periksa tahunnya.")
    return TypedLine(number, line, day, name)


def _month(text: str) -> int:
    return int(text) if text.isdigit() else _MONTHS.index(text.lower()) + 1


def add(actor: Actor, lines: Sequence[TypedLine]) -> int:
    """Add what was read, all of it or nothing; a day that stands already under this name is left. Returns how many.

    Raises DomainError for a day that stands under another name.
    """
    days = [line.day for line in lines if line.day is not None]
    standing = {
        row.day: row.name
        for row in db.session.scalars(select(Holiday).where(Holiday.day.in_(days)))
    }
    added = 0
    for line in lines:
        if line.day is None:
            continue
        name = standing.get(line.day)
        if name is not None and name.casefold() != line.name.casefold():
            raise DomainError(
                f"Baris {line.number}: {day_words(line.day)} sudah tercatat sebagai {name}. "
                "Hapus dulu yang itu, atau hapus baris ini.",
                field="lines",
            )
        if name is None:
            db.session.add(Holiday(day=line.day, name=line.name, movable=True))
            audit.note(actor, "holiday.add", "holiday", line.day.isoformat())
            added += 1
    db.session.flush()
    return added


def one(text: str) -> Holiday | None:
    """The holiday of an ISO date."""
    try:
        return db.session.get(Holiday, date.fromisoformat(text))
    except ValueError:
        return None


def remove(actor: Actor, row: Holiday) -> None:
    """Take a coming holiday off the list. Raises DomainError for one that is over."""
    if row.day < clock.today_wib():
        raise DomainError("Hari libur yang sudah lewat tidak dihapus: hari kerja sudah dihitung.")
    day = row.day.isoformat()
    db.session.delete(row)
    db.session.flush()
    audit.note(actor, "holiday.remove", "holiday", day)
