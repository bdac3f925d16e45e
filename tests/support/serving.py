"""Asks the portal as granian asks it: a request, the pieces of its body, and what is answered."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from lsp.serving import Portal

FORM = "application/x-www-form-urlencoded"
UPLOAD = "multipart/form-data; boundary=B"


class Headers(list):
    def items(self):
        return list(self)


@dataclass
class Scope:
    """A request as granian describes it."""

    method: str = "POST"
    path: str = "/masuk"
    query_string: str = ""
    headers: Headers = field(default_factory=Headers)
    client: str = "192.0.2.7:4711"
    server: str = "127.0.0.1:8000"
    http_version: str = "1.1"
    scheme: str = "http"
    authority: str | None = None


class Sender:
    """Sends its pieces, then falls silent unless the body is whole; keeps what it was answered."""

    def __init__(self, *pieces: bytes, silent: bool = False) -> None:
        self.pieces, self.silent, self.asked, self.opened = pieces, silent, 0, False
        self.status, self.content = 0, b""
        self.headers: dict[str, str] = {}
        #: Seconds until what is to be sent is opened.
        self.late = 0.0

    def __aiter__(self) -> AsyncIterator[bytes]:
        assert not self.opened, "granian opens a body once"
        self.opened = True
        return self._pieces()

    async def _pieces(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            self.asked += 1
            yield piece
        if self.silent:
            await asyncio.Event().wait()

    def response_file(self, status, headers, path):
        """As granian does: a thread opens the path when it gets to it, and reads as fast as its reader takes."""
        self.status, self.headers = status, dict(headers)
        self.reader = threading.Thread(target=self._open, args=(path,))
        self.reader.start()

    def _open(self, path):
        time.sleep(self.late)
        self.file = open(path, "rb", buffering=0)  # noqa: SIM115 - closed below
        self.read_file()

    def read_file(self):
        with self.file:
            while piece := self.file.read(65_536):
                self.content += piece

    def whole(self):
        self.reader.join(10)
        return self.content

    def response_bytes(self, status, headers, content):
        self.status, self.headers, self.content = status, dict(headers), content


def ask(
    portal: Portal, sender: Sender, kind: str = FORM, length: int | None = None, **scope
) -> Sender:
    asyncio.run(ask_async(portal, sender, kind, length, **scope))
    return sender


async def ask_async(portal, sender, kind, length, *, cookie="", headers=(), **scope):
    whole = sum(map(len, sender.pieces)) if length is None else length
    given = [
        ("host", "localhost"),
        ("content-type", kind),
        ("content-length", str(whole)),
        *headers,
    ]
    given += [("cookie", cookie)] if cookie else []
    await portal.__rsgi__(Scope(headers=Headers(given), **scope), sender)
