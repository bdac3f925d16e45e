"""What granian serves: bodies are received first (lsp/bodies.py), then a thread runs the WSGI application.

Granian's own WSGI side gives each body in flight a thread whose read cannot be ended from here: sixteen silent
senders stopped the whole portal for as long as they liked. Its RSGI side leaves the waiting to the event loop.
"""

from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import IO, Any

from flask import Flask
from itsdangerous import BadData
from werkzeug.http import parse_cookie

from lsp import create_app
from lsp.bodies import BodyRefused, Places, receive
from lsp.config import MAX_BODY_BYTES, MAX_FORM_BYTES, PIECE_TYPE
from lsp.serving_pipes import Pipes, open_for_writing, write
from lsp.serving_places import Downloads, Place
from lsp.serving_words import PLACE, STREAMED

#: Threads for pages, and threads of their own for uploads: a queue at the heavy work must not hold up a page.
PAGE_THREADS = 12
UPLOAD_THREADS = 4
#: Threads that read the next piece of a large file for whoever downloads one; each is held for that piece alone.
DOWNLOAD_THREADS = 2
#: Key of the WSGI environment under which a view's gate finds the status to answer instead.
REFUSED = "lsp.refused"
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})

Environ = dict[str, Any]
Answer = tuple[int, list[tuple[str, str]], bytes | Iterator[bytes]]


def portal() -> Portal:
    """The application for `granian --interface rsgi --factory`."""
    return Portal(create_app())


