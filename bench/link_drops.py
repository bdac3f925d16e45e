"""Uploads over a line that breaks: `python -m bench.link_drops` (with CHROMIUM=… also by our script in a browser).

Ten times 5 MB at 1 MB/s through a proxy that cuts the line ten times at random, by a small tus client; every upload
must complete, and the bytes sent (headers and all) stay within 1.3 times the file.
"""

from __future__ import annotations

import base64
import http.client
import io
import os
import random
import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image

from bench.serve import Browser, portal, prepare, token_in
from tests.support.link import Link

RATE = 1_000_000.0
SIZE = 5_000_000
CUTS = 10
UPLOADS = 10
MOST = 1.3


def scan(seed: int) -> bytes:
    """A PDF of SIZE bytes: one noisy page and a comment that fills it up."""
    out = io.BytesIO()
    noise = Image.effect_noise((2600, 2600), 60 + seed)
    noise.save(out, "PDF", quality=75)
    made = out.getvalue()
    filling = b"%" + bytes(SIZE - len(made) - 2) + b"\n"
    first = made.index(b"\n") + 1
    # Before the first object the table of offsets would be wrong; the reader repairs it, as it does scanners' files.
    return made[:first] + filling.replace(b"\0", b" ") + made[first:]


@dataclass
class Person:
    """A signed-in asesi as a tus client needs him: cookie, token and the address of a document row."""

    cookie: str
    token: str
    row: str

    @classmethod
    def of(cls, base: str, account: str) -> Person:
        browser = Browser(base).sign_in(account)
        _, home = browser.get("/asesi")
        case = re.findall(r"/asesi/permohonan/(\w{16})", home)[0]
        _, page = browser.get(f"/asesi/permohonan/{case}/dokumen")
        rows = re.findall(r'data-pieces="([^"]+)"', page)
        jar = next(each.cookiejar for each in browser.opener.handlers if hasattr(each, "cookiejar"))
        cookie = "; ".join(f"{each.name}={each.value}" for each in jar)
        return cls(cookie, token_in(page), rows[-1])


class TusClient:
    """As plain as a client may be: one PATCH with all that is missing; after a break HEAD, and on."""

    def __init__(self, base: str, person: Person) -> None:
        self.host, self.person = urlsplit(base).netloc, person

    def upload(self, content: bytes) -> int:
        """Returns how often it had to ask where it was."""
        said = base64.b64encode(b"ijazah.pdf").decode()
        new = {"Upload-Length": str(len(content)), "Upload-Metadata": f"filename {said}"}
        status, headers = self.ask("POST", self.person.row, new)
        assert status == 201, status
        at, offset, asked = headers["location"], 0, 0
        while offset < len(content):
            piece = {
                "Upload-Offset": str(offset),
                "Content-Type": "application/offset+octet-stream",
            }
            try:
                status, headers = self.ask("PATCH", at, piece, content[offset:])
                assert status in (204, 409, 423), status
            except (OSError, http.client.HTTPException):
                time.sleep(0.3)
            asked += 1
            offset = self.where(at)
        return asked

    def where(self, at: str) -> int:
        while True:
            try:
                status, headers = self.ask("HEAD", at, {})
                assert status == 200, status
                return int(headers["upload-offset"])
            except (OSError, http.client.HTTPException):
                time.sleep(0.3)

    def ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes = b""
    ) -> tuple[int, dict[str, str]]:
        line = http.client.HTTPConnection(self.host, timeout=60)
        try:
            given = {
                "Cookie": self.person.cookie,
                "X-CSRFToken": self.person.token,
                "Tus-Resumable": "1.0.0",
            }
            line.request(method, path, body=body or None, headers=given | headers)
            answer = line.getresponse()
            answer.read()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}
        finally:
            line.close()


class Cutter:
    """Cuts the link CUTS times, at random between nothing and the whole file."""

    def __init__(self, link: Link, seed: int) -> None:
        dice = random.Random(seed)
        self.link, self.before = link, link.sent
        self.places = sorted(dice.randrange(50_000, SIZE) for _ in range(CUTS))
        self.link.cut_places = [self.before + place for place in self.places]

    @property
    def ratio(self) -> float:
        return (self.link.sent - self.before) / SIZE


def by_client(base: str, link: Link) -> None:
    person, ratios = Person.of(base, "asesi1"), []
    for seed in range(UPLOADS):
        cutter, cuts, began = Cutter(link, seed), link.cuts, time.monotonic()
        asked = TusClient(link.address, person).upload(scan(seed))
        ratios.append(cutter.ratio)
        print(f"client {seed}: {link.cuts - cuts} cuts, {asked} pieces, {cutter.ratio:.3f} of the file, "
              f"{time.monotonic() - began:.1f} s", flush=True)  # fmt: skip
    print(
        f"client: {len(ratios)} of {UPLOADS} complete, at most {max(ratios):.3f} (bar {MOST})",
        flush=True,
    )


def by_script(base: str, link: Link, times: int = 3) -> None:
    """The same by lsp/static/upload.js, with fewer cuts: it waits a second or more after each."""
    from playwright.sync_api import sync_playwright

    person, ratios = Person.of(base, "asesi1"), []
    case_page = person.row.partition("/dokumen/")[0] + "/dokumen"
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        chromium = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"]
        )
        context = chromium.new_context(viewport={"width": 360, "height": 740})
        for each in person.cookie.split("; "):
            name, _, value = each.partition("=")
            context.add_cookies([{"name": name, "value": value, "url": link.address}])
        page = context.new_page()
        for seed in range(times):
            path = Path(folder) / f"ijazah-{seed}.pdf"
            path.write_bytes(scan(100 + seed))
            page.goto(link.address + case_page)
            form = page.locator(f'form[data-pieces="{person.row}"]')
            form.locator("[type=file]").set_input_files(path)
            cutter, cuts, began = Cutter(link, 100 + seed), link.cuts, time.monotonic()
            form.evaluate("each => each.requestSubmit()")
            page.get_by_text(path.name).first.wait_for(timeout=300_000)
            ratios.append(cutter.ratio)
            print(f"script {seed}: {link.cuts - cuts} cuts, {cutter.ratio:.3f} of the file, "
                  f"{time.monotonic() - began:.1f} s", flush=True)  # fmt: skip
        chromium.close()
    print(
        f"script: {len(ratios)} of {times} complete, at most {max(ratios):.3f} (bar {MOST})",
        flush=True,
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        with portal(Path(folder)) as running:
            host = urlsplit(running.base)
            assert host.hostname is not None
            assert host.port is not None
            with Link(host.hostname, host.port, RATE * 8) as link:
                by_client(running.base, link)
                if os.environ.get("CHROMIUM"):
                    by_script(running.base, link)


if __name__ == "__main__":
    main()
