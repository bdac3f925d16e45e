"""The admin's work list at 1,000 and 100,000 permohonan: CPU a page and their ratio.

`python -m bench.worklist >/dev/null`: log lines go to the standard output, figures to the standard error.

In one process through the test client, rounds interleaved over both sizes, median of CPU time: ratios hold on a
noisy machine, absolute figures do not.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import select

from bench.gen import fill
from bench.serve import prepare
from lsp import config, create_app
from lsp.database import db, write_transaction
from lsp.models import User
from lsp.services import signing_in

SIZES = (1_000, 100_000)
ROUNDS = 15
PER_ROUND = 10
PATHS = {
    "first page": "/admin",
    "one kind of work": "/admin?pekerjaan=verifikasi",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        clients = {size: _client(Path(folder) / str(size), size) for size in SIZES}
        for name, path in PATHS.items():
            cpu: dict[int, list[float]] = {size: [] for size in SIZES}
            for _round in range(ROUNDS):
                for size, client in clients.items():
                    start = time.process_time()
                    for _ in range(PER_ROUND):
                        answer = client.get(path)
                        if answer.status_code != 200:
                            raise SystemExit(f"{path}: {answer.status}")
                    cpu[size].append((time.process_time() - start) / PER_ROUND * 1000)
            small, large = (statistics.median(cpu[size]) for size in SIZES)
            print(f"{name}: {small:.1f} ms at {SIZES[0]}, {large:.1f} ms at {SIZES[1]}, "
                  f"ratio {large / small:.2f}", file=sys.stderr)  # fmt: skip


def _client(data: Path, size: int) -> FlaskClient:
    """The admin of a demo with `size` more permohonan, signed in."""
    prepare(data)
    app = create_app(config.from_environment({"LSP_DATA": str(data)}))
    with app.app_context():
        fill(size)
        with write_transaction():
            admin = db.session.scalars(select(User).where(User.email == "admin@demo.example")).one()
            token = signing_in.open_place(admin, is_staff=True, device="bench")
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = token
    return client


if __name__ == "__main__":
    main()
