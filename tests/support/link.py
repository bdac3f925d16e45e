"""A slow line on loopback in front of a server, which can be cut: for tests and measurements of uploads."""

from __future__ import annotations

import socket
import struct
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

_CHUNK = 16_384
#: Little is on its way at once, as on a real line; else a loopback socket swallows megabytes that never arrive.
_BUFFER = 65_536


class Link:
    """`address` leads to `target`. What the near side sends passes at `rate` bytes a second and is counted."""

    def __init__(self, target: tuple[str, int], *, rate: float = 0.0) -> None:
        self._target, self._rate = target, rate
        #: Bytes that came from the near side, headers included.
        self.sent = 0
        #: Cut when so many have come: each once, smallest first.
        self.cut_places: list[int] = []
        self.cuts = 0
        self._down = False
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.close()
        self.cut()

    def cut(self) -> None:
        """Break all that is open, without a farewell."""
        with self._lock:
            held, self._open = self._open, set()
        self.cuts += bool(held)
        for each in held:
            with suppress(OSError):  # closed meanwhile by its own thread
                each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            _close(each)

    def go_down(self) -> None:
        """Break what is open and refuse what comes, until `come_up`."""
        self._down = True
        self.cut()

    def come_up(self) -> None:
        self._down = False

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._down:
                near.close()
                continue
            try:
                far = socket.create_connection(self._target)
            except OSError:
                near.close()
                continue
            with self._lock:
                self._open |= {near, far}
            for pair in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, source: socket.socket, goal: socket.socket, counted: bool) -> None:
        try:
            while data := source.recv(_CHUNK):
                if counted:
                    self._count(len(data))
                goal.sendall(data)
        except OSError:
            pass
        with self._lock:
            self._open -= {source, goal}
        _close(source)
        _close(goal)

    def _count(self, size: int) -> None:
        with self._lock:
            self.sent += size
            due = bool(self.cut_places) and self.cut_places[0] <= self.sent
            if due:
                self.cut_places.pop(0)
        if due:
            self.cut()
        if self._rate:
            time.sleep(size / self._rate)


def _close(line: socket.socket) -> None:
    with suppress(OSError):  # the other end was first, or the line was cut
        line.shutdown(socket.SHUT_RDWR)
    line.close()
