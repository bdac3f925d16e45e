"""Files on their way in pieces: what has come of each lies sealed in a file of its own until it is whole.

The length of that file, synced before it is told, is how much has come: it survives a kill, and both web processes
of a dyno see the same. Where the disk was emptied nothing has come, and the sender begins anew.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes

_NAME = re.compile(r"[0-9A-Z]{16}")
_BLOCK = 16
_PIECE = 64 * 1024


class PartBusy(Exception):
    """Another request is writing or finishing this very file."""


class OffsetWrong(Exception):
    """The pieces do not begin where the file ends."""


class TooMuch(Exception):
    """More came than was announced."""


def new_key() -> str:
    """A key that seals one part file, in hexadecimal."""
    return secrets.token_hex(32)


class Parts:
    """The part files of an installation, by the public id of their upload."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def length(self, name: str) -> int:
        """How much has come; nothing of a file that is not there."""
        try:
            return self._path(name).stat().st_size
        except FileNotFoundError:
            return 0

    def moved_at(self, name: str) -> datetime | None:
        """When the last of it came; None where nothing ever did."""
        try:
            return datetime.fromtimestamp(self._path(name).stat().st_mtime, tz=UTC)
        except FileNotFoundError:
            return None

    @contextmanager
    def held(self, name: str, key: str) -> Iterator[Part]:
        """The file for one request alone. Raises PartBusy, and OSError when the disk does not take it."""
        path = self._path(name)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(handle)
            yield Part(path, handle, bytes.fromhex(key))
        finally:
            os.close(handle)

    def names(self) -> list[str]:
        """Of all files that are there."""
        if not self._folder.is_dir():
            return []
        return [each.name for each in self._folder.iterdir() if _NAME.fullmatch(each.name)]

    def remove(self, name: str) -> bool:
        """Take a file away unless it is being written; whether it is gone."""
        try:
            with self.held(name, "") as part:
                part.remove()
        except PartBusy:
            return False
        return True

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("not the name of a part file")
        return self._folder / name


class Part:
    """A part file that is held."""

    def __init__(self, path: Path, handle: int, key: bytes) -> None:
        self._path, self._handle, self._key = path, handle, key

    @property
    def length(self) -> int:
        return os.fstat(self._handle).st_size

    def append(self, pieces: IO[bytes], *, offset: int, most: int) -> int:
        """Write what has come behind `offset` and sync it; the new length. Raises OffsetWrong and TooMuch.

        most: the length that was announced. The last byte of a file that is there already may be sent again: until
        the file was taken in, it does not count (lsp/services/uploads.py).
        """
        there = self.length
        if offset != min(there, most - 1):
            raise OffsetWrong
        cipher, at = self._cipher(offset), offset
        try:
            while piece := pieces.read(_PIECE):
                if at + len(piece) > most:
                    raise TooMuch
                at += _write(self._handle, cipher.update(piece), at)
            os.fsync(self._handle)
            if not there:
                _sync(self._path.parent)
        except (OSError, TooMuch):
            os.ftruncate(self._handle, offset)
            raise
        return at

    def opened(self) -> IO[bytes]:
        """What has come, as a temporary file without a name; the caller closes it."""
        plain = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
        cipher, at = self._cipher(0), 0
        while piece := os.pread(self._handle, _PIECE, at):
            plain.write(cipher.update(piece))
            at += len(piece)
        plain.seek(0)
        return plain

    def stream(self) -> PlainPart:
        """What has come, to be read once from the beginning while it is held; nothing of it is written elsewhere."""
        return PlainPart(self._handle, self._cipher(0))

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)
        _sync(self._path.parent)

    def _cipher(self, offset: int) -> CipherContext:
        # Counter mode: a file that is cut anywhere goes on there. Whether the bytes are whole, the decoder finds out.
        start = (offset // _BLOCK).to_bytes(_BLOCK, "big")
        cipher = Cipher(algorithms.AES(self._key), modes.CTR(start)).encryptor()
        cipher.update(bytes(offset % _BLOCK))
        return cipher


class PlainPart:
    """Reads a part file that is held, piece by piece."""

    def __init__(self, handle: int, cipher: CipherContext) -> None:
        self._handle, self._cipher, self._at = handle, cipher, 0

    def read(self, count: int) -> bytes:
        """Up to `count` bytes; fewer only at the end."""
        piece = os.pread(self._handle, count, self._at)
        self._at += len(piece)
        return self._cipher.update(piece)


def _lock(handle: int) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise PartBusy from None
    if not os.fstat(handle).st_nlink:  # taken away between opening and locking
        raise PartBusy


def _write(handle: int, data: bytes, at: int) -> int:
    written = 0
    while written < len(data):
        written += os.pwrite(handle, data[written:], at + written)
    return written


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
