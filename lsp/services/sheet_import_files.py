"""Sheets that go out: the template with its choices, and the rows that could not go in, each with its reason.

Every cell is text. What begins like a formula keeps its letters and is marked as text, so no program calculates it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from lsp.data import read_csv
from lsp.database import db
from lsp.models import ImportBatch, ImportRow
from lsp.services import regions
from lsp.services.sheet_import_columns import COLUMNS, REASON
from lsp.services.sheet_import_list import mendable
from lsp.services.sheet_import_rows import Offer, Weight, remarks_of
from lsp.services.sheets import FORMULA, CsvSheet, new_book
from lsp.vocabulary import Mode, RequestKind, Sex

#: How a remark names its cell (sheet_import_rows.py), and another row of the sheet that came.
_CELL = ", sel "
_OTHER_ROW, _IN_THE_OTHER = re.compile(r"\bbaris (\d+)"), r"baris \1 lembar semula"


def template_csv() -> bytes:
    """The header alone; with the mark by which Excel knows UTF-8, parted as Indonesian Excel parts."""
    return CsvSheet([column.title for column in COLUMNS]).finish()


def template_xlsx(offers: list[Offer]) -> bytes:
    """An empty sheet, a sheet that explains the columns, and one with the choices."""
    explained = [("Kolom", "Wajib diisi", "Penjelasan", "Contoh")] + [
        (each.title, "ya" if each.must else "", each.explained, _example(each.name, each.example, offers))
        for each in COLUMNS
    ]  # fmt: skip
    return _workbook(
        {
            "Asesi": [[column.title for column in COLUMNS]],
            "Penjelasan": explained,
            "Pilihan": _choices(offers),
        }
    )


def _example(name: str, example: str, offers: list[Offer]) -> str:
    return offers[0].number if name == "skema" and offers else example


def _choices(offers: list[Offer]) -> list[Sequence[str]]:
    """A column for each kind of choice; of skema its number and its title."""
    columns: list[list[str]] = [
        ["Nomor skema", *(each.number for each in offers)],
        ["Judul skema", *(each.title for each in offers)],
        ["Jenis permohonan", *(each.label for each in RequestKind)],
        ["Cara asesmen", *(each.label for each in Mode)],
        ["Jenis kelamin", *(f"{each.value} ({each.label})" for each in Sex)],
        ["Pendidikan terakhir", *(row["label"] for row in read_csv("reference/pendidikan.csv"))],
        ["Provinsi", *(each.name for each in regions.provinces())],
    ]
    longest = max(map(len, columns))
    return list(zip(*(column + [""] * (longest - len(column)) for column in columns), strict=True))


def faulty_xlsx(batch: ImportBatch) -> bytes:
    """The rows to be mended and uploaded again, as their cells stood, with the reasons in the last column.

    A reason names its column: the cell it had in the sheet that came is another one here.
    """
    found = db.session.scalars(
        select(ImportRow)
        .where(ImportRow.batch_id == batch.id, mendable())
        .order_by(ImportRow.number)
    )
    rows = [_with_reason(row) for row in found]
    return _workbook({"Asesi": [[*(column.title for column in COLUMNS), REASON], *rows]})


def _with_reason(row: ImportRow) -> list[str]:
    cells = row.content["cells"]
    said = [
        f"{each.where.partition(_CELL)[0]}: {_OTHER_ROW.sub(_IN_THE_OTHER, each.sentence)}"
        for each in remarks_of(row.content)
        if each.weight is Weight.FAULT
    ]
    reason = " ".join([*said, row.reason or ""]).strip()
    return [*(cells.get(column.name, "") for column in COLUMNS), reason]


def _workbook(sheets: dict[str, Iterable[Sequence[str]]]) -> bytes:
    content = io.BytesIO()
    with new_book(content, in_memory=True) as book:
        kinds = {
            "head": book.add_format({"bold": True, "num_format": "@", "bottom": 1}),
            "text": book.add_format({"num_format": "@"}),
            "marked": book.add_format({"num_format": "@", "quote_prefix": True}),
        }
        for name, rows in sheets.items():
            _write(book.add_worksheet(name), rows, kinds)
    return content.getvalue()


def _write(sheet: Any, rows: Iterable[Sequence[str]], kinds: dict[str, Any]) -> None:
    width = 0
    for number, row in enumerate(rows):
        width = max(width, len(row))
        for place, text in enumerate(row):
            kind = "head" if number == 0 else "marked" if text.startswith(FORMULA) else "text"
            if text:
                sheet.write_string(number, place, text, kinds[kind])
    # Columns of text, so that a NIK typed into one keeps its sixteen digits.
    sheet.set_column(0, max(width - 1, 0), 22, kinds["text"])
    sheet.freeze_panes(1, 0)
