"""Certificates laid out and signed: `python -m bench.certificate [--count 100] [--killed 20]`.

First one alone, five times. Then batches as a ketua issues them: a portal and its worker as a dyno runs them, a
test key, `--count` certificates issued with one press through HTTP, and the page of their progress read meanwhile,
every fifth time from another browser that signs in anew. Then a batch of `--killed`, while the worker is killed with
SIGKILL three times. At the end everything is counted: each certificate has one file, one making, one picture and
one mail, the file is the one whose hash was noted, and it is signed.

`--count 0` leaves out the batches. Memory is resident: the most of the worker (VmHWM) and of its children, looked at
every 5 ms. The turn of the writers is looked at from outside, every 2 ms.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import itertools
import os
import re
import resource
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from bench.serve import Browser, Running, portal, prepare, token_in
from lsp import clock, create_app
from lsp.database import db
from lsp.gateways import signer, storage
from lsp.models import (
    Certificate,
    CertificateMaking,
    CertificatePicture,
    Document,
    DocumentRequirement,
    IssueBatch,
    IssueBatchItem,
    OutboxMessage,
    Permohonan,
)
from lsp.papers.certificate import certificate_pdf
from lsp.vocabulary import PHOTO_CODE, AcceptedFiles, PermohonanStatus, RequestKind
from tests.papers.reading import sample_paper
from tests.support.signing_key import PASSWORD, make_key

ROUNDS, KILLS = 5, 3
#: So long a batch may stand still before the measurement gives up.
PATIENCE = 120.0


def one(key: signer.Pkcs12Signer, lock: Path) -> None:
    laid, signed = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        pdf = certificate_pdf(sample_paper(), lock_path=lock)
        middle = time.perf_counter()
        key.sign(pdf, location="Jakarta", lock_path=lock)
        laid.append(middle - began)
        signed.append(time.perf_counter() - middle)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = (used.ru_utime + used.ru_stime) / ROUNDS
    both = [first + second for first, second in zip(laid, signed, strict=True)]
    most = used.ru_maxrss / 1024
    print(
        f"laid out {statistics.median(laid):.2f} s, signed {statistics.median(signed):.2f} s (medians)"
    )
    print(f"together median {statistics.median(both):.2f} s, longest {max(both):.2f} s")
    print(f"CPU of both children {cpu:.2f} s a certificate; most in a child {most:.0f} MB")


# --- Batches -----------------------------------------------------------------------------------------------------


def many(data: Path, count: int, killed: int) -> None:
    app = create_app()
    print(f"making {count + killed} cases that wait for the ketua…", flush=True)
    with app.app_context():
        cases = _cases(count + killed)
        db.session.remove()
        db.engine.dispose()
    with portal(data) as running, Watch(running, data / "writer.lock") as watch:
        _rest(app)
        _batch(running, watch, cases[:count], kills=0)
        if killed:
            _batch(running, watch, cases[count:], kills=KILLS)
        _rest(app)
    with app.app_context():
        faults = _counted()
    print("\n".join(faults) or "all counted: nothing lost, nothing twice")
    if faults:
        sys.exit(1)


def _cases(count: int) -> list[str]:
    """Public ids of cases whose numbers are all recorded, each with a photo of its own in the store."""
    from tests import factories
    from tests.support.copies import copies
    from tests.workflow.cases import make_cast, make_permohonan

    factories._serial = itertools.count(5_000)  # the demo has schemes with the first numbers
    case = make_permohonan(PermohonanStatus.RECORDED, cast=make_cast())
    keys = [case.id, *copies(case, count - 1)]
    row = DocumentRequirement(
        skema_version_id=case.skema_version_id, kind=RequestKind.BARU, position=99, code=PHOTO_CODE,
        label="Pasfoto", accepts=AcceptedFiles.PICTURE,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    photo = sample_paper().photo_jpeg or b""
    for key in keys:
        stored = storage.store().put(photo)
        db.session.add(
            Document(
                permohonan_id=key, requirement_id=row.id, purpose="requirement", label="Pasfoto",
                original_name="pasfoto.jpg", content_type="image/jpeg", size=stored.size, sha256=stored.sha256,
                storage_key=stored.key, uploaded_by_id=case.asesi_id,
            )
        )  # fmt: skip
    db.session.commit()
    found = select(Permohonan.public_id).where(Permohonan.id.in_(keys)).order_by(Permohonan.id)
    return list(db.session.scalars(found))


def _batch(running: Running, watch: Watch, cases: list[str], *, kills: int) -> None:
    ketua = Browser(running.base).sign_in("ketua")
    _status, asked = ketua.get("/ketua/sertifikat?" + "&".join(f"pilih={each}" for each in cases))
    sent = re.findall(r'name="(pilih|kali|version-\w+)" value="([^"]*)"', asked)
    watch.begin()
    began = time.perf_counter()
    status, page = ketua.post("/ketua/sertifikat", [("csrf_token", token_in(asked)), *sent])
    issued = time.perf_counter() - began
    if status != 200 or "berkas jadi" not in page:
        raise SystemExit(f"nothing was issued: {status}")
    held, watch.longest = watch.longest, 0.0
    address = "/ketua/sertifikat/terbit/" + dict(sent)["kali"]
    made = _follow(running, ketua, address, len(cases), kills)
    taken = time.perf_counter() - began - issued
    print(f"{len(cases)} certificates" + (f", the worker killed {kills} times" if kills else ""))
    print(f"  issued with one press in {issued:.2f} s, the writers' turn held {held:.2f} s")
    print(f"  {made} files in {taken:.0f} s, {taken / len(cases):.2f} s a certificate")
    print(
        f"  longest turn of a writer afterwards {watch.longest:.2f} s; "
        f"most in the worker {watch.worker:.0f} MB, in a child {watch.child:.0f} MB"
    )


def _follow(running: Running, ketua: Browser, address: str, total: int, kills: int) -> int:
    """Read the page until all files are made, closing and opening it; it may only go forward."""
    made, moved, looks = 0, time.monotonic(), 0
    due = [total * number // (kills + 1) for number in range(1, kills + 1)]
    while made < total:
        time.sleep(0.25)
        looks += 1
        if looks % 5 == 0:
            ketua = Browser(running.base).sign_in("ketua")
        _status, page = ketua.get(address)
        found = re.search(r"(\d+) dari (\d+) berkas jadi", page)
        if found is None or int(found[2]) != total or int(found[1]) < made:
            raise SystemExit(f"the page of the progress said something else: {found}")
        if int(found[1]) > made:
            made, moved = int(found[1]), time.monotonic()
            if made % 10 == 0 or made == total:
                print(f"  … {made} of {total}", flush=True)
        if due and made >= due[0]:
            due.pop(0)
            running.kill_worker()
        if time.monotonic() - moved > PATIENCE:
            raise SystemExit(f"nothing was made for {PATIENCE:.0f} s; {made} of {total} are")
    return made


def _rest(app: Flask) -> None:
    """Wait until the worker has nothing to do."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with app.app_context():
            waiting = db.session.scalar(
                select(func.count(OutboxMessage.id)).where(
                    OutboxMessage.channel.in_(("mail", "job")),
                    OutboxMessage.done_at.is_(None),
                    OutboxMessage.dead_at.is_(None),
                    OutboxMessage.run_at <= clock.now(),
                )
            )
        if not waiting:
            return
        time.sleep(0.5)
    raise SystemExit("the worker does not come to rest")


