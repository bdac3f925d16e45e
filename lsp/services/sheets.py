"""A table as a file that a spreadsheet opens: CSV or XLSX, row by row. Nothing in it is ever a formula.

XLSX is written by hand because it is so little: text and numbers on one sheet, no formats but a bold first row.
Rows are compressed as they come, so memory holds the file and not the table.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from typing import Protocol
from xml.sax.saxutils import escape

Cell = str | int
#: A cell of a CSV that begins so is a formula to some spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: What XML 1.0 cannot hold at all.
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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
    return "'" + cell if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
#: The parts around the sheet (ECMA-376, Office Open XML).
_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_DOCUMENT}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_DOCUMENT}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    ),
}


class XlsxSheet:
    """Text is text whatever it begins with (inline strings), the first row and two columns stay in view."""

    def __init__(self, header: Sequence[str], *, title: str, widths: Sequence[int]) -> None:
        self._file = io.BytesIO()
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED)
        for name, content in _PARTS.items():
            self._zip.writestr(name, _XML + content)
        self._zip.writestr(
            "xl/workbook.xml",
            f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><sheets>'
            f'<sheet name="{_text(title)}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        self._rows = self._zip.open("xl/worksheets/sheet1.xml", "w", force_zip64=True)
        columns = "".join(
            f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
            for number, width in enumerate(widths, 1)
        )
        self._write(
            f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane xSplit="2" ySplit="1" topLeftCell="C2" activePane="bottomRight" state="frozen"/>'
            f"</sheetView></sheetViews><cols>{columns}</cols><sheetData>"
        )
        self.add(header, style=1)

    def add(self, row: Sequence[Cell], *, style: int = 0) -> None:
        self._write(f"<row>{''.join(_cell(cell, style) for cell in row)}</row>")

    def finish(self) -> bytes:
        self._write("</sheetData></worksheet>")
        self._rows.close()
        self._zip.close()
        return self._file.getvalue()

    def _write(self, xml: str) -> None:
        self._rows.write(xml.encode())


def _cell(cell: Cell, style: int) -> str:
    look = f' s="{style}"' if style else ""
    if isinstance(cell, int):
        return f"<c{look}><v>{cell}</v></c>"
    return f'<c t="inlineStr"{look}><is><t xml:space="preserve">{_text(cell)}</t></is></c>'


def _text(words: str) -> str:
    return escape(_NOT_IN_XML.sub("", words), {'"': "&quot;"})
