"""Run heavy work (photo, Typst, signing) in a short-lived child, one at a time.

Why a child: Typst's cache grows to 170 MB in process and a 12-megapixel photo takes 110 MB; a child gives
the memory back, and a hostile file can only exhaust the child. Why one at a time: the dyno has 512 MB.
This module knows nothing of what the child does: bytes go in on standard input, bytes come out.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

LAUNCHER = Path(__file__).with_name("_child_main.py")
REFUSED = 3  # exit code with which a child says "this input is not acceptable", the reason on standard error


class ChildError(Exception):
    """The child failed for a reason of ours (crash, limit, missing font). The text is for the log."""


class ChildRefused(Exception):
    """The child judged the input unacceptable. The text is a short code such as `not_an_image`."""


class HeavyWorkBusy(ChildError):
    """No place came free in time; the caller tells the person to try again."""


class _Line:
    """Who waits for the heavy place in this process, in the order they came."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()

    @contextmanager
    def place(self, seconds: float) -> Iterator[None]:
        """Wait until all who came before have gone. Raises HeavyWorkBusy."""
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
            behind = len(self._waiting) > 1
            came = self._changed.wait_for(lambda: self._waiting[0] is ticket, seconds)
            if not came:
                self._waiting.remove(ticket)
                raise HeavyWorkBusy("heavy work slot is busy")
        try:
            if behind:
                time.sleep(_LET_OTHERS_IN)
            yield
        finally:
            with self._changed:
                self._waiting.remove(ticket)
                self._changed.notify_all()


_line = _Line()
_LOOK_EVERY = 0.02
#: Between two of one process another process gets in: a queue of uploads must not keep a certificate waiting.
_LET_OTHERS_IN = 4 * _LOOK_EVERY


@contextmanager
def heavy_slot(lock_path: Path, *, wait_seconds: float = 20.0) -> Iterator[None]:
    """Hold the one place for heavy work across all processes that share `lock_path`; first come, first served.

    Raises HeavyWorkBusy when the place does not come free within `wait_seconds`.
    """
    lock_path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait_seconds
    with _line.place(wait_seconds):
        handle = os.open(lock_path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= deadline:
                        raise HeavyWorkBusy("heavy work slot is busy") from None
                    time.sleep(_LOOK_EVERY)
            yield
        finally:
            os.close(handle)


def run_child(
    script: Path,
    payload: bytes | IO[bytes],
    *,
    seconds: float,
    memory_mb: int,
    lock_path: Path,
    cpu_seconds: int = 0,
    wait_seconds: float = 20.0,
) -> bytes:
    """Run `script` with `payload` on standard input and return its standard output.

    payload: bytes, or a file of this machine, which the child then reads itself: ten megabytes less in this process.
    seconds: wall-clock limit; cpu_seconds: limit of CPU time (the same, rounded up, when 0); memory_mb:
    address-space limit.
    Raises ChildRefused (exit code 3), HeavyWorkBusy, or ChildError (anything else).
    """
    command = [
        sys.executable,
        "-I",
        str(LAUNCHER),
        str(script),
        str(memory_mb),
        str(cpu_seconds or int(seconds) + 1),
    ]
    given: dict[str, Any] = {"input": payload} if isinstance(payload, bytes) else {"stdin": payload}
    with heavy_slot(lock_path, wait_seconds=wait_seconds):
        if not isinstance(payload, bytes):
            os.lseek(payload.fileno(), 0, os.SEEK_SET)
        try:
            done: subprocess.CompletedProcess[bytes] = subprocess.run(
                command,
                **given,
                capture_output=True,
                timeout=seconds,
                check=False,
                env=_quiet_environment(),
            )
        except subprocess.TimeoutExpired as error:
            raise ChildError(f"{script.name} took longer than {seconds} s") from error
    if done.returncode == REFUSED:
        raise ChildRefused(done.stderr.decode("utf-8", "replace").strip()[-200:] or "refused")
    if done.returncode != 0:
        tail = done.stderr.decode("utf-8", "replace").strip()[-2000:]
        raise ChildError(f"{script.name} ended with {done.returncode}: {tail}")
    return done.stdout


def _quiet_environment() -> dict[str, str]:
    # Keys and database addresses of the parent have no business in a process that parses strangers' files.
    kept = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")
    return {name: os.environ[name] for name in kept if name in os.environ}
