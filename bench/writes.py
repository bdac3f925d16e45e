"""Eight people saving at once for ten seconds on SQLite, over HTTP: `python -m bench.writes`.

Each saves a section of his own FR.APL.01 again and again, as the form does by itself while he types. Counts
answers that are not a success and "locked" in any of them, and reads back that each one's last value stands.
"""

from __future__ import annotations

import re
import statistics
import tempfile
import threading
import time
from pathlib import Path

from bench.serve import Browser, portal, prepare, token_in

WRITERS, SECONDS = 8, 10.0


class Writer(threading.Thread):
    def __init__(self, base: str, number: int) -> None:
        super().__init__()
        self.browser = Browser(base)
        self.number, self.failures, self.locked, self.last = number, 0, 0, ""
        self.times: list[float] = []

    def prepare(self) -> None:
        """A person of his own with a draft of his own; the demo's asesi11..17 start one."""
        self.browser.sign_in(f"asesi{self.number + 1}")
        _status, page = self.browser.get("/asesi/mulai")
        skema = re.findall(r'name="skema"[^>]*?\svalue="([^"]+)"', page)
        values = {
            "csrf_token": token_in(page),
            "id_izin": f"I-20261122000000{self.number:05d}",
            "skema": next((value for value in skema if value), ""),
            "kind": "baru",
            "mode": "daring",
        }
        status, page = self.browser.post("/asesi/mulai", values)
        found = re.search(r"/asesi/permohonan/([0-9A-Z]{16})", page)
        if status != 200 or found is None:
            raise SystemExit(f"writer {self.number} could not start a draft: {status}")
        self.path = f"/asesi/permohonan/{found.group(1)}/fr-apl-01/pekerjaan"
        _status, page = self.browser.get(self.path)
        self.token, self.seen = token_in(page), _seen(page)

    def run(self) -> None:
        end, count = time.monotonic() + SECONDS, 0
        while time.monotonic() < end:
            count += 1
            value = f"PT Contoh {self.number}-{count}"
            start = time.monotonic()
            status, page = self.browser.post(
                self.path,
                {
                    "csrf_token": self.token,
                    "seen": self.seen,
                    "institution": value,
                    "autosave": "1",
                },
            )
            self.times.append(time.monotonic() - start)
            if status != 200:
                self.failures += 1
            else:
                self.last, self.seen = value, _seen(page)
            self.locked += "locked" in page.lower()


def _seen(page: str) -> str:
    """The fingerprint of what was stored when the page was drawn; a save must carry it."""
    found = re.search(r'name="seen" value="([^"]*)"', page)
    return found.group(1) if found else ""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        prepare(data)
        with portal(data) as running:
            writers = [Writer(running.base, number) for number in range(WRITERS)]
            for writer in writers:
                writer.prepare()
            for writer in writers:
                writer.start()
            for writer in writers:
                writer.join()
            lost = sum(
                1 for writer in writers if writer.last not in writer.browser.get(writer.path)[1]
            )
    times = sorted(time for writer in writers for time in writer.times)
    p50, p95 = statistics.median(times), times[int(len(times) * 0.95)]
    print(f"{len(times)} saves in {SECONDS:.0f} s by {WRITERS} writers, p50 {p50 * 1000:.0f} ms, "
          f"p95 {p95 * 1000:.0f} ms, failures {sum(writer.failures for writer in writers)}, "
          f"locked {sum(writer.locked for writer in writers)}, lost {lost}")  # fmt: skip


if __name__ == "__main__":
    main()