class Portal:
    """One process of the web server."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.pages = ThreadPoolExecutor(PAGE_THREADS, "page")
        self.uploads = ThreadPoolExecutor(UPLOAD_THREADS, "upload")
        self.downloads = ThreadPoolExecutor(DOWNLOAD_THREADS, "download")
        self.pipes = Pipes()
        self.sent_at_once = Downloads()
        self.places = Places()
        self._cookie = app.config["SESSION_COOKIE_NAME"]
        self._signer: Any = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]

    def __rsgi_del__(self, _loop: asyncio.AbstractEventLoop) -> None:
        self.downloads.shutdown(wait=False, cancel_futures=True)
        self.pipes.remove_all()
        self.uploads.shutdown(wait=False, cancel_futures=True)
        self.pages.shutdown(wait=False, cancel_futures=True)

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        place = Place(self.sent_at_once)
        environ = environ_of(scope) | {PLACE: place}
        try:
            status, headers, content = await self._answer(environ, protocol)
            if isinstance(content, bytes):
                protocol.response_bytes(status, headers, content)
            else:
                await self._stream(protocol, status, headers, content)
        finally:
            place.free()

    async def _stream(
        self, protocol: Any, status: int, headers: list[tuple[str, str]], pieces: Iterator[bytes]
    ) -> None:
        """Through a pipe, which granian reads as a file: the next piece is read when the one before has gone.

        Its own stream takes all we have, however slow the reader is (measured: 300 MB held in memory). What goes wrong
        in between ends the answer short of the promised length: half a file is no file.
        """
        loop, path, writing = asyncio.get_running_loop(), self.pipes.make(), -1
        protocol.response_file(status, headers, str(path))
        try:
            writing = await open_for_writing(path)
            while piece := await loop.run_in_executor(self.downloads, next, pieces, b""):
                await write(writing, piece)
        except (BrokenPipeError, TimeoutError):
            pass  # the reader has gone, or takes nothing any more
        finally:
            if writing >= 0:
                os.close(writing)
            await loop.run_in_executor(self.downloads, _close, pieces)

    async def _answer(self, environ: Environ, protocol: Any) -> Answer:
        promised = int(environ.get("CONTENT_LENGTH", "0"))
        if environ["REQUEST_METHOD"] in _BODILESS or not (
            promised or "HTTP_TRANSFER_ENCODING" in environ
        ):
            return await self._run(environ, self.pages)
        person = self._signed_in(environ) if _is_upload(environ) else ""
        limit = MAX_BODY_BYTES if person else MAX_FORM_BYTES
        if promised > limit:
            # Not one byte of it is read: the gate says 413, or asks the person to sign in first.
            return await self._run(environ, self.pages)
        try:
            if person:
                return await self._upload(environ, protocol, person, promised)
            async with self.places.of_form():
                body = await receive(protocol, limit=limit, promised=promised)
            with body:
                return await self._run(_with_body(environ, body), self.pages)
        except BodyRefused as refusal:
            # The sender may still be sending; what comes is not taken for the next request.
            status, headers, content = await self._run(
                environ | {REFUSED: refusal.code}, self.pages
            )
            return status, [*headers, ("Connection", "close")], content

    async def _upload(self, environ: Environ, protocol: Any, person: str, promised: int) -> Answer:
        piece = _is_piece(environ)
        async with self.places.of_upload(person):
            body = await receive(protocol, limit=MAX_BODY_BYTES, promised=promised, partly=piece)
        with body:
            whole = _with_body(environ, body)
            async with self.places.of_work(person):
                status, headers, content = await self._run(whole, self.uploads)
        if promised and promised != int(whole["CONTENT_LENGTH"]):  # the rest of it may still come
            headers = [*headers, ("Connection", "close")]
        return status, headers, content

    def _signed_in(self, environ: Environ) -> str:
        """The sign-in that the cookie names, if its signature holds; whether it still stands, the gate asks."""
        cookie = parse_cookie(environ.get("HTTP_COOKIE")).get(self._cookie, "")
        try:
            return str(self._signer.loads(cookie).get("_user_id") or "") if cookie else ""
        except (BadData, AttributeError):
            return ""

    async def _run(self, environ: Environ, threads: ThreadPoolExecutor) -> Answer:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(threads, partial(run_wsgi, self.app, environ))


def _is_upload(environ: Environ) -> bool:
    kind = str(environ.get("CONTENT_TYPE", "")).lower()
    return kind.startswith("multipart/form-data") or _is_piece(environ)


def _is_piece(environ: Environ) -> bool:
    """A piece of a file (tus): of one that breaks off, what came counts."""
    kind = str(environ.get("CONTENT_TYPE", "")).lower()
    return environ["REQUEST_METHOD"] == "PATCH" and kind == PIECE_TYPE


def _with_body(environ: Environ, body: IO[bytes]) -> Environ:
    length = body.seek(0, os.SEEK_END)
    body.seek(0)
    return environ | {"wsgi.input": body, "CONTENT_LENGTH": str(length)}


def environ_of(scope: Any) -> Environ:
    """The WSGI environment of a request, without its body."""
    server, port = _split(scope.server)
    environ: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "REMOTE_ADDR": _split(scope.client)[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        _add_header(environ, name, value)
    if scope.authority and "HTTP_HOST" not in environ:  # HTTP/2 names the host there
        environ["HTTP_HOST"] = scope.authority
    return environ


def _add_header(environ: Environ, name: str, value: str) -> None:
    # A name with an underscore would pass for the one with a dash, such as what a trusted proxy says.
    if "_" in name:
        return
    key = name.upper().replace("-", "_")
    if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        key = "HTTP_" + key
    if key in environ:
        value = environ[key] + ("; " if key == "HTTP_COOKIE" else ",") + value
    environ[key] = value


def _split(address: str) -> tuple[str, str]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), port


def run_wsgi(app: Flask, environ: Environ) -> Answer:
    """Call the WSGI application and gather its whole answer: a slow reader must not hold a thread either.

    An answer that the view called STREAMED comes back as its pieces, which the caller closes.
    """
    begun: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        begun[:] = [int(status.split(" ", 1)[0]), headers]

    pieces: Iterable[bytes] = app(environ, start_response)
    if environ.get(STREAMED):
        return begun[0], begun[1], iter(pieces)
    try:
        content = b"".join(pieces)
    finally:
        _close(pieces)
    return begun[0], begun[1], content


def _close(pieces: Any) -> None:
    close = getattr(pieces, "close", None)
    if close is not None:
        close()
