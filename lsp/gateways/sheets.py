"""Read a sheet (XLSX or CSV) that somebody uploaded, in a short-lived child under limits.

Gives rows of cells and sentences a person can act on. It knows nothing of columns, asesi or permohonan.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from lsp import logs
from lsp.errors import DomainError
from lsp.gateways.child import ChildError, ChildRefused, HeavyWorkBusy, run_child

WALL_SECONDS, CPU_SECONDS, WAIT_SECONDS = 15.0, 8, 30.0
MEMORY_MB = 384
_SCRIPT = Path(__file__).with_name("_sheet_child.py")
_NOTHING = "Tidak ada yang disimpan."
_SENTENCES = {
    "empty": f"Berkas ini kosong. {_NOTHING} Pilih berkas lain lalu unggah lagi.",
    "old_excel": f"Berkas ini format Excel lama (.xls) atau dikunci dengan kata sandi. {_NOTHING} "
    "Buka di Excel, hapus "
    "kata sandinya, simpan sebagai Excel Workbook (.xlsx), lalu unggah lagi.",
    "other_format": f"Format berkas ini tidak diterima. {_NOTHING} Simpan sebagai Excel Workbook (.xlsx) atau CSV, "
    "lalu unggah lagi.",
    "unknown_type": f"Berkas ini bukan lembar Excel (.xlsx) atau CSV. {_NOTHING} Pilih berkas lain, atau mulai dari "
    "templat.",
    "unreadable": f"Berkas ini rusak atau terpotong, jadi tidak dapat dibaca. {_NOTHING} Buka di Excel, simpan ulang, "
    "lalu unggah lagi.",
    "too_heavy": f"Isi berkas ini terlalu besar untuk dibaca. {_NOTHING} Salin baris asesinya saja ke templat, lalu "
    "unggah lagi.",
    "busy": f"Server sedang mengolah berkas lain. {_NOTHING} Tunggu satu menit lalu unggah lagi.",
}  # fmt: skip


class SheetRefused(DomainError):
    """The file is not read. `code` is for tests and logs, the text for the person."""

    def __init__(self, code: str) -> None:
        super().__init__(_SENTENCES.get(code, _SENTENCES["unreadable"]), field="sheet")
        self.code = code


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell. kind: text, number, date (text is ISO), or cut (a text too long to be meant)."""

    text: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's rows that are not blank, with their numbers. more: it went on past the limit."""

    name: str
    rows: list[tuple[int, list[Cell]]]
    more: bool


def read_sheets(content: bytes, *, most_rows: int, lock_path: Path) -> list[Sheet]:
    """The sheets of a file with something in them. Hold no connection meanwhile. Raises SheetRefused."""
    try:
        found = run_child(
            _SCRIPT, b"%d\n" % most_rows + content, seconds=WALL_SECONDS, cpu_seconds=CPU_SECONDS,
            memory_mb=MEMORY_MB, lock_path=lock_path, wait_seconds=WAIT_SECONDS,
        )  # fmt: skip
    except ChildRefused as refusal:
        raise SheetRefused(str(refusal)) from refusal
    except HeavyWorkBusy as busy:
        raise SheetRefused("busy") from busy
    except ChildError as error:
        # Its limits ended it: that is what they are for, and the file is to blame.
        logs.logger().warning("sheet.child", error=str(error)[:300])
        raise SheetRefused("too_heavy") from error
    return [
        Sheet(each["name"], [(number, [_cell(cell) for cell in cells]) for number, cells in each["rows"]], each["more"])
        for each in json.loads(found)
    ]  # fmt: skip


def _cell(found: str | list[str]) -> Cell:
    return Cell(found) if isinstance(found, str) else Cell(found[1], found[0])
