"""Rows of an instrument as a sheet: read from what was pasted or uploaded, and written for a spreadsheet.

Nothing is stored here: what was understood is shown first, row by row, and taken in by muk_rows.py.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lsp.errors import DomainError
from lsp.gateways import sheets, storage
from lsp.models import Elemen, Instrument, Kuk, UnitKompetensi
from lsp.services.muk_check import LETTERS
from lsp.services.muk_rows import MOST_ROWS
from lsp.services.muk_values import RowValues, values_of
from lsp.services.sheets import FORMULA, CsvSheet, XlsxSheet
from lsp.vocabulary import ItemKind
from lsp.workflow.muk import Shape, shape_of

Numbered = TypeVar("Numbered", Elemen, Kuk)
LONGEST = 2_000
#: Lines of a sheet that are looked at; more is no list of questions.
MOST_LINES = 1_000
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
#: First words of a header by what stands below: a spreadsheet of the LSP's own names them so or so.
_HEADERS = {
    "kind": ("jenis",),
    "unit": ("kode unit", "unit"),
    "elemen": ("no elemen", "nomor elemen", "elemen"),
    "kuk": ("no kuk", "nomor kuk", "kuk"),
    "key": ("kunci", "jawaban", "tanggapan"),
    "option": ("pilihan", "opsi", "rincian", "daftar pertanyaan"),
    "text": ("pertanyaan", "soal", "pernyataan", "standar", "instruksi", "aspek", "lingkup", "spesifikasi", "isi"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Record:
    """A line of the sheet: its number there and its cells."""

    number: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Understood:
    """What a line was read as. where: unit, elemen and KUK that were found; errors: what is wrong and what to do."""

    number: int
    values: RowValues
    where: str
    errors: tuple[str, ...]
    is_standing: bool = False


# --- Cells -------------------------------------------------------------------------------------------------------


def records_of_text(text: str) -> list[Record]:
    """Lines as a spreadsheet copies them (tabs), or as it writes CSV."""
    first = text.partition("\n")[0]
    sign = "\t" if "\t" in text else ";" if ";" in first else ","
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=sign))
    except csv.Error as error:
        raise DomainError(
            "Tempelan ini tidak dapat dibaca sebagai tabel. Salin lagi dari lembar kerja.",
            field="lines",
        ) from error
    return _filled(
        Record(number, [_cell(cell) for cell in row]) for number, row in enumerate(rows, 1)
    )


def _cell(text: str) -> str:
    """Without the mark that keeps a spreadsheet from calculating a text (services/sheets.py)."""
    found = text.strip()
    return found[1:] if found.startswith("'") and found[1:].startswith(FORMULA) else found


def records_of_file(content: bytes) -> list[Record]:
    """The first sheet of a file, read in a child: hold no connection meanwhile. Raises DomainError."""
    found = sheets.read_sheets(content, most_rows=MOST_LINES, lock_path=storage.heavy_lock())
    if not found:
        raise DomainError("Berkas ini tidak berisi baris. Pilih berkas lain.", field="sheet")
    rows = found[0].rows
    # Two letters past what may be read, so that a cell that was cut is told as too long.
    return _filled(
        Record(number, [_cell(cell.text) + "…" * 2 * (cell.kind == "cut") for cell in cells])
        for number, cells in rows
    )


def _filled(records: Iterable[Record]) -> list[Record]:
    found = [record for record in records if any(record.cells)]
    if len(found) > MOST_LINES:
        raise DomainError(
            f"Paling banyak {MOST_LINES} baris sekali impor. Tidak ada yang disimpan. Bagi lembarnya.",
            field="lines",
        )
    return found


def text_of(records: Sequence[Record]) -> str:
    """The same lines as text to be looked at and mended; each keeps its number."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter="\t", lineterminator="\n")
    by_number = {record.number: record.cells for record in records}
    for number in range(1, max(by_number, default=0) + 1):
        writer.writerow(by_number.get(number, []))
    return written.getvalue()


# --- What they mean ----------------------------------------------------------------------------------------------


def understand(
    instrument: Instrument, units: Sequence[UnitKompetensi], records: Sequence[Record]
) -> list[Understood]:
    """Every line below the header, with what was found of it. Raises DomainError where nothing is to be read."""
    shape = shape_of(instrument)
    columns = _columns_of(records[0].cells) if records else {}
    lines = records[1:] if columns else records
    if not lines:
        raise DomainError("Belum ada baris. Tempel tabelnya, atau pilih berkas.", field="lines")
    columns = columns or _usual_columns(shape)
    reader = _Reader(shape, units, columns, {values_of(item) for item in instrument.items})
    return [reader.read(record) for record in lines]


