"""Memory of a running portal: `python -m bench.memory`.

After 1,000 mixed requests, then of all processes together while a certificate is laid out (a child of the
worker), a photo comes in (a child of the web process) and twenty people read. PSS, so shared pages count once.
"""

from __future__ import annotations

import io
import tempfile
import threading
import time
from pathlib import Path

import psutil

from bench.serve import Browser, Running, portal, prepare

PATHS = {
    "asesi1": ("/asesi", "/akun"),
    "asesi9": ("/asesi",),
    "admin": ("/admin", "/admin?pekerjaan=verifikasi", "/admin/antrean"),
    "asesor1": ("/asesor",),
    "komite1": ("/tim-teknis",),
    "ketua": ("/ketua",),
    "": ("/", "/masuk", "/panduan-jarak-jauh"),
}


def mixed(base: str, count: int) -> int:
    """Read `count` pages as everybody in turn; returns how many were not a success."""
    readers = []
    for account, paths in PATHS.items():
        browser = Browser(base)
        if account:
            browser.sign_in(account)
        readers += [(browser, path) for path in paths]
    bad = 0
    for number in range(count):
        browser, path = readers[number % len(readers)]
        bad += browser.get(path)[0] != 200
    return bad


class Peak(threading.Thread):
    """Looks every 30 ms at what all processes hold and remembers the most."""

    def __init__(self, running: Running) -> None:
        super().__init__(daemon=True)
        self.running, self.most, self.stopped = running, 0.0, False

    def run(self) -> None:
        while not self.stopped:
            # The children are started from here and not by the portal, so they are added by hand.
            children = psutil.Process().children(recursive=True)
            heavy = [child for child in children if "_child_main.py" in " ".join(_command(child))]
            self.most = max(
                self.most, self.running.memory_mb()["all"] + sum(_pss(child) for child in heavy)
            )
            time.sleep(0.03)


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _pss(process: psutil.Process) -> float:
    try:
        return process.memory_full_info().pss / 2**20
    except psutil.Error:
        return 0.0


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        prepare(data)
        with portal(data) as running:
            start = running.memory_mb()
            bad = mixed(running.base, 1_000)
            after = running.memory_mb()
            print(f"start: web {start['web']:.0f} MB; after 1,000 mixed requests: web {after['web']:.0f} MB, "
                  f"worker {after['worker']:.0f} MB, not a success: {bad}")  # fmt: skip
            peak = Peak(running)
            peak.start()
            _busy(running.base, data)
            peak.stopped = True
            peak.join()
            print(
                f"peak of all processes: {peak.most:.0f} MB, web afterwards {running.memory_mb()['web']:.0f} MB"
            )


def _busy(base: str, data: Path) -> None:
    readers = [threading.Thread(target=mixed, args=(base, 20)) for _ in range(20)]
    work = [
        threading.Thread(target=_photo, args=(data,)),
        threading.Thread(target=_paper, args=(data,)),
    ]
    for thread in (*readers, *work):
        thread.start()
    for thread in (*readers, *work):
        thread.join()


def _photo(data: Path) -> None:
    from PIL import Image

    from lsp.gateways.rebuild import rebuild

    picture = Image.effect_noise((4000, 3000), 60).convert("RGB")
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=70)
    rebuild(buffer.getvalue(), lock_path=data / "heavy.lock")


def _paper(data: Path) -> None:
    from lsp.papers.certificate import certificate_pdf
    from tests.papers.reading import sample_paper

    certificate_pdf(sample_paper(), lock_path=data / "heavy.lock")


if __name__ == "__main__":
    main()
