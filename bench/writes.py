"""Eight people saving at once for ten seconds on SQLite, over HTTP: `python -m bench.writes`.

Each saves a section of his own FR.APL.01 again and again. Counts answers that are not a success, "locked" in
any of them, and at the end reads back that each person's last saved value stands.
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
        self.browser = Browser(base).sign_in("asesi1") if number == 0 else Browser(base)
        self.number, self.times, self.failures, self.locked, self.last = number, [], 0, 0, ""

    def prepare(self) -> None:
        """A person of his own with a draft of his own; the demo's asesi11..17 start one."""
        self.browser.sign_in(f"asesi{self.number + 1}")
        _status, page = self.browser.get("/asesi/mulai")
        skema = re.findall(r'<option value="([^"]+)"', page)
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
        self.token = token_in(page)

    def run(self) -> None:
        end, count = time.monotonic() + SECONDS, 0
        while time.monotonic() < end:
            count += 1
            value = f"PT Contoh {self.number}-{count}"
            start = time.monotonic()
            status, page = self.browser.post(
                self.path, {"csrf_token": self.token, "institution": value}
            )
            self.times.append(time.monotonic() - start)
            if status != 200:
                self.failures += 1
            else:
                self.last = value
            self.locked += "locked" in page.lower()


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
