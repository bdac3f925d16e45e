"""One certificate laid out and signed, and a batch of 100 through the worker: `python -m bench.certificate`.

The memory is the most a child held (resident), of the layout and of the signing.
"""

from __future__ import annotations

import resource
import statistics
import tempfile
import time
from pathlib import Path

from sqlalchemy import func, select

from lsp.gateways import signer
from lsp.papers.certificate import certificate_pdf
from tests.papers.reading import sample_paper
from tests.support.signing_key import PASSWORD, make_key

ROUNDS, BATCH = 5, 100


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


def many(key: signer.Pkcs12Signer, folder: Path) -> None:
    """Certificates issued by the ketua's step, all in one transaction as the page does it, then the worker."""
    from lsp import worker
    from lsp.database import db
    from lsp.models import Certificate
    from lsp.services import installation, issue_batches
    from lsp.vocabulary import PermohonanStatus
    from lsp.workflow.permohonan import PERMOHONAN
    from tests.support.app import build
    from tests.workflow.cases import actor_of, make_cast, make_permohonan

    app = build(folder)
    with app.test_request_context():
        db.create_all()
        installation.prepare_database()
        db.session.commit()
        signer._Installed.signer = key
        cast = make_cast()
        cases = [make_permohonan(PermohonanStatus.RECORDED, cast=cast) for _ in range(BATCH)]
        began = time.perf_counter()
        ketua = actor_of(cast.ketua)
        for case in cases:
            PERMOHONAN.perform(case, "issue", ketua, version=case.version)
        issue_batches.note(ketua, "", [case.id for case in cases])
        db.session.commit()
        issued = time.perf_counter() - began
        began = time.perf_counter()
        worker.drain()
        taken = time.perf_counter() - began
        made = db.session.scalar(select(func.count(Certificate.pdf_key)))
        print(
            f"issued {BATCH} in {issued:.1f} s; the worker made and signed {made} in {taken:.0f} s"
        )


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        key = signer.Pkcs12Signer(make_key(folder).path, password=PASSWORD)
        one(key, folder / "heavy.lock")
        many(key, folder)


if __name__ == "__main__":
    main()
