"""Number series as the admin reads them: each with its next number, a new pattern, and the ledger with its proof.

Nothing taken is ever changed here. A series goes on counting through every version of its pattern.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from string import Formatter
from typing import Any, Final

from sqlalchemy import func, or_, select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import NumberCounter, NumberEntry, NumberSeries
from lsp.services import audit
from lsp.services.lembaga import current_or_none
from lsp.vocabulary import NumberState

PAGE_SIZE = 50
LONGEST = 80  # of number_entry.text
_HIGHEST = 2_147_483_000
#: What a pattern may print, in words, and an example of it.
FIELDS: Final[dict[str, tuple[str, str | int]]] = {
    "serial": ("nomor urut", 1),
    "year": ("tahun WIB", 2026),
    "kbli": ("KBLI skema", "71102"),
    "kbji": ("KBJI skema", "2142"),
    "jenjang": ("jenjang", 4),
    "licence": ("nomor lisensi LSP", "0000"),
}
_ALWAYS = frozenset({"serial", "year"})
_PAST = "Perubahan berlaku paling cepat hari ini: nomor yang sudah diambil tidak berubah."


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """A series in force: its pattern, what it gave last, what it would give next, and the version to come."""

    standing: NumberSeries
    coming: NumberSeries | None
    last: str
    next: str
    taken: bool
    fields: frozenset[str]
    #: First numbers of all its versions.
    starts: frozenset[int]

    @property
    def scope_words(self) -> str:
        return "mulai lagi setiap tahun" if self.standing.scope == "year" else "terus seumur LSP"

    @property
    def field_words(self) -> list[tuple[str, str]]:
        """(as it is typed, what it is) of each field this series knows."""
        return [
            (f"{{{name}}}", words) for name, (words, _) in FIELDS.items() if name in self.fields
        ]


def all_series() -> list[SeriesLine]:
    """Every series by its label, whoever added it; three queries however many there are."""
    versions: dict[str, list[NumberSeries]] = {}
    for row in db.session.scalars(
        select(NumberSeries).order_by(NumberSeries.code, NumberSeries.effective_from)
    ):
        versions.setdefault(row.code, []).append(row)
    counters = {
        (row.series_code, row.scope_key): row.last_serial
        for row in db.session.scalars(select(NumberCounter))
    }
    newest = select(func.max(NumberEntry.id)).group_by(NumberEntry.series_code)
    rows = db.session.execute(
        select(NumberEntry.series_code, NumberEntry.text).where(NumberEntry.id.in_(newest))
    )
    last = {row.series_code: row.text for row in rows}
    lines = [_line(rows, counters, last.get(code, "")) for code, rows in versions.items()]
    return sorted(lines, key=lambda line: line.standing.label)


def one_series(code: str) -> SeriesLine | None:
    return next((line for line in all_series() if line.standing.code == code), None)


def _line(
    rows: Sequence[NumberSeries], counters: dict[tuple[str, str], int], last: str
) -> SeriesLine:
    today = clock.today_wib()
    past = [row for row in rows if row.effective_from <= today]
    standing = past[-1] if past else rows[0]
    coming = next((row for row in rows if row.effective_from > today and row is not standing), None)
    mine = [scope for code, scope in counters if code == standing.code]
    # A field that no pattern of this series ever printed is not given where its numbers are taken.
    fields = _ALWAYS | {name for row in rows for name in _names(row.pattern)}
    return SeriesLine(
        standing,
        coming,
        last,
        _example(standing.pattern, _next_serial(standing, counters)),
        bool(mine),
        frozenset(fields),
        frozenset(row.start for row in rows),
    )


def _next_serial(series: NumberSeries, counters: dict[tuple[str, str], int]) -> int:
    scope = "life" if series.scope == "life" else str(clock.today_wib().year)
    return counters.get((series.code, scope), series.start - 1) + 1


def _names(pattern: str) -> set[str]:
    return {name for _text, name, _spec, _how in Formatter().parse(pattern) if name is not None}


def _example(pattern: str, serial: int) -> str:
    values: dict[str, str | int] = {name: example for name, (_words, example) in FIELDS.items()}
    standing = current_or_none()
    if standing is not None:
        values["licence"] = standing.licence_serial
    try:
        return pattern.format(**values | {"serial": serial, "year": clock.today_wib().year})
    except (LookupError, ValueError):
        return pattern  # with a field of a newer portal: shown as it is written


# --- A new version -----------------------------------------------------------------------------------------------


def preview(line: SeriesLine, pattern: str, *, start: int | None) -> list[str]:
    """The next three numbers as they would look. Raises DomainError for a pattern that cannot be used."""
    check_pattern(line, pattern)
    first = _first_of(line, start)
    return [_example(pattern, first + after) for after in range(3)]


def _first_of(line: SeriesLine, start: int | None) -> int:
    if not line.taken:
        return start or line.standing.start
    counters = {
        (row.series_code, row.scope_key): row.last_serial
        for row in db.session.scalars(
            select(NumberCounter).where(NumberCounter.series_code == line.standing.code)
        )
    }
    return _next_serial(line.standing, counters)


def check_pattern(line: SeriesLine, pattern: str) -> None:
    """Raise DomainError with what to write, unless every number of this pattern can be told from every other."""
    try:
        parts = list(Formatter().parse(pattern))
    except ValueError as error:
        raise _wrong("Ada kurung kurawal yang tidak berpasangan.") from error
    for _text, name, spec, conversion in parts:
        if name is None:
            continue
        if name not in line.fields or conversion:
            known = ", ".join(words for words, _ in line.field_words)
            raise _wrong(f"“{{{name}}}” tidak dikenal di sini. Yang dikenal: {known}.")
        if spec and not (name == "serial" and re.fullmatch("0[2-9]d|010d", spec)):
            raise _wrong("Banyak angka hanya untuk nomor urut, misalnya {serial:05d}.")
    names = _names(pattern)
    if "serial" not in names:
        raise _wrong("Pola harus memuat nomor urut, misalnya {serial:05d}.")
    if line.standing.scope == "year" and "year" not in names:
        raise _wrong("Deret ini mulai lagi setiap tahun, jadi pola harus memuat {year}.")
    if len(_example(pattern, _HIGHEST)) > LONGEST:
        raise _wrong(f"Nomornya paling panjang {LONGEST} huruf. Pendekkan pola ini.")
    _check_against_others(line, pattern)


def _check_against_others(line: SeriesLine, pattern: str) -> None:
    """Two series of one look would give two papers the same number; the ledger refuses it, but only on that day."""
    looks = _look(pattern)
    for row in db.session.scalars(
        select(NumberSeries).where(NumberSeries.code != line.standing.code)
    ):
        if _look(row.pattern) == looks:
            raise _wrong(
                f"Pola ini sama dengan “{row.label}”. Bedakan, supaya nomornya tidak kembar."
            )


def _look(pattern: str) -> str:
    return "".join(
        text + (f"{{{name}}}" if name is not None else "")
        for text, name, _spec, _how in Formatter().parse(pattern)
    ).casefold()


def _wrong(sentence: str) -> DomainError:
    return DomainError(sentence, field="pattern")


def add_version(
    actor: Actor, line: SeriesLine, *, pattern: str, start: int | None, effective_from: date
) -> NumberSeries:
    """Add a version of a series from a day on. Raises DomainError for its pattern, its day or its start."""
    check_pattern(line, pattern)
    if effective_from < clock.today_wib():
        raise DomainError(_PAST, field="effective_from")
    standing = line.standing
    if start is not None and start != standing.start and line.taken:
        raise DomainError("Sudah ada nomor yang diambil, jadi nomor pertama tidak dapat diubah.")
    same = {"code": standing.code, "effective_from": effective_from}
    if db.session.scalar(select(NumberSeries.id).filter_by(**same)) is not None:
        raise DomainError(
            "Sudah ada pola yang mulai pada tanggal itu. Pilih tanggal lain.",
            field="effective_from",
        )
    row = NumberSeries(
        **same,
        label=standing.label,
        pattern=pattern,
        scope=standing.scope,
        start=start if start is not None else standing.start,
    )
    db.session.add(row)
    db.session.flush()
    audit.note(
        actor, "number_series.change", "number_series", standing.code, value=pattern,
        since=effective_from.isoformat(), first=row.start,
    )  # fmt: skip
    return row


# --- The ledger --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the ledger is narrowed to; cursor: the entry before which it goes on."""

    text: str = ""
    series: str = ""
    year: int | None = None
    state: NumberState | None = None
    cursor: int | None = None


