"""Others' pages while people upload on slow lines: `python -m bench.slow_bodies`.

Four readers open a page as fast as they get it: alone, beside twenty uploads of 10 MB at 50 kB/s, beside two
hundred senders who fall silent in the middle of a form, and beside twenty who send a header byte by byte.
"""

from __future__ import annotations

import socket
import statistics
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bench.serve import Browser, Running, portal, prepare

SECONDS = 10.0
READERS = 4
Sender = Callable[[socket.socket, threading.Event], None]


@dataclass
class Reading:
    """What the readers saw in one stretch."""

    times: list[float] = field(default_factory=list)
    failed: int = 0

    def line(self) -> str:
        times = sorted(self.times)
        p95 = times[int(len(times) * 0.95)] * 1000 if times else float("inf")
        p50 = statistics.median(times) * 1000 if times else float("inf")
        return f"{len(times) / SECONDS:.0f} pages/s, p50 {p50:.0f} ms, p95 {p95:.0f} ms, failed {self.failed}"


def read_pages(address: str) -> Reading:
    """READERS at once for SECONDS; a page that takes more than five seconds has failed."""
    seen, end = Reading(), time.monotonic() + SECONDS

    def one() -> None:
        while time.monotonic() < end:
            began = time.monotonic()
            try:
                with urllib.request.urlopen(address, timeout=5) as answer:
                    answer.read()
            except OSError:
                seen.failed += 1
            else:
                seen.times.append(time.monotonic() - began)

    threads = [threading.Thread(target=one) for _ in range(READERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def beside(running: Running, count: int, send: Sender) -> tuple[Reading, float]:
    """What readers see while `count` senders are at it, and the memory of the web process then."""
    stop = threading.Event()
    host = urlsplit(running.base)

    def one() -> None:
        try:
            with socket.create_connection((host.hostname, host.port), timeout=60) as line:
                send(line, stop)
        except OSError:
            pass  # the portal has given up on this sender

    threads = [threading.Thread(target=one, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    time.sleep(2)
    seen, memory = read_pages(running.base + "/masuk"), running.memory_mb()["web"]
    stop.set()
    for thread in threads:
        thread.join()
    time.sleep(1)
    return seen, memory


def upload(cookie: str) -> Sender:
    """Ten megabytes at 50 kB/s, as a signed-in person."""

    def send(line: socket.socket, stop: threading.Event) -> None:
        line.sendall(_head("/asesi", 10_000_000, "multipart/form-data; boundary=B", cookie))
        line.sendall(b'--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n')
        while not stop.wait(0.1):
            line.sendall(bytes(5_000))

    return send


def fall_silent(line: socket.socket, stop: threading.Event) -> None:
    line.sendall(_head("/masuk", 500, "application/x-www-form-urlencoded") + b"abc")
    stop.wait()


def trickle_header(line: socket.socket, stop: threading.Event) -> None:
    line.sendall(b"GET /masuk HTTP/1.1\r\nHost: x\r\nX-A: ")
    while not stop.wait(0.5):
        line.sendall(b"a")


def _head(path: str, length: int, kind: str, cookie: str = "") -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n"
    )
    return (head + (f"Cookie: {cookie}\r\n" if cookie else "") + "\r\n").encode()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        with portal(Path(folder)) as running:
            # Four people: one alone may not take all the places.
            cookies = [
                _cookie(running.base, name) for name in ("asesi1", "asesi2", "asesi3", "asesi4")
            ]
            take = iter(cookies * 5)
            read_pages(running.base + "/masuk")  # warm
            for name, count, send in (
                ("alone", 0, fall_silent),
                ("20 slow uploads", 20, lambda line, stop: upload(next(take))(line, stop)),
                ("alone again", 0, fall_silent),
                ("200 silent senders", 200, fall_silent),
                ("20 header-tricklers", 20, trickle_header),
            ):  # fmt: skip
                seen, memory = beside(running, count, send)
                print(f"{name}: {seen.line()}; web {memory:.0f} MB")


def _cookie(base: str, account: str) -> str:
    browser = Browser(base).sign_in(account)
    jar = next(each.cookiejar for each in browser.opener.handlers if hasattr(each, "cookiejar"))
    return "; ".join(f"{each.name}={each.value}" for each in jar)


if __name__ == "__main__":
    main()