def unread_columns(instrument: Instrument, records: Sequence[Record]) -> list[str]:
    """Columns with something in them that nothing is taken from: by their title, else by the letter of the sheet."""
    shape = shape_of(instrument)
    header = _columns_of(records[0].cells) if records else {}
    taken = _taken(shape, header or _usual_columns(shape))
    titles = records[0].cells if header else []
    lines = records[1:] if header else records
    used = {place for record in lines for place, cell in enumerate(record.cells) if cell}
    return [
        titles[place] if place < len(titles) and titles[place] else f"kolom {_letters(place)}"
        for place in sorted(used - taken)
    ]


def _taken(shape: Shape, columns: dict[str, list[int]]) -> set[int]:
    """Places whose cells reach a row: of each name the first, of the options as many as there may be."""
    found = {columns[name][0] for name in _order(shape) if columns.get(name)}
    return found | set(columns.get("option", ())[: len(LETTERS)] if shape.options else ())


def _letters(place: int) -> str:
    """A, B … Z, AA: as a spreadsheet names its columns."""
    first, last = divmod(place, 26)
    return (_letters(first - 1) if first else "") + chr(ord("A") + last)


def _usual_columns(shape: Shape) -> dict[str, list[int]]:
    """Of a sheet without a header."""
    columns = {name: [place] for place, name in enumerate(_order(shape))}
    if shape.options:
        columns["option"] = list(range(len(columns), len(columns) + len(LETTERS)))
    return columns


def _order(shape: Shape) -> list[str]:
    """The columns of a sheet without a header, and of the one that is written."""
    names = ["kind"] if len(shape.kinds) > 1 else []
    names += ["unit", "elemen", "kuk", "text"]
    return [*names, "key"] if shape.key else names


def _columns_of(cells: Sequence[str]) -> dict[str, list[int]]:
    """Which column holds what; empty where the first line is no header."""
    found: dict[str, list[int]] = {}
    for place, cell in enumerate(cells):
        words = " ".join(re.findall(r"[a-z]+", cell.lower()))
        for name, firsts in _HEADERS.items():
            if words and len(words) < 40 and any(words.startswith(first) for first in firsts):
                found.setdefault(name, []).append(place)
                break
    is_header = "text" in found and (len(found) > 1 or len(cells) == 1)
    return found if is_header else {}


class _Reader:
    """Reads the lines of one sheet; what came in an earlier line is not taken twice."""

    def __init__(
        self,
        shape: Shape,
        units: Sequence[UnitKompetensi],
        columns: dict[str, list[int]],
        standing: set[RowValues],
    ) -> None:
        self.shape, self.units, self.columns, self.standing = shape, units, columns, standing

    def read(self, record: Record) -> Understood:
        errors: list[str] = []
        unit, elemen, kuk = self._about(record, errors)
        options = tuple(text for text in self._cells(record, "option") if text)
        values = RowValues(
            kind=self._kind(record, errors),
            text=self._cell(record, "text"),
            key=self._key(record, options, errors),
            options=options[: len(LETTERS)] if self.shape.options else (),
            unit_id=unit.id if unit else None,
            elemen_id=elemen.id if elemen else None,
            kuk_id=kuk.id if kuk else None,
        )
        if not values.text:
            errors.append(f"Isi kolom {self.shape.text}.")
        if any(len(text) > LONGEST for text in (values.text, values.key, *values.options)):
            errors.append(f"Ada isian yang lebih dari {LONGEST} huruf. Pendekkan.")
        is_standing = values in self.standing
        if not errors:
            self.standing.add(values)
        return Understood(
            record.number, values, _where(unit, elemen, kuk), tuple(errors), is_standing
        )

    def _cells(self, record: Record, name: str) -> list[str]:
        places = self.columns.get(name, ())
        return [record.cells[place].strip() for place in places if place < len(record.cells)]

    def _cell(self, record: Record, name: str) -> str:
        return next(iter(self._cells(record, name)), "")

    def _kind(self, record: Record, errors: list[str]) -> ItemKind:
        typed = self._cell(record, "kind").casefold()
        for kind in self.shape.kinds:
            if typed in ("", kind.value, kind.label.casefold()):
                return kind
        known = " atau ".join(kind.label for kind in self.shape.kinds)
        errors.append(f"Jenis “{typed}” tidak dikenal. Tulis {known}.")
        return self.shape.kinds[0]

    def _key(self, record: Record, options: tuple[str, ...], errors: list[str]) -> str:
        typed = self._cell(record, "key") if self.shape.key else ""
        if not self.shape.key_is_letter or not typed:
            return typed
        letter = typed.lower().rstrip(".)")
        if letter not in list(LETTERS[: len(options)]):
            errors.append(f"Kunci “{typed}” bukan huruf salah satu dari {len(options)} pilihannya.")
        return letter

    def _about(
        self, record: Record, errors: list[str]
    ) -> tuple[UnitKompetensi | None, Elemen | None, Kuk | None]:
        """The unit, elemen and KUK that a line names; what is not found is told."""
        unit_word, elemen_word, kuk_word = (
            self._cell(record, name) for name in ("unit", "elemen", "kuk")
        )
        if not (unit_word or elemen_word or kuk_word):
            if self.shape.names_kuk:
                errors.append("Tulis kode unit dan nomor KUK-nya.")
            return None, None, None
        unit = self._unit(unit_word)
        if unit is None:
            errors.append(_no_unit(unit_word))
            return None, None, None
        number = elemen_word or kuk_word.rpartition(".")[0]
        elemen = _numbered(unit.elements, number) if number else None
        if number and elemen is None:
            errors.append(_not_there("elemen", elemen_word or kuk_word, f"di unit {_name(unit)}"))
            return unit, None, None
        kuk = _numbered(elemen.kuk_list, kuk_word) if elemen and kuk_word else None
        if kuk_word and kuk is None:
            errors.append(
                _not_there("KUK", kuk_word, f"di elemen {elemen.number}" if elemen else "")
            )
        elif self.shape.names_kuk and kuk is None:
            errors.append("Tulis nomor KUK-nya.")
        return unit, elemen, kuk

    def _unit(self, word: str) -> UnitKompetensi | None:
        """By its code, where the source had none by its number in the skema, or by its title."""
        wanted = _bare(word)
        for unit in self.units:
            if wanted and wanted in (_bare(unit.code), _bare(unit.title), str(unit.position)):
                return unit
        return None


