"""The admin's work list at 1,000 and 100,000 permohonan: CPU a page, ratio, queries. `python -m bench.worklist`.

In one process through the test client, rounds interleaved over both sizes, median of CPU time: ratios hold on a
noisy machine, absolute figures do not.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from sqlalchemy import event, select

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
                for size, (client, _count) in clients.items():
                    start = time.process_time()
                    for _ in range(PER_ROUND):
                        answer = client.get(path)
                        assert answer.status_code == 200, answer.status
                    cpu[size].append((time.process_time() - start) / PER_ROUND * 1000)
            small, large = (statistics.median(cpu[size]) for size in SIZES)
            queries = clients[SIZES[1]][1](path)
            print(f"{name}: {small:.1f} ms at {SIZES[0]}, {large:.1f} ms at {SIZES[1]}, ratio {large / small:.2f}, "
                  f"{queries} queries besides the sign-in")  # fmt: skip


def _client(data: Path, size: int):
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

    def count(path: str) -> int:
        seen = []
        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
        client.get(path)
        # The statement that loads session and user runs on a connection of its own.
        return sum(
            1
            for statement in seen
            if "FROM sign_in" not in statement and "sign_in." not in statement[:200]
        )

    return client, count


if __name__ == "__main__":
    main()
