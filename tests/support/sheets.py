"""Sheets of fictional asesi for tests: rows as dicts by column, made into XLSX or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

import xlsxwriter

from lsp.services.sheet_import_columns import COLUMNS

TITLES = {column.name: column.title for column in COLUMNS}


def person(number: int, **cells: Any) -> dict[str, Any]:
    """A row that can go in as it is, once skema, kind and mode are chosen."""
    return {
        "id_izin": f"I-20261118091{number:08d}",
        "full_name": f"Siti Contoh {number}",
        "email": f"siti{number}@contoh.example",
        "nik": f"990101410190{number:04d}",
        "birth_date": "01/01/1990",
        "sex": "P",
        **cells,
    }


def table(people: Sequence[dict[str, Any]]) -> list[list[Any]]:
    """A header of the template's words, and a row a person."""
    names = list(dict.fromkeys(name for each in people for name in each))
    return [
        [TITLES.get(name, name) for name in names],
        *([each.get(name) for name in names] for each in people),
    ]


def xlsx(rows: Iterable[Sequence[Any]]) -> bytes:
    """Text as text, numbers as numbers, dates as dates; ("=1+1", 2) is a formula and its result."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Lembar1")
        dated = book.add_format({"num_format": "dd/mm/yyyy"})
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                _put(sheet, number, place, value, dated)
    return content.getvalue()


def _put(sheet: Any, number: int, place: int, value: Any, dated: Any) -> None:
    if isinstance(value, str):
        sheet.write_string(number, place, value)
    elif isinstance(value, date):
        sheet.write_datetime(number, place, datetime.combine(value, time()), dated)
    elif isinstance(value, tuple):
        sheet.write_formula(number, place, value[0], None, value[1])
    elif value is not None:
        sheet.write(number, place, value)


def csv_text(rows: Iterable[Sequence[Any]], sign: str = ";") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=sign).writerows(rows)
    return text.getvalue()
