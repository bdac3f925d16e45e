"""Memory while a recording goes through a running portal: `python -m bench.recordings [MB]`.

Sent in pieces of 4 MB as the page's script does, sealed and stored by the worker, then fetched twice: as fast as it
goes, and by a reader who takes 64 kB at a time. Resident memory is looked at every 20 ms.
"""

from __future__ import annotations

import hashlib
import re
import sys
import tempfile
import threading
import time
import urllib.request
from base64 import b64encode
from pathlib import Path

import psutil

from bench.serve import Browser, Running, portal, prepare, token_in

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
    panel, announce = find_meeting(browser)
    idle = {name: round(resident_mb(process.pid)) for name, process in
            (("web", running.web), ("worker", running.worker))}  # fmt: skip
    watch = Watch(running)
    watch.start()
    began = time.monotonic()
    digest = send(browser, panel, announce, length)
    sent = time.monotonic()
    address = stored(browser, panel, digest)
    kept, most = time.monotonic(), {"sent": dict(watch.most)}
    for name, rest in (("fetched", 0.0), ("fetched slowly", 0.002)):
        assert fetch(browser, address, rest) == digest
        most[name] = dict(watch.most)
    watch.done = True
    print(
        f"{length / 1e6:.0f} MB: sent {sent - began:.1f} s, stored after {kept - sent:.1f} s more"
    )
    print(f"idle {idle}")
    for phase, held in most.items():
        print(f"most until {phase}: " + str({name: round(each) for name, each in held.items()}))


def find_meeting(browser: Browser) -> tuple[str, str]:
    """The panel of a held remote meeting of this asesor, and where a recording of it is announced."""
    _status, home = browser.get("/asesor")
    for case in dict.fromkeys(re.findall(r"/asesor/permohonan/[0-9A-Z]{16}", home)):
        panel = f"{case}/rekaman"
        found = re.search(r'data-pieces="([^"]+)"', browser.get(panel)[1])
        if found is not None:
            return panel, found[1]
    raise SystemExit("no held meeting in the demo")


def call(browser: Browser, method: str, path: str, body: bytes | None = None, **headers: str):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    url = path if path.startswith("http") else browser.base + path
    request = urllib.request.Request(url, data=body, headers=named, method=method)
    return browser.opener.open(request, timeout=120)


def send(browser: Browser, panel: str, announce: str, length: int) -> str:
    token, digest = token_in(browser.get(panel)[1]), hashlib.sha256()
    known = {"Tus_Resumable": "1.0.0", "X_CSRFToken": token, "Referer": browser.base + panel}
    said = "filename " + b64encode(b"rapat.mp4").decode()
    at = call(
        browser, "POST", announce, b"", Upload_Length=str(length), Upload_Metadata=said, **known
    ).headers["Location"]
    for offset in range(0, length, PIECE):
        piece = piece_at(offset, min(PIECE, length - offset))
        digest.update(piece)
        kind = "application/offset+octet-stream"
        call(browser, "PATCH", at, piece, Upload_Offset=str(offset), Content_Type=kind, **known)
    return digest.hexdigest()


def stored(browser: Browser, panel: str, digest: str) -> str:
    """Where it is fetched, once the worker has stored it."""
    while True:
        page = browser.get(panel)[1]
        for address, row in re.findall(
            r'href="(/rekaman/[0-9A-Z]{16})"(.*?)</li>', page, re.DOTALL
        ):
            if digest[:16] in row:
                return address
        time.sleep(0.2)


def fetch(browser: Browser, address: str, rest: float) -> str:
    digest = hashlib.sha256()
    with call(browser, "GET", address) as answer:
        while piece := answer.read(65_536 if rest else 2**20):
            digest.update(piece)
            time.sleep(rest)
    return digest.hexdigest()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