@dataclass(frozen=True, slots=True)
class LedgerPage:
    rows: Sequence[NumberEntry]
    next_cursor: int | None


def ledger(wanted: Wanted) -> LedgerPage:
    """50 numbers, the newest first. One query."""
    query = select(NumberEntry).order_by(NumberEntry.id.desc()).limit(PAGE_SIZE + 1)
    if wanted.series:
        query = query.where(NumberEntry.series_code == wanted.series)
    if wanted.state is not None:
        query = query.where(NumberEntry.state == wanted.state)
    if wanted.text:
        query = query.where(
            or_(
                func.lower(NumberEntry.text).contains(wanted.text.lower(), autoescape=True),
                func.lower(NumberEntry.void_reason).contains(wanted.text.lower(), autoescape=True),
            )
        )
    if wanted.year is not None:
        query = query.where(
            NumberEntry.taken_at >= _new_year(wanted.year),
            NumberEntry.taken_at < _new_year(wanted.year + 1),
        )
    if wanted.cursor is not None:
        query = query.where(NumberEntry.id < wanted.cursor)
    rows = db.session.scalars(query).all()
    more = len(rows) > PAGE_SIZE
    return LedgerPage(rows[:PAGE_SIZE], rows[PAGE_SIZE - 1].id if more else None)


