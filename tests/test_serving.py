"""What granian serves: bodies received on the event loop, and given up on when their sender falls silent."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import url_for

from lsp import bodies, clock
from lsp.config import MAX_BODY_BYTES, MAX_FORM_BYTES, PIECE_TYPE, ROOT
from lsp.database import db
from lsp.gateways.files import CHUNK, FileDamaged
from lsp.gateways.parts import new_key
from lsp.gateways.sealing import OneFile
from lsp.models import Upload
from lsp.services.uploads import LIVES
from lsp.serving import Portal, environ_of
from lsp.serving_places import Downloads
from lsp.vocabulary import Role
from tests import factories
from tests.html import soup
from tests.support.recordings import add_recording, held_seat, video
from tests.views.asesi import situations

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
    asyncio.run(_ask(portal, sender, kind, length, **scope))
    return sender


async def _ask(portal, sender, kind, length, *, cookie="", headers=(), **scope):
    whole = sum(map(len, sender.pieces)) if length is None else length
    given = [
        ("host", "localhost"),
        ("content-type", kind),
        ("content-length", str(whole)),
        *headers,
    ]
    given += [("cookie", cookie)] if cookie else []
    await portal.__rsgi__(Scope(headers=Headers(given), **scope), sender)


@pytest.fixture
def portal(app):
    made = Portal(app)
    yield made
    made.__rsgi_del__(None)


@pytest.fixture
def cookie(app, sign_in):
    name = app.config["SESSION_COOKIE_NAME"]
    return f"{name}={sign_in(Role.ASESI).get_cookie(name).value}"


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(bodies, "SILENCE_SECONDS", 0.2)
    monkeypatch.setattr(bodies, "PATIENCE_SECONDS", 0.2)


class TestBodies:
    def test_page_without_a_body(self, portal):
        answer = ask(portal, Sender(), method="GET", path=url_for("auth.sign_in"))
        assert answer.status == 200
        assert soup(answer.content.decode()).h1

    def test_form_reaches_its_view(self, portal):
        answer = ask(portal, Sender(b"email=a%40lsp.example&", b"password=salah-sekali"))
        assert answer.status == 422
        assert "a@lsp.example" in answer.content.decode()

    @pytest.mark.parametrize("signed_in", [False, True])
    def test_silence_is_answered_and_its_line_closed(self, portal, impatient, cookie, signed_in):
        sender = Sender(b"abc", silent=True)
        kind = UPLOAD if signed_in else FORM
        answer = ask(portal, sender, kind, 500, cookie=cookie if signed_in else "")
        assert answer.status == 408
        assert answer.headers["Connection"] == "close"
        assert "terputus" in soup(answer.content.decode()).h1.get_text()

    def test_drip_below_the_rate_is_given_up_on(self, monkeypatch, portal):
        monkeypatch.setattr(bodies, "GRACE_SECONDS", 0.1)

        class Drip(Sender):
            async def _pieces(self):
                while True:
                    await asyncio.sleep(0.02)
                    yield b"a"

        assert ask(portal, Drip(), length=500).status == 408

    def test_full_house_says_when_to_come_again(self, portal, impatient, monkeypatch):
        monkeypatch.setattr(bodies, "FORMS", 1)

        async def two():
            portal.places = bodies.Places()
            first = asyncio.create_task(_ask(portal, Sender(b"a", silent=True), FORM, 500))
            await asyncio.sleep(0.05)
            second = Sender(b"email=a")
            await _ask(portal, second, FORM, None)
            await first
            return second

        answer = asyncio.run(two())
        assert answer.status == 503
        assert answer.headers["Retry-After"]
        assert "Tekan tombol Kembali" in soup(answer.content.decode()).get_text()

    def test_one_person_does_not_take_all_places_for_uploads(self, portal, impatient, cookie):
        async def many():
            portal.places = bodies.Places()
            senders = [Sender(b"a", silent=True) for _ in range(bodies.UPLOADS_EACH)]
            ask_them = [_ask(portal, each, UPLOAD, 500, cookie=cookie) for each in senders]
            tasks = [asyncio.create_task(each) for each in ask_them]
            await asyncio.sleep(0.05)
            free = portal.places._uploads._value
            await asyncio.gather(*tasks)
            return free

        assert asyncio.run(many()) == bodies.UPLOADS - bodies.UPLOADS_EACH

    def test_upload_of_nobody_is_no_larger_than_a_form(self, portal):
        sender = Sender(b"a" * 100)
        assert ask(portal, sender, UPLOAD, MAX_FORM_BYTES + 1).status == 413
        assert sender.asked == 0

    def test_half_a_form_is_no_form(self, portal):
        assert ask(portal, Sender(b"email=a&pass"), length=500).status == 400

    def test_unannounced_length_is_counted(self, portal):
        sender = Sender(*[b"a" * 100_000] * 4)
        headers = [("transfer-encoding", "chunked")]
        assert ask(portal, sender, FORM, 0, headers=headers).status == 413
        assert sender.asked == 3


class TestPieces:
    """Of a piece of a file that breaks off, what came is kept: that is what pieces are for."""

    @pytest.fixture
    def upload(self, sign_in, app):
        browser = sign_in(Role.ASESI)
        case = situations.draft(browser.user)
        upload = factories.saved(
            Upload(
                user_id=browser.user.id, permohonan_id=case.id, purpose="requirement", length=1_000_000,
                requirement_id=case.skema_version.requirements[0].id, part_key=new_key(),
                expires_at=clock.now() + LIVES,
            )
        )  # fmt: skip
        name = app.config["SESSION_COOKIE_NAME"]
        path = url_for("asesi.send_piece", permohonan_id=case.public_id, upload_id=upload.public_id)
        db.session.commit()
        return {"path": path, "cookie": f"{name}={browser.get_cookie(name).value}"}

    def send(self, portal, upload, sender, offset=0, length=None, **changes):
        headers = [("tus-resumable", "1.0.0"), ("upload-offset", str(offset))]
        given = {"method": "PATCH", "headers": headers} | upload | changes
        return ask(portal, sender, PIECE_TYPE, length, **given)

    def test_the_line_broke(self, portal, upload):
        answer = self.send(portal, upload, Sender(b"a" * 70_000, b"b" * 100), length=500_000)
        assert (answer.status, answer.headers["Upload-Offset"]) == (204, "70100")
        assert answer.headers["Connection"] == "close"
        answer = self.send(portal, upload, Sender(b"c" * 50), offset=70_100)
        assert (answer.status, answer.headers["Upload-Offset"]) == (204, "70150")
        assert "Connection" not in answer.headers

    def test_the_sender_fell_silent(self, portal, upload, impatient):
        answer = self.send(portal, upload, Sender(b"a" * 999, silent=True), length=500_000)
        assert (answer.status, answer.headers["Upload-Offset"]) == (204, "999")
        assert answer.headers["Connection"] == "close"

    def test_larger_than_any_upload_is_not_read(self, portal, upload):
        sender = Sender(b"a" * 100)
        assert self.send(portal, upload, sender, length=MAX_BODY_BYTES + 1).status == 413
        assert sender.asked == 0

    def test_of_nobody_it_is_no_larger_than_a_form(self, portal, upload):
        sender = Sender(b"a" * 100)
        answer = self.send(portal, upload, sender, length=MAX_FORM_BYTES + 1, cookie="")
        assert answer.status == 302, "to sign in"
        assert sender.asked == 0

    def test_a_form_that_calls_itself_a_piece_is_whole_or_nothing(self, portal, upload):
        answer = self.send(portal, upload, Sender(b"a" * 100), length=500, method="POST")
        assert answer.status == 400


class TestEnvironment:
    def test_underscore_does_not_pass_for_what_a_proxy_says(self):
        headers = Headers([("x-forwarded-for", "198.51.100.1"), ("x_forwarded_for", "203.0.113.9")])
        assert environ_of(Scope(headers=headers))["HTTP_X_FORWARDED_FOR"] == "198.51.100.1"

    def test_names_the_sender_and_the_path(self):
        environ = environ_of(Scope(path="/é", client="[2001:db8::1]:99"))
        assert environ["REMOTE_ADDR"] == "2001:db8::1"
        assert environ["PATH_INFO"].encode("latin-1").decode() == "/é"


def test_form_larger_than_any_of_ours_is_refused(client):
    answer = client.post(url_for("auth.enter"), data={"email": "a" * (MAX_FORM_BYTES + 1)})
    assert answer.status_code == 413


@pytest.mark.slow
def test_silent_senders_stop_nobody(tmp_path):
    """Sixteen of them held every thread, and with it the whole portal."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"LSP_DATA": str(tmp_path), "BASE_URL": f"http://127.0.0.1:{port}"}
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "rsgi",
        "--port",
        str(port),
        "--no-ws",
    ]
    command += ["--log-level", "error", "--factory", "lsp.serving:portal"]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    address, lines = f"http://127.0.0.1:{port}/healthz", []
    try:
        _wait_for(address)
        for _ in range(40):
            line = socket.create_connection(("127.0.0.1", port))
            line.sendall(
                b"POST /masuk HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 500\r\n\r\nabc"
            )
            lines.append(line)
        with urllib.request.urlopen(address, timeout=3) as answer:
            assert answer.status == 200
        lines[0].settimeout(bodies.SILENCE_SECONDS + 10)
        assert lines[0].recv(30).startswith(b"HTTP/1.1 408")
    finally:
        for line in lines:
            line.close()
        server.terminate()
        assert server.wait(20) == 0


