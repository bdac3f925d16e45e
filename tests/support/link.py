"""A link on loopback that is slow and breaks: rate, round trip and cuts, between a browser and the portal.

A forwarder in this process, since kernels of test machines seldom shape traffic. Each direction is one bottleneck
that all connections share; opening a connection costs a round trip; a cut resets what is open and refuses what comes.
"""

from __future__ import annotations

import asyncio
import math
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

_PIECE = 1_460
#: What a modem queues before the sender has to wait, in bytes. Little is on its way at once, as on a real line;
#: else a loopback socket swallows megabytes that never arrive.
_QUEUE = 32_000
_BUFFER = 65_536


@dataclass
class _Direction:
    """One way over the link: when the bottleneck is free again, and how much went over it."""

    bytes_per_second: float
    free_at: float = 0.0
    carried: int = 0

    def departs(self, size: int) -> float:
        self.free_at = max(self.free_at, time.monotonic()) + size / self.bytes_per_second
        self.carried += size
        return self.free_at


@dataclass
class Link:
    """`with Link("127.0.0.1", 8000) as link: open link.address`.

    bits_per_second: of each direction. round_trip: seconds. cut_places: cut once each when so many bytes have come
    from the near side.
    """

    host: str
    port: int
    bits_per_second: float = math.inf
    round_trip: float = 0.0
    cuts: int = 0
    cut_places: list[int] = field(default_factory=list)
    up: _Direction = field(init=False)
    down: _Direction = field(init=False)

    def __post_init__(self) -> None:
        self.up, self.down = (_Direction(self.bits_per_second / 8) for _ in range(2))
        self._open: set[asyncio.StreamWriter] = set()
        self._dead_until = 0.0
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        server = await asyncio.start_server(self._connected, sock=listener, limit=_PIECE)
        self.listens: int = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._over.wait()
        server.close()
        self._abort_all()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.listens}"

    @property
    def sent(self) -> int:
        """Bytes that came from the near side, headers included."""
        return self.up.carried

    def cut(self, seconds: float = 0.0) -> None:
        """Lose the signal: what is under way is lost, and nothing gets through for so long."""
        self.cuts += 1
        self._dead_until = time.monotonic() + seconds
        self._loop.call_soon_threadsafe(self._abort_all)

    def go_down(self) -> None:
        """Break what is open and refuse what comes, until `come_up`."""
        self.cut(math.inf)

    def come_up(self) -> None:
        self._dead_until = 0.0

    def _abort_all(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if time.monotonic() < self._dead_until:
            writer.transport.abort()
            return
        self._open.add(writer)
        await asyncio.sleep(self.round_trip)
        try:
            far_reader, far_writer = await asyncio.open_connection(self.host, self.port)
        except OSError:
            self._open.discard(writer)
            writer.transport.abort()
            return
        self._open.add(far_writer)
        await asyncio.gather(
            self._carry(reader, far_writer, self.up), self._carry(far_reader, writer, self.down)
        )
        for each in (writer, far_writer):
            self._open.discard(each)
            each.transport.abort()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: _Direction
    ) -> None:
        """Pieces leave one behind the other at the rate of the bottleneck and arrive half a round trip later."""
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_QUEUE // _PIECE)
        arriving = asyncio.create_task(_deliver(pieces, writer))
        with suppress(OSError):
            while piece := await reader.read(_PIECE):
                departs = way.departs(len(piece))
                if way is self.up and self.cut_places and way.carried >= self.cut_places[0]:
                    self.cut_places.pop(0)
                    self.cut()
                await pieces.put((departs + self.round_trip / 2, piece))
                ahead = departs - time.monotonic() - _QUEUE / way.bytes_per_second
                if ahead > 0:
                    await asyncio.sleep(ahead)
        await pieces.put((way.free_at + self.round_trip / 2, b""))
        await arriving


async def _deliver(
    pieces: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
) -> None:
    """Write each piece when it arrives; once nobody is there, what still comes is lost."""
    while True:
        arrives, piece = await pieces.get()
        await asyncio.sleep(max(0.0, arrives - time.monotonic()))
        with suppress(OSError):
            if not writer.is_closing():
                writer.write(piece) if piece else writer.write_eof()
                await writer.drain()
        if not piece:
            return