def _new_year(year: int) -> datetime:
    """When a year begins in WIB."""
    return datetime.combine(date(year, 1, 1), time.min, clock.WIB).astimezone(UTC)


def years() -> list[int]:
    """Years in which numbers were taken, the newest first."""
    row: Any = db.session.execute(
        select(func.min(NumberEntry.taken_at), func.max(NumberEntry.taken_at))
    ).one()
    first, last = row
    if first is None:
        return []
    return list(range(last.astimezone(clock.WIB).year, first.astimezone(clock.WIB).year - 1, -1))


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether every series counts without a gap and without a number given twice; faults in sentences."""

    numbers: int
    voided: int
    faults: list[str]


def prove(lines: Sequence[SeriesLine]) -> Proof:
    """Count the ledger against itself and its counters: one query, whatever its length."""
    labels = {line.standing.code: line.standing.label for line in lines}
    starts = {line.standing.code: line.starts for line in lines}
    counted = db.session.execute(
        select(
            NumberCounter.series_code,
            NumberCounter.scope_key,
            NumberCounter.last_serial,
            func.count(NumberEntry.id).label("numbers"),
            func.count(func.distinct(NumberEntry.serial)).label("serials"),
            func.min(NumberEntry.serial).label("least"),
            func.max(NumberEntry.serial).label("most"),
            func.count(NumberEntry.id)
            .filter(NumberEntry.state == NumberState.VOIDED)
            .label("voided"),
        )
        .outerjoin(
            NumberEntry,
            (NumberEntry.series_code == NumberCounter.series_code)
            & (NumberEntry.scope_key == NumberCounter.scope_key),
        )
        .group_by(NumberCounter.series_code, NumberCounter.scope_key, NumberCounter.last_serial)
    ).all()
    faults: list[str] = []
    for row in counted:
        name = labels.get(row.series_code, row.series_code)
        name += "" if row.scope_key == "life" else f" {row.scope_key}"
        if row.numbers != row.serials:
            faults.append(f"{name}: {row.numbers - row.serials} nomor urut kembar.")
        first = row.least or 0
        if first not in starts.get(row.series_code, {first}):
            first = min(starts[row.series_code])
        missing = max(row.last_serial, row.most or 0) - first + 1 - row.serials
        if not row.numbers:
            faults.append(f"{name}: penghitung ada, tetapi buku nomornya kosong.")
        elif missing:
            faults.append(f"{name}: {missing} nomor urut terlewat.")
        elif row.last_serial != row.most:
            faults.append(f"{name}: penghitung tidak sama dengan nomor terakhir.")
    return Proof(sum(row.numbers for row in counted), sum(row.voided for row in counted), faults)