def _wait_for(address: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(address, timeout=2).close()  # noqa: S310 - of this machine
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the portal did not come up")


class TestStreams:
    """A recording is read and sent piece by piece: it is never in memory as a whole."""

    @pytest.fixture
    def asked(self, app, sign_in):
        row = add_recording(held_seat(), content=video(5 * CHUNK + 9))
        name = app.config["SESSION_COOKIE_NAME"]
        cookie = f"{name}={sign_in(Role.AUDITOR).get_cookie(name).value}"
        path = url_for("packs.recording", recording_id=row.public_id)
        return {"method": "GET", "path": path, "cookie": cookie}, row

    def test_in_pieces(self, portal, asked):
        answer = ask(portal, Sender(), length=0, **asked[0])
        assert answer.whole() == video(5 * CHUNK + 9)
        assert answer.headers["Content-Length"] == str(5 * CHUNK + 9)

    def test_who_opens_late_still_gets_this_file_and_no_other(self, portal, asked, tmp_path):
        """The first piece is shorter than a pipe holds; what is opened meanwhile is somebody else's."""
        late = Sender()
        late.late = 0.3
        other = tmp_path / "other"
        other.write_bytes(b"KTP" * 30_000)

        def open_others():
            held = []
            for _ in range(40):
                held.append(other.open("rb"))
                time.sleep(0.01)
            for each in held:
                each.close()

        busy = threading.Thread(target=open_others)
        busy.start()
        start = CHUNK - 1
        ask(portal, late, length=0, headers=[("range", f"bytes={start}-")], **asked[0])
        busy.join()
        assert late.whole() == video(5 * CHUNK + 9)[start:]

    def test_a_reader_who_never_opens_is_not_waited_for(self, portal, asked, monkeypatch):
        class Away(Sender):
            def response_file(self, status, headers, path):
                self.path = path

        monkeypatch.setattr("lsp.serving_pipes.OPEN_SECONDS", 0.1)
        away = Away()
        ask(portal, away, length=0, **asked[0])
        assert not Path(away.path).exists()

    def test_the_next_piece_is_read_when_the_last_has_gone(self, portal, asked, monkeypatch):
        class Slow(Sender):
            def read_file(self):
                self.file.read(65_536)

        monkeypatch.setattr("lsp.serving_pipes.READER_SECONDS", 0.1)
        read = []
        opened = OneFile.opened
        monkeypatch.setattr(
            OneFile,
            "opened",
            lambda file, *chunk, **more: read.append(1) or opened(file, *chunk, **more),
        )
        slow = Slow()
        ask(portal, slow, length=0, **asked[0])
        slow.file.close()
        assert len(read) == 1

    def test_no_more_than_some_at_once(self, portal, asked, monkeypatch):
        """A place is taken while the reader takes, and free again when he has gone or has it all."""
        monkeypatch.setattr("lsp.serving_places.DOWNLOADS_EACH", 1)
        monkeypatch.setattr("lsp.serving_pipes.READER_SECONDS", 0.5)

        class Stalled(Sender):
            def read_file(self):
                self.file.read(65_536)

        async def both():
            first, second = Stalled(), Sender()
            one = asyncio.create_task(_ask(portal, first, FORM, 0, **asked[0]))
            while not hasattr(first, "file"):
                await asyncio.sleep(0.01)
            await _ask(portal, second, FORM, 0, **asked[0])
            await one
            first.file.close()
            return second

        refused = asyncio.run(both())
        assert refused.status == 503
        assert refused.headers["Retry-After"] == "60"
        assert "sedang diunduh sekaligus" in refused.content.decode()
        for _ in range(2):
            assert len(ask(portal, Sender(), length=0, **asked[0]).whole()) == 5 * CHUNK + 9

    def test_one_person_does_not_take_the_places_of_all(self, monkeypatch):
        downloads = Downloads()
        assert [downloads.take("1") for _ in range(5)] == [True] * 4 + [False]
        assert downloads.take("2")
        for person in range(3, 14):
            assert downloads.take(str(person))
        assert not downloads.take("99")
        downloads.free("1")
        assert downloads.take("99")

    def test_who_has_gone_is_sent_no_more(self, portal, asked, monkeypatch):
        class Gone(Sender):
            def read_file(self):
                with self.file:
                    while len(self.content) < 2 * CHUNK:
                        self.content += self.file.read(65_536)

        read, opened = [], OneFile.opened
        monkeypatch.setattr(
            OneFile,
            "opened",
            lambda file, *chunk, **more: read.append(1) or opened(file, *chunk, **more),
        )
        ask(portal, Gone(), length=0, **asked[0])
        assert len(read) < 6

    def test_what_is_damaged_in_the_middle_breaks_the_line(self, app, portal, asked):
        row = asked[1]
        path = app.config["LSP"].data_folder / "files" / row.storage_key[:2] / row.storage_key
        sealed = bytearray(path.read_bytes())
        sealed[3 * CHUNK] ^= 1
        path.write_bytes(sealed)
        sender = Sender()
        with pytest.raises(FileDamaged):
            ask(portal, sender, length=0, **asked[0])
        assert len(sender.whole()) < int(sender.headers["Content-Length"])
