"""A way for an answer that is larger than memory: granian reads a named pipe as if it were a file.

Named, not by its number under /dev/fd: a number is given to the next thing that is opened, and an answer that came
late would be somebody else's file.
"""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
import shutil
import tempfile
import time
from pathlib import Path

#: Granian opens what it was told to send within milliseconds; a reader who has gone is never opened for.
OPEN_SECONDS = 10.0
#: A reader who takes nothing for so long has gone.
READER_SECONDS = 120.0


class Pipes:
    """The named pipes of one process, in a folder that nobody else may look into."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="lsp-pipes-"))

    def make(self) -> Path:
        """A new one, to be read once."""
        path = self._folder / secrets.token_hex(16)
        os.mkfifo(path, 0o600)
        return path

    def remove_all(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


async def open_for_writing(path: Path) -> int:
    """The writing end, once somebody reads, not blocking; the name is gone then. Raises BrokenPipeError for nobody."""
    until = time.monotonic() + OPEN_SECONDS
    try:
        while True:
            try:
                return os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            except OSError as error:
                if error.errno != errno.ENXIO:  # "nobody reads yet"
                    raise
            if time.monotonic() > until:
                raise BrokenPipeError
            await asyncio.sleep(0.005)
    finally:
        path.unlink(missing_ok=True)


async def write(pipe: int, piece: bytes) -> None:
    """Raises TimeoutError when nobody takes anything, BrokenPipeError when nobody will."""
    rest = memoryview(piece)
    while rest:
        try:
            rest = rest[os.write(pipe, rest) :]
        except BlockingIOError:
            async with asyncio.timeout(READER_SECONDS):
                await _writable(pipe)


async def _writable(pipe: int) -> None:
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_writer(pipe, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_writer(pipe)
