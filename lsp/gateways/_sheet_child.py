"""The child of sheets.py: read one stranger's sheet and print its cells as JSON.

Runs alone under hard limits and must not import the `lsp` package (that would load Flask). Values only: a formula
is its stored result, a macro is never looked at, and nothing outside the file is opened.
A refusal is exit code 3 with a short code on standard error; the sentence for the person is the parent's.
"""

from __future__ import annotations

import csv
import io
import json
import sys
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any

REFUSED = 3
MOST_SHEETS, MOST_COLUMNS, MOST_LETTERS = 3, 120, 2_000
#: Rows above the header and blank ones between do not count against the limit, but somewhere it must end.
SLACK_ROWS = 2_000
#: What an XLSX may unfold to: 5,000 asesi come to about 6 MB.
MOST_UNFOLDED, MOST_ENTRIES = 60_000_000, 1_000
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
Cell = str | list[str]
Row = tuple[int, list[Cell]]


class Refusal(Exception):
    """The file is not acceptable. The text is a refusal code."""


def read(content: bytes, most_rows: int) -> list[dict[str, Any]]:
    """Sheets with something in them: their names and the rows that are not blank, each with its number."""
    if not content:
        raise Refusal("empty")
    if content.startswith(_OLD_EXCEL):
        raise Refusal("old_excel")
    if content.startswith(b"PK\x03\x04"):
        sheets = _workbook(content, most_rows)
    else:
        sheets = [("", _csv_rows(_text_of(content)))]
    found = [_taken(name, rows, most_rows) for name, rows in sheets]
    return [sheet for sheet in found if sheet["rows"]]


def _taken(name: str, rows: Iterable[list[Any]], most_rows: int) -> dict[str, Any]:
    """The rows that hold something, and whether there were more than may be read."""
    kept: list[Row] = []
    for number, values in enumerate(islice(rows, most_rows + SLACK_ROWS), 1):
        cells = [_cell(value) for value in values[:MOST_COLUMNS]]
        while cells and cells[-1] == "":
            cells.pop()
        if not cells:
            continue
        if len(kept) > most_rows + 30:
            return {"name": name, "rows": kept, "more": True}
        kept.append((number, cells))
    return {"name": name, "rows": kept, "more": False}


def _cell(value: Any) -> Cell:
    """Text as it is; a number, a date or a text too long to be meant with its kind."""
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    if isinstance(value, int | float):
        whole = isinstance(value, int) or value.is_integer()
        return ["number", str(int(value)) if whole and abs(value) < 1e21 else repr(value)]
    if isinstance(value, datetime):
        return ["date", value.date().isoformat()]
    if isinstance(value, date):
        return ["date", value.isoformat()]
    text = str(value).replace("\xa0", " ").strip()
    return text if len(text) <= MOST_LETTERS else ["cut", text[:MOST_LETTERS]]


# --- XLSX ----------------------------------------------------------------------------------------------------


def _workbook(content: bytes, most_rows: int) -> list[tuple[str, Iterable[list[Any]]]]:
    _check_parts(content)
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = [
            each.name
            for each in book.sheets_metadata
            if each.visible is SheetVisibleEnum.Visible and each.typ is SheetTypeEnum.WorkSheet
        ]
        return [
            (name, book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=most_rows + SLACK_ROWS))
            for name in names[:MOST_SHEETS]
        ]  # fmt: skip
    except MemoryError:
        raise
    except Exception as error:  # whatever the reader calls it, the file is not one it can read
        raise Refusal("unreadable") from error


def _check_parts(content: bytes) -> None:
    """Refuse by the list of parts what is no workbook or would unfold to more than is sensible."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            infos = parts.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise Refusal("unreadable") from error
    names = {info.filename.lower() for info in infos}
    if "xl/workbook.xml" not in names:
        raise Refusal("other_format" if names & {"mimetype", "xl/workbook.bin"} else "unknown_type")
    if len(infos) > MOST_ENTRIES or sum(info.file_size for info in infos) > MOST_UNFOLDED:
        raise Refusal("too_heavy")


# --- CSV -----------------------------------------------------------------------------------------------------


def _text_of(content: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 with its mark (Excel's "Unicode Text"), else Windows-1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", "replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", "replace")
    if "\0" in text or text.lstrip().startswith(("<", "%PDF", "{")):
        raise Refusal("unknown_type")
    return text


def _csv_rows(text: str) -> Iterator[list[str]]:
    """Rows by whichever sign parts the first lines most evenly."""
    csv.field_size_limit(len(text) + 1)
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        return _parted(rest, first.strip()[4])
    return _parted(text, max(";,\t", key=lambda sign: _evenness(text, sign)))


def _evenness(text: str, sign: str) -> int:
    """How many cells stand in rows of the commonest width; a sign inside addresses parts unevenly."""
    widths = Counter(len(row) for row in islice(_parted(text, sign), 40) if len(row) > 1)
    return max((width * count for width, count in widths.items()), default=0)


def _parted(text: str, sign: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=sign)
    except (csv.Error, TypeError) as error:
        raise Refusal("unreadable") from error


def main() -> None:
    header, _, content = sys.stdin.buffer.read().partition(b"\n")
    try:
        found = read(content, int(header))
        sys.stdout.write(json.dumps(found, ensure_ascii=True, separators=(",", ":")))
    except (Refusal, MemoryError) as refusal:
        sys.stderr.write(str(refusal) or "too_heavy")
        raise SystemExit(REFUSED) from refusal


if __name__ == "__main__":
    main()