def _counted() -> list[str]:
    """What is wrong with the certificates of all batches."""
    batches = select(IssueBatchItem.certificate_id).join(IssueBatch)
    found = db.session.scalars(select(Certificate).where(Certificate.id.in_(batches))).all()
    keys = [each.id for each in found]
    cases = [each.permohonan_id for each in found]

    def count(column: object, *where: object) -> int:
        return int(db.session.scalar(select(func.count(column)).where(*where)) or 0)  # type: ignore[arg-type]

    counts = {
        "files": len({each.pdf_key for each in found if each.pdf_key}),
        "tokens": len({each.token for each in found}),
        "makings": count(CertificateMaking.id, CertificateMaking.certificate_id.in_(keys)),
        "pictures": count(CertificatePicture.id, CertificatePicture.certificate_id.in_(keys)),
        "mails": count(
            OutboxMessage.id,
            OutboxMessage.permohonan_id.in_(cases),
            OutboxMessage.kind == "certificate_issued",
            OutboxMessage.done_at.is_not(None),
        ),
        "certificates of these cases": count(
            Certificate.id, Certificate.permohonan_id.in_(set(cases))
        ),
    }
    faults = [f"{what}: {n} of {len(found)}" for what, n in counts.items() if n != len(found)]
    for each in found:
        content = storage.store().open(each.pdf_key) if each.pdf_key else b""
        if hashlib.sha256(content).hexdigest() != each.pdf_sha256 or b"/ByteRange" not in content:
            faults.append(f"{each.certificate_number}: not the signed file that was noted")
    again = count(
        OutboxMessage.id, OutboxMessage.kind == "certificate_pdf", OutboxMessage.attempts > 1
    )
    print(f"rows of the queue that were taken up again: {again}")
    return faults


