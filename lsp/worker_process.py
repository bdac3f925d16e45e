"""What a worker is as a process: how it is told to stop, and whether it is the only one of its data folder."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self


@contextmanager
def name_held(folder: Path) -> Iterator[str]:
    """The name under which this worker leases rows: the data folder's, then its own. Empty where another one runs.

    The system lets go of the lock however a process ends, so whoever holds it knows that all workers that leased
    under the folder's name before are dead (outbox.free_leases). A worker elsewhere has a folder of its own.
    """
    handle = os.open(folder / "worker.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield ""
        else:
            yield _folder_name(handle) + secrets.token_hex(4)
    finally:
        os.close(handle)


def _folder_name(handle: int) -> str:
    """Written once; eight signs, as outbox.FOLDER_SIGNS says."""
    standing = os.pread(handle, 9, 0).decode("ascii", "replace")
    if re.fullmatch(r"[0-9a-f]{8}", standing):
        return standing
    made = secrets.token_hex(4)
    os.ftruncate(handle, 0)
    os.pwrite(handle, made.encode(), 0)
    return made


class Stop:
    """Whether SIGTERM or SIGINT has come. Waiting for it is how an idle worker sleeps, so it ends at once."""

    def __init__(self) -> None:
        self.asked = False

    def __enter__(self) -> Self:
        # A pipe, not threading.Event: an Event set by a signal handler can wait for the very thread it interrupts.
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        self._before = {
            name: signal.signal(name, self._ask) for name in (signal.SIGTERM, signal.SIGINT)
        }
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for name, handler in self._before.items():
            signal.signal(name, handler)
        os.close(self._reader)
        os.close(self._writer)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.ask()

    def ask(self) -> None:
        """As a signal does."""
        self.asked = True
        with suppress(BlockingIOError):
            os.write(self._writer, b".")

    def wait(self, seconds: float) -> None:
        select.select([self._reader], [], [], seconds)
