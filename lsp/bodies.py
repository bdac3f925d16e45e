"""Receive the body of a request before any thread is spent on it, and give up on a sender who has fallen silent.

The web server hands over a body piece by piece on its event loop, where waiting costs a few kilobytes and no
thread. How many may be on their way at once is counted here; what a body means is the views' business.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from typing import IO
from weakref import WeakValueDictionary

#: No byte for so long, and the sender has gone: a telephone that changes cells is back within seconds.
SILENCE_SECONDS = 20.0
#: From then on a body must have come at this rate on the average; the slowest lines we know send ten times that.
GRACE_SECONDS = 30.0
BYTES_PER_SECOND = 2_000.0
#: Beyond it a body waits in a temporary file.
_IN_MEMORY = 64_000

#: Forms on their way at once; each is small and cheap to wait for.
FORMS = 400
#: Uploads on their way at once: together at most 240 MB in temporary files.
UPLOADS = 24
#: ... and of one person, who would otherwise hold them all.
UPLOADS_EACH = 6
#: How long an upload waits for a place before its sender is asked to come again.
PATIENCE_SECONDS = 60.0


class BodyRefused(Exception):
    """The body is not received; `code` is the status to answer (400, 408, 413, 503)."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


async def receive(
    pieces: AsyncIterable[bytes], *, limit: int, promised: int = 0, partly: bool = False
) -> IO[bytes]:
    """The whole body as a file to read.

    promised: the length that was announced, if one was. partly: what came of a body that breaks off or stalls is
    worth keeping (half a form is no form, half a piece of a file is). Raises BodyRefused when it stalls (408), is
    larger than `limit` (413), ends too early (400), or finds no room (503).
    """
    loop = asyncio.get_running_loop()
    began, length = loop.time(), 0
    body = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller closes it
    try:
        async with asyncio.timeout(SILENCE_SECONDS) as patience:
            async for piece in pieces:
                length += len(piece)
                if length > limit:
                    raise BodyRefused(413)
                body.write(piece)
                enough = began + GRACE_SECONDS + length / BYTES_PER_SECOND
                patience.reschedule(min(loop.time() + SILENCE_SECONDS, enough))
        if promised and length != promised and not partly:
            raise BodyRefused(400)
    except TimeoutError as stalled:
        if not partly:
            body.close()
            raise BodyRefused(408) from stalled
    except OSError as full:  # no room for the temporary file
        body.close()
        raise BodyRefused(503) from full
    except BaseException:
        body.close()
        raise
    body.seek(0)
    return body


class Places:
    """How many bodies may be on their way at once. Forms are refused when it is full; uploads wait a while."""

    def __init__(self) -> None:
        self._forms = asyncio.Semaphore(FORMS)
        self._uploads = asyncio.Semaphore(UPLOADS)
        self._each: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._worked_on: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def of_form(self) -> AsyncIterator[None]:
        """Raises BodyRefused (503) when none is free."""
        if self._forms.locked():
            raise BodyRefused(503)
        async with self._forms:
            yield

    @asynccontextmanager
    async def of_upload(self, person: str) -> AsyncIterator[None]:
        """Raises BodyRefused (503) when none comes free in time."""
        own = self._each.setdefault(person, asyncio.Semaphore(UPLOADS_EACH))
        async with _waited_for(own), _waited_for(self._uploads):
            yield

    @asynccontextmanager
    async def of_work(self, person: str) -> AsyncIterator[None]:
        """One upload of a person at a time is looked at: whoever sends many, waits behind himself."""
        async with _waited_for(self._worked_on.setdefault(person, asyncio.Semaphore(1))):
            yield


@asynccontextmanager
async def _waited_for(place: asyncio.Semaphore) -> AsyncIterator[None]:
    try:
        await asyncio.wait_for(place.acquire(), PATIENCE_SECONDS)
    except TimeoutError as full:
        raise BodyRefused(503) from full
    try:
        yield
    finally:
        place.release()
