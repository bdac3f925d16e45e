"""What granian serves: bodies received on the event loop, and given up on when their sender falls silent."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from flask import url_for

from lsp import bodies, clock
from lsp.config import MAX_BODY_BYTES, MAX_FORM_BYTES, PIECE_TYPE, ROOT
from lsp.database import db
from lsp.gateways.parts import new_key
from lsp.models import Upload
from lsp.services.uploads import LIVES
from lsp.serving import environ_of
from lsp.vocabulary import Role
from tests import factories
from tests.html import soup
from tests.support.serving import FORM, UPLOAD, Headers, Scope, Sender, ask, ask_async
from tests.views.asesi import situations


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
            first = asyncio.create_task(ask_async(portal, Sender(b"a", silent=True), FORM, 500))
            await asyncio.sleep(0.05)
            second = Sender(b"email=a")
            await ask_async(portal, second, FORM, None)
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
            ask_them = [ask_async(portal, each, UPLOAD, 500, cookie=cookie) for each in senders]
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
