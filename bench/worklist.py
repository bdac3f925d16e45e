"""The admin's work list at 1,000 and 100,000 permohonan: CPU a page and their ratio, and name searches in SQL.

`python -m bench.worklist >/dev/null`: log lines go to the standard output, figures to the standard error.
`python -m bench.worklist search` measures the searches alone, on the database that DATABASE_URL names (SQLite
without one); with PostgreSQL: `python -m tests.support.postgres python -m bench.worklist search`.

Pages: in one process through the test client, rounds interleaved over both sizes, median of CPU time: ratios hold
on a noisy machine, absolute figures do not. Searches: the statement of the list itself, median and best of wall
time over repeated runs, on SQLite with the count that comes before; what the database says it does stands below each.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, text

from bench.gen import fill
from bench.serve import prepare
from lsp import config, create_app
from lsp.actor import Actor
from lsp.database import db, write_transaction
from lsp.models import Permohonan, User, name_search
from lsp.services import list_export, signing_in, worklist, worklist_rows
from lsp.services.worklist_rows import Wanted
from lsp.vocabulary import PermohonanStatus, Role

SIZES = (1_000, 100_000)
ROUNDS = 15
PER_ROUND = 10
PATHS = {
    "first page": "/admin",
    "one kind of work": "/admin?kerja=verifikasi",
    "several states": "/admin?kerja=jadwal",
    "red, everywhere": "/admin?kerja=semua&umur=merah",
    "one state, newest first": "/admin?keadaan=issued",
    "without verifikator": "/admin?kerja=semua&verifikator=belum",
}
#: What is looked for: (a word that many names hold, few, one, none).
WORDS = {
    "in one name of eight": "rekaa",
    "beginning of a word, one in ten": "sl",
    "in some hundreds": "contoh 12",
    "in one person's": "andaian 31",
    "in none": "zzyzx",
}
FILTERS = {
    "everywhere": Wanted(),
    "one state": Wanted(work="verifikasi"),
    "two states": Wanted(work="jadwal"),
    "red": Wanted(age="merah"),
    "issued": Wanted(status=PermohonanStatus.ISSUED),
}
REPEATS = 15


def main() -> None:
    if sys.argv[1:] == ["search"]:
        with tempfile.TemporaryDirectory() as folder:
            _searches(Path(folder))
        return
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
            _say(f"{name}: {small:.1f} ms at {SIZES[0]}, {large:.1f} ms at {SIZES[1]}, "
                 f"ratio {large / small:.2f}")  # fmt: skip


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _app(data: Path, size: int, database_url: str = "") -> Flask:
    prepare(data)
    environment = {"LSP_DATA": str(data)} | ({"DATABASE_URL": database_url} if database_url else {})
    app = create_app(config.from_environment(environment))
    with app.app_context():
        fill(size)
    return app


def _client(data: Path, size: int) -> FlaskClient:
    """The admin of a demo with `size` more permohonan, signed in."""
    app = _app(data, size)
    with app.app_context(), write_transaction():
        admin = db.session.scalars(select(User).where(User.email == "admin@demo.example")).one()
        token = signing_in.open_place(admin, is_staff=True, device="bench")
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = token
    return client


def _searches(data: Path) -> None:
    """Each word with each filter, then one list of 10,000 rows as a file."""
    app = _app(data, SIZES[-1], os.environ.get("DATABASE_URL", ""))
    with app.app_context():
        if db.engine.dialect.name == "postgresql":
            with db.engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT").execute(
                    text("VACUUM ANALYZE")
                )
        _say(f"{db.engine.dialect.name}, {SIZES[-1]} permohonan")
        actor = Actor(id=0, name="bench", roles=frozenset({Role.ADMIN}))
        for what, word in WORDS.items():
            for where, narrowed in FILTERS.items():
                _one(actor, what, where, Wanted(**_fields(narrowed), search=word))
        start = time.perf_counter()
        count = 0
        wanted = Wanted(status=PermohonanStatus.ISSUED)
        sheet = list_export.XlsxSheet(list_export.HEADER, title="bench", widths=list_export._WIDTHS)
        for row in list_export.rows(actor, wanted):
            sheet.add(row)
            count += 1
            if count == 10_000:
                break
        sheet.finish()
        _say(f"a list of {count} rows as XLSX: {time.perf_counter() - start:.1f} s")


def _fields(wanted: Wanted) -> dict[str, object]:
    return {"work": wanted.work, "age": wanted.age, "status": wanted.status}


def _one(actor: Actor, what: str, where: str, wanted: Wanted) -> None:
    limits = worklist.overview(actor).limits
    sent: list[float] = []
    hits: int | None = None
    rows = 0

    def count() -> int | None:
        if db.engine.dialect.name != "sqlite":
            return None
        return db.session.scalar(select(name_search.count_up_to_many(wanted.name)))

    for _ in range(REPEATS):
        with Stopwatch(sent):
            hits = count()
            rows = len(worklist_rows.page(actor, wanted, limits=limits, hits=hits).rows)
        db.session.rollback()
    median, best = statistics.median(sent), min(sent)
    _say(
        f"{what} ({wanted.search!r}), {where}: {median:.2f} ms in SQL (best {best:.2f}), {rows} rows"
    )
    for step in _plan(actor, wanted, limits, hits):
        _say(f"    {step}")


class Stopwatch:
    """Milliseconds that the database took for all statements inside, rows fetched."""

    def __init__(self, into: list[float]) -> None:
        self._into = into

    def __enter__(self) -> None:
        self._spent, self._begun = 0.0, 0.0
        event.listen(db.engine, "before_cursor_execute", self._before)
        event.listen(db.engine, "after_cursor_execute", self._after)

    def __exit__(self, *_: object) -> None:
        event.remove(db.engine, "before_cursor_execute", self._before)
        event.remove(db.engine, "after_cursor_execute", self._after)
        self._into.append(self._spent * 1000)

    def _before(self, *_: object) -> None:
        self._begun = time.perf_counter()

    def _after(self, *_: object) -> None:
        self._spent += time.perf_counter() - self._begun


def _plan(actor: Actor, wanted: Wanted, limits: object, hits: int | None) -> list[str]:
    first = worklist_rows.places(actor, wanted, limits=limits, hits=hits, size=26)  # type: ignore[arg-type]
    statement = select(Permohonan.asesi_name).join(first, first.c.id == Permohonan.id)
    sent = statement.compile(db.engine, compile_kwargs={"literal_binds": True})
    sqlite = db.engine.dialect.name == "sqlite"
    rows = db.session.connection().exec_driver_sql(
        f"EXPLAIN {'QUERY PLAN' if sqlite else ''} {sent}"
    )
    found = [str(row.detail if sqlite else row[0]).strip() for row in rows]
    db.session.rollback()
    wanted_words = ("SCAN", "SEARCH", "TEMP", "Index", "Bitmap", "Seq Scan", "Sort")
    return [step for step in found if any(word in step for word in wanted_words)]


if __name__ == "__main__":
    main()
