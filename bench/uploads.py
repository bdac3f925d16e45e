"""Memory of the web process while files come in: `python -m bench.uploads`.

Twenty files of 10 MB at once (posted whole; then half of them in pieces), each taken in: rebuilt,
sealed, recorded. PSS of the web process tree before, at most, and after.
"""

from __future__ import annotations

import http.client
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from bench.link_drops import Person, TusClient
from bench.serve import Browser, Running, portal, prepare
from tests.corpus import encode

Way = Callable[[str, Person, bytes], int]
SIZE = 10_000_000
AT_ONCE = 20


def photo(seed: int) -> bytes:
    """A JPEG of SIZE bytes, most of them comments: what is measured is the process that receives it."""
    from PIL import Image

    noise = Image.effect_noise((1200, 900), 40 + seed)
    made = encode(noise.convert("RGB"), "JPEG", quality=85)
    segment = b"\xff\xfe\xff\xff" + bytes(65_533)
    room, rest = divmod(SIZE - len(made), len(segment))
    return made[:2] + segment * room + made[2:] + bytes(rest)


class Peak(threading.Thread):
    """Looks every 50 ms at what the web process holds and remembers the most."""

    def __init__(self, running: Running) -> None:
        super().__init__(daemon=True)
        self.running, self.most, self.stopped = running, 0.0, False

    def run(self) -> None:
        while not self.stopped:
            self.most = max(self.most, self.running.web_mb())
            time.sleep(0.05)


def post(base: str, person: Person, content: bytes) -> int:
    """In one multipart POST, as a form without scripts."""
    line = http.client.HTTPConnection(urlsplit(base).netloc, timeout=300)
    head = (
        f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{person.token}\r\n--x\r\n'
        'Content-Disposition: form-data; name="file"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    )
    body = head.encode() + content + b"\r\n--x--\r\n"
    kind = "multipart/form-data; boundary=x"
    line.request(
        "POST",
        person.row.removesuffix("/unggahan"),
        body,
        {"Cookie": person.cookie, "Content-Type": kind},
    )
    status = line.getresponse().status
    line.close()
    return status


def in_pieces(base: str, person: Person, content: bytes) -> int:
    TusClient(base, person).upload(content)
    return 303


def main() -> None:
    contents = [photo(seed) for seed in range(4)]
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        # One person has at most twelve unfinished ones in pieces.
        for name, ways in (("posted whole", [post]), ("half in pieces", [post, in_pieces])):
            with portal(Path(folder)) as running:
                _warm(running.base)
                _measure(name, running, ways, contents)


def _measure(name: str, running: Running, ways: list[Way], contents: list[bytes]) -> None:
    people = [Person.of(running.base, "asesi1") for _ in range(4)]
    before, began, ended = running.web_mb(), time.monotonic(), []
    peak = Peak(running)
    peak.start()

    def one(number: int) -> None:
        way = ways[number % len(ways)]
        ended.append(way(running.base, people[number % 4], contents[number % 4]))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    peak.stopped = True
    peak.join()
    print(f"{name}: {len(ended)} of {AT_ONCE} in {time.monotonic() - began:.0f} s, answers {sorted(set(ended))}; "
          f"web {before:.0f} MB before, at most {peak.most:.0f} MB (+{peak.most - before:.0f}), "
          f"{running.web_mb():.0f} MB after", flush=True)  # fmt: skip


def _warm(base: str) -> None:
    """Every code path once: what a process holds then is its own, not the uploads'."""
    person = Person.of(base, "asesi1")
    small = photo(1)
    post(base, person, small)
    in_pieces(base, person, small)
    readers = [threading.Thread(target=_read, args=(base,)) for _ in range(AT_ONCE)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()


def _read(base: str) -> None:
    """All threads for pages at once, each with its database connection."""
    browser = Browser(base).sign_in("asesi1")
    for _ in range(10):
        browser.get("/asesi")


if __name__ == "__main__":
    main()
