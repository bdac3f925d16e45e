"""All that one row sends as one ZIP: its files under the other side's names, the fields as a table and to be read.

Nothing is compressed (pictures and PDFs are already) and nothing lies on the disk in the clear: one file at a time is
opened, put in and handed on, so the memory it takes is that of its largest file.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence

from lsp import clock
from lsp.errors import DomainError
from lsp.gateways import storage
from lsp.gateways.files import FileMissing
from lsp.services.report_fields import ReportField
from lsp.services.sheets import CsvSheet
from lsp.services.to_send import ToSend
from lsp.services.to_send_parts import SentFile

#: Bytes of all files together at most.
MOST = 60_000_000
_HEADER = ("Nama isian", "Keterangan", "Nilai", "Sumber", "Yang kurang")


def size_of(files: Sequence[SentFile]) -> int:
    return sum(file.size for file in files)


def why_not_zipped(files: Sequence[SentFile]) -> str | None:
    size = size_of(files)
    if size <= MOST:
        return None
    return (
        f"Berkasnya {size // 1_000_000} MB, lebih dari {MOST // 1_000_000} MB, jadi tidak dijadikan satu ZIP. "
        "Unduh satu per satu."
    )


def present(files: Sequence[SentFile]) -> tuple[list[SentFile], list[SentFile]]:
    """Which files are in the store, and which are not. Asks the store: hold no database connection meanwhile."""
    lacking = {file.storage_key for file in files if not _is_there(file.storage_key)}
    return (
        [file for file in files if file.storage_key not in lacking],
        [file for file in files if file.storage_key in lacking],
    )


def _is_there(key: str) -> bool:
    try:
        return storage.store().exists(key)
    except FileMissing:
        return False


def pieces(
    title: str, sent: ToSend, files: Sequence[SentFile], missing: Sequence[SentFile]
) -> Iterator[bytes]:
    """The ZIP, piece by piece: first the fields, then one file after the other. Raises DomainError when too large."""
    refusal = why_not_zipped(files)
    if refusal is not None:
        raise DomainError(refusal)
    return _made(title, sent, files, missing)


def _made(
    title: str, sent: ToSend, files: Sequence[SentFile], missing: Sequence[SentFile]
) -> Iterator[bytes]:
    window, taken = _Window(), set[str]()
    with zipfile.ZipFile(window, "w", zipfile.ZIP_STORED, allowZip64=False) as made:
        _put(made, _free("isian.csv", taken), _table(sent.fields))
        _put(made, _free("isian.txt", taken), read_text(title, sent, missing).encode("utf-8-sig"))
        yield window.take()
        for file in files:
            _put(made, _free(file.name, taken), storage.store().open(file.storage_key))
            yield window.take()
    yield window.take()


def _put(made: zipfile.ZipFile, name: str, content: bytes) -> None:
    stamp = clock.now().astimezone(clock.WIB)
    entry = zipfile.ZipInfo(name, date_time=stamp.timetuple()[:6])
    entry.external_attr = 0o600 << 16
    made.writestr(entry, content)


def _free(name: str, taken: set[str]) -> str:
    """A name that no system reads as another folder or as a command, and that stands in the ZIP once."""
    stem, _, ending = name.rpartition(".")
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", stem or ending).strip("-")[:60] or "berkas"
    ending = re.sub(r"[^A-Za-z0-9]+", "", ending)[:8] or "bin"
    free, number = f"{stem}.{ending}", 2
    while free.lower() in taken:
        free, number = f"{stem}-{number}.{ending}", number + 1
    taken.add(free.lower())
    return free


def _table(fields: Sequence[ReportField]) -> bytes:
    sheet = CsvSheet(_HEADER)
    for field in fields:
        sheet.add((field.name, field.label, field.value, field.source, field.gap))
    return sheet.finish()


def as_text(fields: Sequence[ReportField]) -> str:
    """All fields to be copied at once, one a line."""
    return "\n".join(f"{field.name}: {_line(field.value)}" for field in fields)


def read_text(title: str, sent: ToSend, missing: Sequence[SentFile]) -> str:
    """The fields to be read by a person, with what they lack."""
    lines = [_line(title), sent.screen, ""]
    for field in sent.fields:
        lines.append(f"{field.label} ({field.name}): {_line(field.value) or '-'}")
        if field.gap:
            lines.append(f"    Kurang: {_line(field.gap)}")
    for file in sent.files:
        if file.gap:
            lines.append(f"{file.name}: {file.gap}")
    for file in missing:
        lines.append(
            f"{file.name}: berkasnya tidak ada di tempat penyimpanan. Hubungi pengelola portal."
        )
    return "\r\n".join(lines) + "\r\n"


def _line(value: str) -> str:
    """On one line: what a person typed must not look like the next field."""
    return " ".join(value.split())


class _Window(io.RawIOBase):
    """Where a ZIP is written to: it may go back inside the entry at hand, and what is taken away is gone."""

    def __init__(self) -> None:
        super().__init__()
        self._begins, self._held = 0, io.BytesIO()

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._begins + self._held.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_END:
            self._held.seek(0, io.SEEK_END)
        elif offset < self._begins:
            raise OSError("this part of the ZIP is gone already")
        else:
            self._held.seek(offset - self._begins)
        return self.tell()

    def write(self, data: object) -> int:
        return self._held.write(data)  # type: ignore[arg-type]  # bytes or a view of them

    def take(self) -> bytes:
        """What was written since the last time."""
        content = self._held.getvalue()
        self._begins, self._held = self._begins + len(content), io.BytesIO()
        return content
