"""BNSP's answer to a request: many numbers at once, typed or out of a sheet. Each is taken as if it came alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.gateways import sheets, storage
from lsp.gateways.sheets import Cell
from lsp.models import Blanko, BlankoRequest, FrApl01, nik_index
from lsp.services import certificates
from lsp.services.blanko_requests import waiting_rows
from lsp.services.certificates import one_line
from lsp.vocabulary import BlankoState

MOST_ROWS, MOST_PASTED = 500, 60_000
#: Rows of a file or of pasted text that are told one by one.
MOST_TOLD = 20
_HEADERS = frozenset(
    f"{word}{name}{whose}"
    for word in ("nomor", "no", "")
    for name in ("blanko", "blangko")
    for whose in ("bnsp", "")
)
_TAKEN = "Nomor blangko {} sudah tercatat untuk sertifikat lain."


@dataclass(slots=True)
class Saved:
    """What came of a press. wrong: by public id of the case, why its number was not taken."""

    names: list[str] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Misfit:
    """A row that fits no case, with the last digits of its NIK."""

    row: int
    shown: str
    reason: str


@dataclass(slots=True)
class Look:
    """What rows say before anything is written: numbers by public id of the case, and what is wrong with them."""

    numbers: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    misfits: list[Misfit] = field(default_factory=list)


def save(actor: Actor, request: BlankoRequest, typed: Mapping[str, tuple[str, int]]) -> Saved:
    """Take the numbers of a request by public id of the case: (number, version). What is wrong is named, the rest kept.

    The caller commits.
    """
    told = Saved()
    for row in waiting_rows(request):
        case = row.permohonan
        number, version = typed.get(case.public_id, ("", 0))
        if not one_line(number):
            continue
        key, name = case.public_id, case.asesi_name
        try:
            with db.session.begin_nested():
                certificates.receive_blanko(actor, case, number=number, version=version)
        except DomainError as refusal:
            told.wrong[key] = str(refusal)
        else:
            told.names.append(name)
    return told


# --- Out of a sheet ----------------------------------------------------------------------------------------------


def read_file(content: bytes) -> list[tuple[int, list[Cell]]]:
    """The rows of an XLSX or CSV, in a child process: hold no connection meanwhile. Raises DomainError."""
    found = sheets.read_sheets(content, most_rows=MOST_ROWS, lock_path=storage.heavy_lock())
    rows = [row for sheet in found for row in sheet.rows]
    _refuse_more(len(rows) > MOST_ROWS or any(sheet.more for sheet in found))
    return rows


def _refuse_more(is_more: bool) -> None:
    """What is left out would look like numbers that BNSP has not given yet."""
    if is_more:
        raise DomainError(
            f"Lembar ini lebih dari {MOST_ROWS} baris. Belum ada yang dibaca. Pakai baris asesi permintaan ini saja."
        )


def read_pasted(text: str) -> list[tuple[int, list[Cell]]]:
    """Rows as a spreadsheet puts them on the clipboard, or typed with a comma, a semicolon or a blank between.

    Raises DomainError.
    """
    lines = text.splitlines()
    _refuse_more(len(lines) > MOST_ROWS or len(text) > MOST_PASTED)
    rows = []
    for number, line in enumerate(lines, 1):
        parts = re.split(r"[\t;,]", line) if re.search(r"[\t;,]", line) else line.split(None, 1)
        cells = [Cell(part.strip()) for part in parts]
        if any(cell.text for cell in cells):
            rows.append((number, cells))
    return rows


def look(request: BlankoRequest, rows: Sequence[tuple[int, list[Cell]]]) -> Look:
    """Which row is whose, without writing anything. Three queries."""
    by_nik = _cases_by_nik(request)
    waiting = {row.permohonan.public_id for row in waiting_rows(request)}
    column, found = _number_column(rows), Look()
    for row_number, cells in rows:
        place, nik = _nik_in(cells, by_nik)
        if place is None:
            if any(_normal(cell.text) in _HEADERS for cell in cells):
                continue
            found.misfits.append(Misfit(row_number, "", "Tidak ada NIK di baris ini."))
            continue
        key = by_nik.get(nik_index(nik))
        number = one_line(_number_of(cells, place, column))
        reason = _why_not(key, waiting, number, cells[place], found)
        if reason or key is None:
            if number or key is None:
                found.misfits.append(Misfit(row_number, f"NIK …{nik[-4:]}", reason))
            continue
        found.numbers[key] = number
    _name_the_taken(request, found)
    return found


def _why_not(key: str | None, waiting: set[str], number: str, cell: Cell, found: Look) -> str:
    if key is None:
        if cell.kind == "number":
            return "NIK ini disimpan sebagai angka, jadi angka terakhirnya hilang. Jadikan kolomnya Teks."
        return "NIK ini bukan asesi kompeten di permintaan ini."
    if key not in waiting:
        return "Nomor asesi ini sudah tercatat, atau permintaannya sudah dijawab."
    if not number:
        return "Nomor blangkonya kosong."
    if key in found.numbers:
        return "NIK ini ada di dua baris; yang dibaca yang pertama."
    return ""


def _name_the_taken(request: BlankoRequest, found: Look) -> None:
    twice = Counter(found.numbers.values())
    own = {row.permohonan.public_id: row.permohonan_id for row in request.cases}
    standing = db.session.execute(
        select(Blanko.number, Blanko.permohonan_id, Blanko.state).where(
            Blanko.number.in_(set(found.numbers.values()))
        )
    ).all()
    taken = {
        row.number: row.permohonan_id for row in standing if row.state is not BlankoState.MISTYPED
    }
    for key, number in found.numbers.items():
        if twice[number] > 1:
            found.wrong[key] = f"Nomor blangko {number} ada di dua baris."
        elif number in taken and taken[number] != own[key]:
            found.wrong[key] = _TAKEN.format(number)


def _cases_by_nik(request: BlankoRequest) -> dict[str, str]:
    """Blind index of a NIK -> public id of its K case in the request."""
    public = {row.permohonan_id: row.permohonan.public_id for row in request.cases if row.result == "K"}  # fmt: skip
    rows = db.session.execute(
        select(FrApl01.nik_index, FrApl01.permohonan_id).where(
            FrApl01.permohonan_id.in_(public), FrApl01.nik_index.is_not(None)
        )
    )
    return {row.nik_index: public[row.permohonan_id] for row in rows}


def _nik_in(cells: Sequence[Cell], by_nik: Mapping[str, str]) -> tuple[int | None, str]:
    """(its place, the NIK): the cell of somebody in the request, else the first that looks like one."""
    likely: tuple[int | None, str] = (None, "")
    for place, cell in enumerate(cells):
        text = re.sub(r"[\s'’.-]", "", cell.text[:40]).upper()
        if text and nik_index(text) in by_nik:
            return place, text
        if likely[0] is None and re.fullmatch(r"\d{16}", text):
            likely = place, text
    return likely


def _number_column(rows: Sequence[tuple[int, list[Cell]]]) -> int | None:
    for _number, cells in rows[:30]:
        for place, cell in enumerate(cells):
            if _normal(cell.text) in _HEADERS:
                return place
    return None


def _number_of(cells: Sequence[Cell], nik_place: int, column: int | None) -> str:
    """Under the header that names it; without one the only other cell that is filled, or the one after the NIK."""
    if column is not None:
        return cells[column].text if column < len(cells) and column != nik_place else ""
    others = [cell.text for place, cell in enumerate(cells) if place != nik_place and cell.text]
    if len(others) == 1:
        return others[0]
    after = cells[nik_place + 1 : nik_place + 2]
    return after[0].text if after else ""


def _normal(text: str) -> str:
    return re.sub(r"[\W_]+", "", text[:60].casefold())
