"""Numbers under 64 takers, half of whom roll back, while their processes are killed: `python -m bench.numbers`.

Four processes of 16 threads take the two numbers that a decision takes, 50 times each, on SQLite and on PostgreSQL
(PG_BIN). Every other one rolls back after taking. Meanwhile processes are killed with SIGKILL and begun anew; a killed
one goes on with what it had not begun. Then the ledger is counted: no number twice, none left out, and none lost of
those whose commit came back. The canary is the same crowd on a counter that is read in one transaction and raised in
another: it must show duplicates, else the crowd proves nothing.

`python -m bench.numbers pleno` lets the same crowd take the whole step of a pleno (bench/pleno_decisions.py).
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.sharedctypes import RawArray
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from lsp.database import DatabaseBusy, db, write_transaction
from lsp.models import NumberEntry
from lsp.models.numbers import take_number

SERIES = ("sk", "lsp_registration")
PROCESSES, THREADS, EACH, KILLS = 4, 16, 50, 40


class TakenBack(Exception):
    """A decision that is refused after it took its numbers."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted. lost: acknowledged and not in the ledger; unsaid: kept, but killed before it could say so."""

    decisions: int
    kept: int
    kills: int
    duplicates: int
    gaps: int
    lost: int
    unsaid: int
    seconds: float


def take_both(number: int) -> list[str]:
    """As a decision does, in one transaction; the odd ones are refused at its end."""
    with write_transaction():
        taken = [take_number("sk"), take_number("lsp_registration", licence="0000")]
        said = [entry.text for entry in taken]
        time.sleep(0.001)  # so that a kill often meets an open transaction
        if number % 2:
            raise TakenBack
    return said


def crowd(
    app: Flask,
    work: Callable[[int], list[str]],
    *,
    processes: int = PROCESSES,
    threads: int = THREADS,
    each: int = EACH,
    kills: int = KILLS,
    seed: int = 43,
    pause: tuple[float, float] = (0.02, 0.12),
) -> tuple[int, int, list[str]]:
    """Run it: (decisions begun, kills, what was acknowledged). `work` gets the number of the decision.

    pause: least and most seconds between two kills.
    """
    db.session.remove()
    db.engine.dispose()
    begun: Any = RawArray("i", processes * threads)
    chance, done = random.Random(seed), 0
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told"
        told.touch()
        standing = {_child(app, work, told, begun, p, threads, each): p for p in range(processes)}
        while standing:
            time.sleep(chance.uniform(*pause))
            for pid in list(standing):
                if os.waitpid(pid, os.WNOHANG)[0]:
                    standing.pop(pid)
            if standing and done < kills:
                pid = chance.choice(list(standing))
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                done += 1
                number = standing.pop(pid)
                standing[_child(app, work, told, begun, number, threads, each)] = number
        return sum(begun), done, told.read_text().splitlines()


def _child(
    app: Flask, work: Callable[[int], list[str]], told: Path, begun: Any, *which: int
) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        _takers(app, work, told, begun, *which)
        code = 0
    finally:
        os._exit(code)


def _takers(
    app: Flask,
    work: Callable[[int], list[str]],
    told: Path,
    begun: Any,
    process: int,
    threads: int,
    each: int,
) -> None:
    said = os.open(told, os.O_WRONLY | os.O_APPEND)

    def run(place: int) -> None:
        with app.app_context():
            while begun[place] < each:
                number = place * each + begun[place]
                begun[place] += 1
                while True:
                    try:
                        os.write(said, "".join(f"{text}\n" for text in work(number)).encode())
                    except TakenBack:
                        pass
                    except DatabaseBusy:
                        continue
                    except OperationalError as error:
                        # PostgreSQL learns late that somebody was killed who waited for his turn.
                        if "too many clients" not in str(error):
                            raise
                        time.sleep(0.2)
                        continue
                    break
                db.session.remove()

    crew = [
        threading.Thread(target=run, args=(process * threads + number,))
        for number in range(threads)
    ]
    for each_thread in crew:
        each_thread.start()
    for each_thread in crew:
        each_thread.join()


def measure(app: Flask, **size: Any) -> Figures:
    """The numbers of the portal under the crowd; the database must have given none yet."""
    start = time.monotonic()
    decisions, kills, told = crowd(app, take_both, **size)
    seconds = time.monotonic() - start
    duplicates = gaps = 0
    kept: list[str] = []
    for series in SERIES:
        rows = db.session.execute(
            select(NumberEntry.serial, NumberEntry.text).where(NumberEntry.series_code == series)
        ).all()
        serials = [row.serial for row in rows]
        kept += [row.text for row in rows]
        duplicates += len(serials) - len(set(serials))
        gaps += max(serials, default=0) - len(set(serials))
    duplicates += len(told) - len(set(told))
    lost, unsaid = len(set(told) - set(kept)), len(set(kept) - set(told))
    return Figures(decisions, len(kept) // 2, kills, duplicates, gaps, lost, unsaid, seconds)


# --- The canary --------------------------------------------------------------------------------------------------


def read_then_raise(_number: int) -> list[str]:
    """What must not be done: the highest number is read in one transaction and its follower written in another."""
    with db.engine.connect() as connection:
        highest = connection.execute(text("SELECT coalesce(max(serial), 0) FROM naive")).scalar()
        connection.rollback()
        time.sleep(0.001)
        try:
            with connection.execution_options(sqlite_write=True).begin():
                values = {"serial": (highest or 0) + 1}
                connection.execute(text("INSERT INTO naive VALUES (:serial)"), values)
        except OperationalError:
            raise TakenBack from None  # without turns SQLite also refuses some that waited too long
    return []


def canary(app: Flask, **size: Any) -> tuple[int, int]:
    """(numbers, how many of them stood already) of the same crowd without the lock."""
    db.session.execute(text("CREATE TABLE naive (serial INTEGER)"))
    db.session.commit()
    crowd(app, read_then_raise, **(size | {"kills": 0}))
    counted = db.session.execute(text("SELECT count(*), count(DISTINCT serial) FROM naive")).one()
    db.session.execute(text("DROP TABLE naive"))
    db.session.commit()
    return counted[0], counted[0] - counted[1]


# --- Both databases ----------------------------------------------------------------------------------------------


@contextmanager
def _databases() -> Iterator[list[tuple[str, str | None]]]:
    from tests.support.postgres import PostgresNotFound, fresh_database, running_postgres

    try:
        with running_postgres() as server, fresh_database(server) as url:
            yield [("SQLite", None), ("PostgreSQL", url)]
    except PostgresNotFound as missing:
        print(missing, file=sys.stderr)
        yield [("SQLite", None)]


def main() -> None:
    from bench import pleno_decisions
    from tests.support.app import build, prepare

    with _databases() as databases, tempfile.TemporaryDirectory() as folder:
        for name, url in databases:
            app = (
                build(Path(folder) / name, database_url=url) if url else build(Path(folder) / name)
            )
            prepare(app)
            with app.app_context():
                if "pleno" in sys.argv[1:]:
                    print(f"{name}: {pleno_decisions.measure(app)}")
                    continue
                found = measure(app)
                print(f"{name}: {found}")
                print(f"{name}, canary without the lock (numbers, duplicates): {canary(app)}")


if __name__ == "__main__":
    main()