# --- Watching ----------------------------------------------------------------------------------------------------


@dataclass
class Watch:
    """Looks at memory and at the turn of the writers from outside."""

    running: Running
    lock: Path
    worker: float = 0.0
    child: float = 0.0
    longest: float = 0.0
    stopped: bool = False
    threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Watch:
        for look in (self._memory, self._turns):
            self.threads.append(threading.Thread(target=look, daemon=True))
            self.threads[-1].start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stopped = True
        for each in self.threads:
            each.join()

    def begin(self) -> None:
        self.worker = self.child = self.longest = 0.0

    def _memory(self) -> None:
        while not self.stopped:
            worker = self.running.worker.pid
            self.worker = max(self.worker, _most_of(worker))
            for each in _children_of(worker):
                self.child = max(self.child, _most_of(each))
            time.sleep(0.005)

    def _turns(self) -> None:
        handle, since = os.open(self.lock, os.O_RDWR | os.O_CREAT, 0o600), 0.0
        while not self.stopped:
            now = time.perf_counter()
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                fcntl.flock(handle, fcntl.LOCK_UN)
                since = 0.0
            except BlockingIOError:
                since = since or now
                self.longest = max(self.longest, now - since)
            time.sleep(0.002)
        os.close(handle)


def _children_of(pid: int) -> list[int]:
    """Those of any of its threads that do heavy work; before a child is that, it holds what the worker holds."""
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            for each in Path(f"/proc/{pid}/task/{thread}/children").read_text().split():
                if b"_child_main.py" in Path(f"/proc/{each}/cmdline").read_bytes():
                    found.append(int(each))
    except OSError:  # it has ended meanwhile
        pass
    return found


def _most_of(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def main() -> None:
    asked = argparse.ArgumentParser(prog="bench.certificate")
    asked.add_argument("--count", type=int, default=100, help="certificates issued with one press")
    asked.add_argument("--killed", type=int, default=20, help="of a batch whose worker is killed")
    wanted = asked.parse_args()
    if not 0 <= wanted.count <= 100 or not 0 <= wanted.killed <= 100:
        asked.error("one press issues at most 100")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = make_key(folder)
        one(signer.Pkcs12Signer(made.path, password=PASSWORD), folder / "heavy.lock")
        if not wanted.count:
            return
        data = folder / "data"
        data.mkdir()
        os.environ |= {
            "LSP_DATA": str(data),
            "SIGN_P12": str(made.path),
            "SIGN_P12_PASSWORD": PASSWORD,
        }
        prepare(data)
        many(data, wanted.count, wanted.killed)


if __name__ == "__main__":
    main()
