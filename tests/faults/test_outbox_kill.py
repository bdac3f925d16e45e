"""A worker killed with SIGKILL at any moment loses no mail and writes none twice; SIGTERM ends it in order."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from sqlalchemy import func, select, text

from lsp.database import db
from lsp.models import OutboxMessage
from tests.support import outbox_app
from tests.support.outbox_app import Sink, Store, add_mail, all_rows, in_app, smtp_server
from tests.support.outbox_worker import Workers

outbox_postgres, made_store, _ = outbox_app.FIXTURES
pytestmark = pytest.mark.both


@dataclass
class Clerk:
    """Writes mails into the outbox, one after another; `acknowledged` are those whose commit returned."""

    store: Store
    acknowledged: list[str] = field(default_factory=list)
    rest: float = 0.1
    _enough: threading.Event = field(default_factory=threading.Event)

    def write(self) -> None:
        with in_app(self.store.config()):
            while not self._enough.is_set():
                self.acknowledged.append(add_mail())
                time.sleep(self.rest)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        thread = threading.Thread(target=self.write)
        thread.start()
        try:
            yield
        finally:
            self._enough.set()
            thread.join()


def wait_until_all_done(store: Store, patience: float = 30) -> None:
    """Fails when nothing moves for that long, however slow the machine."""
    waiting = select(func.count(OutboxMessage.id)).where(OutboxMessage.done_at.is_(None))
    before, deadline = -1, 0.0
    with in_app(store.config()):
        while left := db.session.scalar(waiting):
            if left != before:
                before, deadline = left, time.monotonic() + patience
            assert time.monotonic() < deadline, f"{left} rows were left undone"
            db.session.rollback()
            time.sleep(0.1)


def wait_for_a_mail_beyond(store: Store, count: int) -> None:
    deadline = time.monotonic() + 30
    while len(store.mails) <= count:
        assert time.monotonic() < deadline, "the worker sends nothing"
        time.sleep(0.001)


def kill_at_random(store: Store, kills: int, seed: int) -> tuple[int, int]:
    """Kill that many workers while mails are written; then check all. Returns (mails, rows caught in the act)."""
    chance = random.Random(seed)
    clerk = Clerk(store)
    with in_app(store.config()):  # a backlog, so that a worker is busy whenever it is killed
        clerk.acknowledged += [add_mail() for _ in range(6 * kills)]
    with Workers(store, lease_seconds=0.4) as workers:
        with clerk.at_work():
            for _ in range(kills):
                before = len(store.mails)
                workers.start()
                wait_for_a_mail_beyond(store, before)
                time.sleep(chance.uniform(0, 0.06))
                assert workers.end(signal.SIGKILL) == -signal.SIGKILL
        with in_app(
            store.config()
        ):  # so that the last worker has certainly begun when it is asked to end
            clerk.acknowledged.append(add_mail())
        workers.start()
        wait_until_all_done(store)
        assert workers.end(signal.SIGTERM) == 0
    delivered = [path.stem.rpartition("-")[2] for path in store.mails]
    assert sorted(delivered) == sorted(clerk.acknowledged), f"seed {seed}"
    assert not list((store.folder / "outbox").glob(".*")), "half a file was left"
    with in_app(store.config()):
        caught = sum(row.attempts > 1 for row in all_rows().values())
        if store.url.startswith("sqlite"):
            assert db.session.scalar(text("pragma integrity_check")) == "ok"
    return len(clerk.acknowledged), caught


def test_three_kills_lose_nothing(store: Store) -> None:
    mails, _ = kill_at_random(store, kills=3, seed=8)
    assert mails > 3


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_sixty_kills_lose_nothing(
    store: Store, record_property: Callable[[str, object], None]
) -> None:
    mails, caught = kill_at_random(store, kills=60, seed=random.randrange(10**6))
    record_property("mails", mails)
    record_property("caught", caught)
    print(f"60 kills, {mails} mails, {caught} rows caught in the act")  # noqa: T201 - shown with -s
    assert caught > 5, "the kills came too early or too late to prove anything"


def test_two_workers_send_each_mail_once(store: Store) -> None:
    with in_app(store.config()):
        written = [add_mail() for _ in range(60)]
    sink = Sink()
    with smtp_server(sink) as port:
        url = f"smtp://127.0.0.1:{port}"
        with Workers(store, url) as first, Workers(store, url) as second:
            first.start()
            second.start()
            wait_until_all_done(store)
            assert first.end(signal.SIGTERM) == 0
            assert second.end(signal.SIGTERM) == 0
    assert sink.ids == {f"<{public_id}@lsp.example>": 1 for public_id in written}
    with in_app(store.config()):
        assert {row.attempts for row in all_rows().values()} == {1}


def test_sigterm_finishes_the_mail_under_way_and_claims_no_other(store: Store) -> None:
    with in_app(store.config()):
        written = [add_mail() for _ in range(3)]
    under_way = threading.Event()

    class Slow(Sink):
        async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
            under_way.set()
            time.sleep(0.5)
            return await super().handle_DATA(server, session, envelope)

    sink = Slow()
    with smtp_server(sink) as port, Workers(store, f"smtp://127.0.0.1:{port}") as workers:
        workers.start()
        assert under_way.wait(20)
        assert workers.end(signal.SIGTERM) == 0
    assert len(sink.taken) == 1
    with in_app(store.config()):
        rows = all_rows()
        mails = [rows[public_id] for public_id in written]
        assert [row.done_at is not None for row in mails] == [True, False, False]
        assert [row.attempts for row in mails] == [1, 0, 0]


def test_an_idle_worker_ends_at_once(store: Store) -> None:
    with in_app(store.config()):
        add_mail()
    with Workers(store) as workers:
        workers.start()
        wait_until_all_done(store)
        time.sleep(0.3)
        began = time.monotonic()
        assert workers.end(signal.SIGTERM) == 0
        assert time.monotonic() - began < 2


def test_what_a_killed_worker_was_at_is_taken_up_at_once(store: Store) -> None:
    """Its lease has two minutes to run; the next worker of the same data folder knows that it is dead."""
    with in_app(store.config()):
        add_mail()
    under_way = threading.Event()

    class SlowOnce(Sink):
        async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
            if not under_way.is_set():
                under_way.set()
                time.sleep(1)
            return await super().handle_DATA(server, session, envelope)

    with smtp_server(SlowOnce()) as port, Workers(store, f"smtp://127.0.0.1:{port}") as workers:
        workers.start()
        assert under_way.wait(20)
        assert workers.end(signal.SIGKILL) == -signal.SIGKILL
        workers.start()
        wait_until_all_done(store, patience=20)
        assert workers.end(signal.SIGTERM) == 0
    with in_app(store.config()):
        assert {row.attempts for row in all_rows().values()} == {2}