def _bare(text: str) -> str:
    return "".join(text.split()).casefold()


def _name(unit: UnitKompetensi) -> str:
    return unit.code or f"nomor {unit.position}"


def _numbered(rows: Sequence[Numbered], word: str) -> Numbered | None:
    """The row of that number, written `2`, `2.` or `Elemen 2`."""
    found = _NUMBER.search(word)
    wanted = found.group() if found and not _DAY.fullmatch(word) else ""
    return next((row for row in rows if row.number.strip(". ") == wanted), None)


def _no_unit(word: str) -> str:
    if not word:
        return "Tulis kode unitnya, atau kosongkan nomor elemen dan KUK."
    return f"Unit “{word}” tidak ada di sini. Samakan kodenya dengan daftar unit skema ini."


def _not_there(what: str, word: str, where: str) -> str:
    sentence = f"Nomor {what} “{word}” tidak ada {where}.".replace(" .", ".")
    if _DAY.fullmatch(word):
        return sentence + " Lembar kerja mengubahnya menjadi tanggal: jadikan kolomnya teks."
    return sentence + " Periksa nomornya."


def _where(unit: UnitKompetensi | None, elemen: Elemen | None, kuk: Kuk | None) -> str:
    parts = [_name(unit)] if unit else []
    parts += [f"elemen {elemen.number}"] if elemen else []
    parts += [f"KUK {kuk.number}"] if kuk else []
    return ", ".join(parts)


def takeable(rows: Iterable[Understood]) -> list[RowValues]:
    """The rows that may be taken in, those that stand already among them."""
    return [row.values for row in rows if not row.errors]


# --- Writing -----------------------------------------------------------------------------------------------------


def header(shape: Shape, options: int) -> list[str]:
    titles = {
        "kind": "Jenis", "unit": "Kode unit", "elemen": "No. elemen", "kuk": "No. KUK",
        "text": _title_of("text", shape.text), "key": _title_of("key", shape.key),
    }  # fmt: skip
    found = [titles[name] for name in _order(shape)]
    word = "Pilihan" if shape.key_is_letter else "Rincian"
    return found + [f"{word} {number}" for number in range(1, options + 1) if shape.options]


def _title_of(name: str, words: str) -> str:
    """A title that is known again when it comes back."""
    known = any(words.lower().startswith(first) for first in _HEADERS[name])
    return words if known else {"text": "Isi", "key": "Kunci"}[name]


def export(instrument: Instrument, form: str) -> bytes:
    """The rows as a sheet that may be edited and imported again. form: csv or xlsx."""
    shape = shape_of(instrument)
    most = max((len(item.options) for item in instrument.items), default=0)
    options = max(most, 4) if shape.options else 0
    titles = header(shape, options)
    sheet = (
        CsvSheet(titles)
        if form == "csv"
        else XlsxSheet(titles, title=instrument.paper.value, widths=[20, 11, 11, 70, 50][: len(titles)])
    )  # fmt: skip
    for item in instrument.items:
        about = (
            (item.unit.code or str(item.unit.position)) if item.unit else "",
            item.elemen.number if item.elemen else "",
            item.kuk.number if item.kuk else "",
        )
        kind = (item.kind.label,) if len(shape.kinds) > 1 else ()
        key = (item.key,) if shape.key else ()
        sheet.add([*kind, *about, item.text, *key, *item.options])
    return sheet.finish()


def refuse_too_many(rows: Sequence[Understood]) -> None:
    """Raises DomainError for more rows than one instrument may have."""
    if len(takeable(rows)) > MOST_ROWS:
        raise DomainError(
            f"Satu instrumen paling banyak {MOST_ROWS} baris. Tidak ada yang disimpan. Bagi menurut kelompok.",
            field="lines",
        )
