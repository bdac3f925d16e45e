"""Memory while a recording goes through a running portal: `python -m bench.recordings [MB]`.

Sent in pieces of 4 MB as the page's script does, sealed and stored by the worker, then fetched twice: as fast as it
goes, and by a reader who takes 64 kB at a time. Resident memory is looked at every 20 ms.
"""

from __future__ import annotations

import hashlib
import http.client
import sys
import tempfile
import threading
import time
import urllib.parse
from base64 import b64encode
from pathlib import Path

import psutil

from bench.serve import Browser, Running, portal, prepare

PIECE = 4_000_000
HEAD = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41"


class Watch(threading.Thread):
    """Remembers the most that web and worker held."""

    def __init__(self, running: Running) -> None:
        super().__init__(daemon=True)
        self.running, self.done = running, False
        self.most = {"web": 0.0, "worker": 0.0}

    def run(self) -> None:
        while not self.done:
            for name, process in (("web", self.running.web), ("worker", self.running.worker)):
                self.most[name] = max(self.most[name], resident_mb(process.pid))
            time.sleep(0.02)


def resident_mb(pid: int) -> float:
    tree = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return sum(each.memory_info().rss for each in tree) / 2**20


def piece_at(offset: int, size: int) -> bytes:
    made = hashlib.sha256(str(offset).encode()).digest() * (size // 32 + 1)
    return (HEAD + made)[:size] if offset == 0 else made[:size]


def main(megabytes: int) -> None:
    length = megabytes * 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        with portal(Path(folder)) as running:
            measure(running, length)


def measure(running: Running, length: int) -> None:
    browser = Browser(running.base)
    browser.sign_in("asesor1")
    case, seat = find_meeting(browser)
    idle = {name: round(resident_mb(process.pid)) for name, process in
            (("web", running.web), ("worker", running.worker))}  # fmt: skip
    watch = Watch(running)
    watch.start()
    began = time.monotonic()
    digest = send(running, browser, case, seat, length)
    sent = time.monotonic()
    address = stored(browser, case, digest)
    kept = time.monotonic()
    for rest in (0.0, 0.002):
        assert fetch(running, browser, address, rest) == digest
    watch.done = True
    print(f"{length / 1e6:.0f} MB: sent {sent - began:.1f} s, stored after {kept - sent:.1f} s more")
    print(f"idle {idle}; most " + str({name: round(most) for name, most in watch.most.items()}))
