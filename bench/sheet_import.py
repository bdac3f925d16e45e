"""A sheet of 2,000 asesi from the upload to the last draft, over HTTP and the worker: `python -m bench.sheet_import`.

One argument is another number of rows. Prints how long the upload with its check took, and how long the worker from
the press to the last row, while somebody else opens a page again and again; then the same sheet once more.
"""

from __future__ import annotations

import re
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import psutil

from bench.serve import Browser, Running, portal, prepare, token_in
from tests.support.sheets import person, table, xlsx

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000


class Reader(threading.Thread):
    """An asesi who opens his page, and notes how long each time took."""

    def __init__(self, base: str) -> None:
        super().__init__(daemon=True)
        self.browser, self.times, self.ended = Browser(base), [], False
        self.browser.sign_in("asesi1")

    def run(self) -> None:
        while not self.ended:
            start = time.monotonic()
            self.browser.get("/asesi")
            self.times.append(time.monotonic() - start)
            time.sleep(0.2)


def sheet() -> bytes:
    """Every column filled, a NIK of their own each."""
    people = [
        person(
            number, nik=f"99010141019{number:05d}", phone_mobile="0812 3456 7890", birth_place="Bandung",
            address="Jalan Contoh 1", province_code="Jawa Barat", city_code="Kota Bandung", postcode="40111",
            education="S1", school="Universitas Contoh", study_programme="Teknik Sipil", graduation_year=2012,
            institution="PT Contoh Karya", position="Pelaksana",
        )
        for number in range(1, ROWS + 1)
    ]  # fmt: skip
    return xlsx(table(people))


def upload(browser: Browser, base: str, content: bytes) -> str:
    """Post the sheet as a browser does; the address of its preview."""
    _status, page = browser.get("/admin/impor")
    skema = re.search(r'name="skema".*?value="([0-9A-Z]{16})"', page, re.DOTALL)
    assert skema is not None
    fields = {
        "csrf_token": token_in(page),
        "skema": skema.group(1),
        "kind": "baru",
        "mode": "daring",
    }
    parts = b"".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    )
    parts += b'--x\r\nContent-Disposition: form-data; name="sheet"; filename="asesi.xlsx"\r\n\r\n'
    request = urllib.request.Request(
        base + "/admin/impor", parts + content + b"\r\n--x--\r\n",
        {"Content-Type": "multipart/form-data; boundary=x", "Referer": base + "/admin/impor"},
    )  # fmt: skip
    with browser.opener.open(request, timeout=120) as answer:
        found = re.search(r"/admin/impor/[0-9A-Z]{16}", answer.url)
        assert found is not None, answer.read()[:500]
        return found.group()


def confirm(browser: Browser, path: str) -> int:
    """Press through the confirmation; how many rows were asked for."""
    status, page = browser.get(f"{path}/mulai")
    if status == 409:
        return 0
    asked = re.search(r"kerjakan (\d+) baris", page)
    assert asked is not None
    browser.post(f"{path}/mulai", {"csrf_token": token_in(page)})
    return int(asked.group(1))


def wait(browser: Browser, path: str) -> int:
    """Look at the progress as its page does; how often a bar was seen."""
    seen = 0
    while "baris dikerjakan" in browser.get(path)[1]:
        seen += 1
        time.sleep(0.5)
    return seen


def drafts(data: Path) -> int:
    with sqlite3.connect(data / "portal.sqlite3") as database:
        query = "SELECT count(*) FROM permohonan WHERE status = 'draft' AND id_izin LIKE 'I-20261118091%'"
        return int(database.execute(query).fetchone()[0])


def cpu(running: Running) -> float:
    """Seconds that the worker has computed: on a machine that others use, steadier than the clock on the wall."""
    times = psutil.Process(running.worker.pid).cpu_times()
    return float(times.user + times.system)


def once(running: Running, data: Path, content: bytes) -> None:
    browser = Browser(running.base)
    browser.sign_in("admin")
    start, before = time.monotonic(), cpu(running)
    path = upload(browser, running.base, content)
    looked = time.monotonic()
    asked = confirm(browser, path)
    bars = wait(browser, path)
    ended = time.monotonic()
    print(f"{ROWS} rows: upload and check {looked - start:.1f} s, {asked} confirmed and done in "
          f"{ended - looked:.1f} s ({bars} looks at the bar), in all {ended - start:.1f} s; "
          f"{drafts(data)} drafts; the worker's CPU {cpu(running) - before:.1f} s")  # fmt: skip


def main() -> None:
    content = sheet()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        prepare(data)
        with portal(data) as running:
            reader = Reader(running.base)
            reader.start()
            once(running, data, content)
            reader.ended = True
            reader.join()
            once(running, data, content)
            times = sorted(reader.times)
            print(f"beside it an asesi's page: p50 {statistics.median(times) * 1000:.0f} ms, "
                  f"p95 {times[int(len(times) * 0.95)] * 1000:.0f} ms, {len(times)} times")  # fmt: skip


if __name__ == "__main__":
    main()
