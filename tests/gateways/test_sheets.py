"""Sheets from strangers: what is read, what is refused with a sentence, and that nothing else happens."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import pytest

from lsp.gateways import sheets
from lsp.gateways.child import ChildError
from lsp.gateways.sheets import Cell, SheetRefused, read_sheets
from tests.support.sheets import csv_text, xlsx

ROWS = [["Nama", "E-mail"], ["Siti Contoh", "siti@contoh.example"]]


@pytest.fixture
def read(tmp_path):
    def reading(content: bytes, most_rows: int = 100) -> list[sheets.Sheet]:
        return read_sheets(content, most_rows=most_rows, lock_path=tmp_path / "heavy.lock")

    return reading


def texts(found) -> list[list[str]]:
    return [[cell.text for cell in cells] for _number, cells in found[0].rows]


def changed(content: bytes, name: str, text: str) -> bytes:
    """The workbook with one of its parts replaced."""
    out = io.BytesIO()
    packed = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(io.BytesIO(content)) as old, packed as new:
        for info in old.infolist():
            new.writestr(info.filename, text if info.filename == name else old.read(info.filename))
        if name not in old.namelist():
            new.writestr(name, text)
    return out.getvalue()


class TestWorkbook:
    def test_kinds_of_cells_and_numbers_of_rows(self, read):
        found = read(
            xlsx([["a"], [], [9901014101900000, date(1990, 3, 12), True, 1.5, "\xa0b \xa0"]])
        )
        assert found[0].rows == [
            (1, [Cell("a")]),
            (3, [Cell("9901014101900000", "number"), Cell("1990-03-12", "date"), Cell("ya"),
                 Cell("1.5", "number"), Cell("b")]),
        ]  # fmt: skip

    def test_a_formula_is_its_result_and_text_like_one_is_text(self, read):
        found = read(xlsx([[("=1+1", 2), "=HYPERLINK(1)", "@a", "-b"]]))
        assert texts(found) == [["2", "=HYPERLINK(1)", "@a", "-b"]]

    def test_a_workbook_with_a_macro_is_read_as_values(self, read):
        assert texts(read(changed(xlsx(ROWS), "xl/vbaProject.bin", "Sub Auto_Open()"))) == ROWS

    def test_a_cell_of_a_megabyte_is_cut_and_says_so(self, read):
        cell = read(csv_text([["a"], ["x" * 1_000_000]]).encode())[0].rows[1][1][0]
        assert (cell.kind, len(cell.text)) == ("cut", 2_000)

    def test_a_hundred_columns_of_junk_are_read_to_a_limit(self, read):
        assert len(read(xlsx([["x"] * 500]))[0].rows[0][1]) == 120

    def test_more_rows_than_allowed_are_not_read_to_the_end(self, read):
        found = read(xlsx([["x"]] * 5_000), most_rows=100)
        assert found[0].more
        assert len(found[0].rows) < 200


class TestCsv:
    @pytest.mark.parametrize("sign", [";", ",", "\t"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    def test_whatever_excel_writes(self, read, sign, encoding):
        rows = [["Nama", "Alamat"], ["José Contoh", "Jalan A, nomor 1; lantai 2"]]
        assert texts(read(csv_text(rows, sign).encode(encoding))) == rows

    def test_a_line_that_names_the_sign(self, read):
        assert texts(read(b"sep=;\na,x;b\n")) == [["a,x", "b"]]

    def test_line_breaks_in_cells_and_old_line_ends(self, read):
        assert texts(read(b'a,b\r"x\ny",2\r')) == [["a", "b"], ["x\ny", "2"]]


def bomb() -> bytes:
    """200 MB of spaces in a few hundred kilobytes."""
    sheet = "<worksheet><sheetData>" + " " * 200_000_000 + "</sheetData></worksheet>"
    return changed(xlsx(ROWS), "xl/worksheets/sheet1.xml", sheet)


def lying_bomb() -> bytes:
    """A bomb whose list of parts says that it is small."""
    content = bytearray(bomb())
    size = (200_000_000 + len("<worksheet><sheetData></sheetData></worksheet>")).to_bytes(
        4, "little"
    )
    while (at := content.find(size)) >= 0:
        content[at : at + 4] = (1_000).to_bytes(4, "little")
    return bytes(content)


def with_entity(kind: str) -> bytes:
    strings = {
        "external": '<!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        "laughs": "<!DOCTYPE sst [<!ENTITY a 'ha'>" + "".join(
            f"<!ENTITY {chr(old + 1)} '&{chr(old)};&{chr(old)};'>" for old in range(ord("a"), ord("x"))
        ) + "]>",
    }  # fmt: skip
    return changed(
        xlsx(ROWS), "xl/sharedStrings.xml",
        f'<?xml version="1.0"?>{strings[kind]}<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        + "<si><t>&x;</t></si>" * 4 + "</sst>",
    )  # fmt: skip


def far_corner() -> bytes:
    """Two cells, seventeen thousand million apart."""
    rows = [["a"]]
    content = xlsx(rows)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    row = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    return changed(content, "xl/worksheets/sheet1.xml", sheet.replace("</sheetData>", row))


def renamed(content: bytes) -> bytes:
    return content.replace(b"xl/workbook.xml", b"xl/workbook.txt")


HOSTILE = {
    "empty": (b"", "empty"),
    "old Excel or locked": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old_excel"),
    "cut off": (xlsx(ROWS)[:3_000], "unreadable"),
    "another zip": (changed(renamed(xlsx(ROWS)), "mimetype", "x"), "other_format"),
    "PDF": (b"%PDF-1.7\n1 0 obj", "unknown_type"),
    "HTML": (b"<html><table><tr><td>Nama", "unknown_type"),
    "NUL": (b"Nama;E-mail\nSi\0ti;x\n", "unknown_type"),
    "noise": (bytes(range(256)) * 400, "unknown_type"),
    "no XML inside": (changed(xlsx(ROWS), "xl/workbook.xml", "not xml"), None),
}  # fmt: skip


class TestHostile:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_refused_with_a_sentence(self, read, name):
        content, code = HOSTILE[name]
        with pytest.raises(SheetRefused) as refusal:
            read(content)
        assert code in (None, refusal.value.code)
        assert "Tidak ada yang disimpan." in str(refusal.value)

    @pytest.mark.parametrize("make", [bomb, lying_bomb, far_corner])
    def test_what_unfolds_beyond_measure_ends_its_child_only(self, read, make):
        with pytest.raises(SheetRefused) as refusal:
            read(make())
        assert refusal.value.code in ("too_heavy", "unreadable")

    @pytest.mark.parametrize("kind", ["external", "laughs"])
    def test_entities_are_neither_opened_nor_unfolded(self, read, kind):
        try:
            found = texts(read(with_entity(kind)))
        except SheetRefused:
            return
        everything = str(found)
        assert "root:" not in everything
        assert "hahaha" not in everything

    def test_a_child_that_fails_is_the_files_fault(self, read, monkeypatch):
        def ended(*_args, **_named):
            raise ChildError("ended with -9")

        monkeypatch.setattr(sheets, "run_child", ended)
        with pytest.raises(SheetRefused) as refusal:
            read(xlsx(ROWS))
        assert refusal.value.code == "too_heavy"
