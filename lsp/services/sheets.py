"""A table as a file that a spreadsheet opens: CSV or XLSX, row by row. Nothing in it is ever a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Any, Protocol

Cell = str | int
#: Characters that no text has; a spreadsheet would show them as codes.
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
#: A cell of a CSV that begins so is a formula to some spreadsheet.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Sheet(Protocol):
    """Takes rows one by one and gives the file in the end."""

    def add(self, row: Sequence[Cell]) -> None: ...

    def finish(self) -> bytes: ...


class CsvSheet:
    """With a byte order mark and semicolons, as a spreadsheet in Indonesian opens it without questions."""

    def __init__(self, header: Sequence[str]) -> None:
        self._text = io.StringIO()
        self._writer = csv.writer(self._text, delimiter=";", lineterminator="\r\n")
        self._writer.writerow(header)

    def add(self, row: Sequence[Cell]) -> None:
        self._writer.writerow(_defused(cell) for cell in row)

    def finish(self) -> bytes:
        return self._text.getvalue().encode("utf-8-sig")


def _defused(cell: Cell) -> Cell:
    return "'" + cell if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def _text(cell: str) -> str:
    return _NO_TEXT.sub("", cell.replace("\r", "\n"))


def new_book(file: io.BytesIO, **options: bool) -> Any:
    """A workbook of xlsxwriter in which nothing becomes a formula or a link."""
    import xlsxwriter  # only where a file is made: the web process does not carry it

    return xlsxwriter.Workbook(
        file, {"strings_to_formulas": False, "strings_to_urls": False, **options}
    )


class XlsxSheet:
    """Text is text whatever it begins with, the first row and two columns stay in view.

    Rows go to a temporary file as they come, so memory holds the file and not the table.
    """

    def __init__(self, header: Sequence[str], *, title: str, widths: Sequence[int]) -> None:
        self._file = io.BytesIO()
        self._book = new_book(self._file, constant_memory=True)
        self._sheet = self._book.add_worksheet(title)
        self._next = 0
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, width)
        self._sheet.freeze_panes(1, 2)
        self._write(header, self._book.add_format({"bold": True}))

    def add(self, row: Sequence[Cell]) -> None:
        self._write(row)

    def finish(self) -> bytes:
        self._book.close()
        return self._file.getvalue()

    def _write(self, row: Sequence[Cell], look: Any = None) -> None:
        for column, cell in enumerate(row):
            if isinstance(cell, int):
                self._sheet.write_number(self._next, column, cell, look)
            else:
                self._sheet.write_string(self._next, column, _text(cell), look)
        self._next += 1
