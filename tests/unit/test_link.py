"""The emulated link is as slow as it says, and a cut is a cut."""

from __future__ import annotations

import http.client
import http.server
import threading
import time
from collections.abc import Iterator

import pytest

from tests.support.link import Link

SIZE = 50_000


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(SIZE))
        self.end_headers()
        self.wfile.write(b"x" * SIZE)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def ask(link: Link) -> http.client.HTTPResponse:
    line = http.client.HTTPConnection("127.0.0.1", link.listens, timeout=10)
    line.request("GET", "/", headers={"Connection": "close"})
    return line.getresponse()


def test_takes_as_long_as_rate_and_round_trips_ask(port):
    with Link("127.0.0.1", port, bits_per_second=800_000, round_trip=0.1) as link:
        began = time.monotonic()
        assert len(ask(link).read()) == SIZE
        # 0.5 s of bytes, a round trip to connect and one to ask
        assert time.monotonic() - began >= 0.65
        assert link.down.carried >= SIZE


def test_a_cut_breaks_what_is_under_way_and_refuses_for_its_time(port):
    with Link("127.0.0.1", port, bits_per_second=400_000, round_trip=0.02) as link:
        answer = ask(link)
        link.cut(0.5)
        with pytest.raises((OSError, http.client.HTTPException)):
            answer.read()
        with pytest.raises((OSError, http.client.HTTPException)):
            ask(link)
        time.sleep(0.6)
        assert len(ask(link).read()) == SIZE
