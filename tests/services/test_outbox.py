"""Leases, backoff, dead letters and chores of the outbox, on both databases; what the worker does with a row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from lsp import clock, worker, worker_process
from lsp.actor import Actor
from lsp.database import DatabaseBusy, WriterQueue, db, is_writing, write_transaction
from lsp.errors import DomainError
from lsp.models import OutboxMessage
from lsp.services import outbox
from lsp.vocabulary import Channel, Role
from tests.support import outbox_app
from tests.support.outbox_app import Store, add_mail, all_rows, in_app

outbox_postgres, made_store, _ = outbox_app.FIXTURES
pytestmark = pytest.mark.both
#: Bare stores have no people, so the act is noted without one.
ADMIN = Actor(id=None, name="Admin", roles=frozenset({Role.ADMIN}))


@pytest.fixture
def portal(store: Store) -> Iterator[Flask]:
    with in_app(store.config()) as app:
        yield app


def add_job(kind: str, **payload: object) -> str:
    with write_transaction():
        row = outbox.add(Channel.JOB, kind, dedupe=f"job:{kind}", payload=payload)
        assert row is not None
        return row.public_id


def claim(channel: Channel = Channel.MAIL) -> tuple[int, str] | None:
    with write_transaction():
        row = outbox.claim((channel,))
        return (row.id, row.lease_token or "") if row is not None else None


def run_worker(app: Flask) -> Result:
    return app.test_cli_runner().invoke(args=["worker", "--once"], catch_exceptions=False)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[worker.Item]:
    """Mails fail with an error that names a person; the list collects what was tried."""
    tried: list[worker.Item] = []

    def fail(item: worker.Item) -> None:
        tried.append(item)
        raise ValueError("Budi Contoh, 3201010101010001")

    monkeypatch.setitem(worker.HANDLERS, Channel.MAIL, fail)
    return tried


class TestLease:
    def test_a_leased_row_is_not_given_twice(self, portal: Flask) -> None:
        add_mail()
        assert claim() is not None
        assert claim() is None

    def test_it_is_given_again_when_the_lease_has_run_out(self, portal: Flask) -> None:
        add_mail()
        first = claim()
        with time_machine.travel(clock.now() + outbox.LEASE + timedelta(seconds=1)):
            second = claim()
        assert first is not None
        assert second is not None
        assert second[0] == first[0]
        assert second[1] != first[1]

    def test_a_late_worker_cannot_settle_what_another_has_taken(self, portal: Flask) -> None:
        public_id = add_mail()
        late = claim()
        assert late is not None
        with time_machine.travel(clock.now() + outbox.LEASE + timedelta(seconds=1)):
            assert claim() is not None
        with write_transaction():
            outbox.settle(*late)
        assert all_rows()[public_id].done_at is None

    def test_a_row_under_way_at_each_death_is_given_up_and_the_next_one_taken(
        self, portal: Flask
    ) -> None:
        deadly, next_one = add_mail(), add_mail()
        with time_machine.travel(clock.now(), tick=False) as time:
            for _ in range(outbox.MAX_ATTEMPTS):
                with write_transaction():  # as each new worker meets the deadly row first
                    row = outbox.claim((Channel.MAIL,))
                    assert row is not None
                    assert row.public_id == deadly
                time.shift(outbox.LEASE + timedelta(seconds=1))
            assert claim() is not None
        rows = all_rows()
        assert rows[deadly].dead_at is not None
        assert rows[next_one].attempts == 1

    def test_rows_done_by_hand_are_never_claimed(self, portal: Flask) -> None:
        with write_transaction():
            for channel in (Channel.SIKI, Channel.BNSP):
                outbox.add(channel, "status_20", dedupe=channel.value, payload={})
        worker.drain()
        assert {row.attempts for row in all_rows().values()} == {0}

    def test_a_row_for_later_waits(self, portal: Flask, store: Store) -> None:
        with write_transaction():
            outbox.add(
                Channel.MAIL,
                "account_exists",
                dedupe="later",
                payload={"to": "a@contoh.example", "name": "A", "context": {}},
                run_at=clock.now() + timedelta(hours=1),
            )
        assert worker.drain() == 0
        with time_machine.travel(clock.now() + timedelta(hours=1, seconds=1)):
            assert worker.drain() == 1
        assert len(store.mails) == 1


class TestFailure:
    def test_it_is_tried_again_later_and_later(
        self, portal: Flask, failing: list[worker.Item]
    ) -> None:
        public_id = add_mail()
        waits = []
        with time_machine.travel(clock.now(), tick=False) as time:
            for _ in range(outbox.MAX_ATTEMPTS):
                assert worker.drain() == 1
                waits.append(all_rows()[public_id].run_at - clock.now())
                time.shift(timedelta(hours=7))
            assert worker.drain() == 0
        assert [wait // timedelta(minutes=1) for wait in waits[:4]] == [1, 2, 4, 8]
        assert max(waits) == timedelta(hours=6)
        assert [item.attempts for item in failing] == list(range(1, outbox.MAX_ATTEMPTS + 1))
        assert all_rows()[public_id].dead_at is not None

    def test_the_recorded_error_says_where_but_not_who(
        self, portal: Flask, failing: list[worker.Item], capsys: pytest.CaptureFixture[str]
    ) -> None:
        public_id = add_mail()
        worker.drain()
        error = all_rows()[public_id].error
        assert error.startswith("ValueError in lsp/worker.py:")
        assert "Budi" not in error + capsys.readouterr().out

    def test_a_payload_that_cannot_be_opened_does_not_hold_up_the_others(
        self, portal: Flask, store: Store
    ) -> None:
        spoilt, sound = add_mail(), add_mail()
        db.session.execute(
            text("update outbox_message set payload = :bytes where public_id = :id"),
            {"bytes": b"\x01\x01" + bytes(40), "id": spoilt},
        )
        db.session.commit()
        assert worker.drain() == 2
        columns = text("select public_id, attempts, error from outbox_message")
        rows = {row.public_id: row for row in db.session.execute(columns)}
        assert rows[spoilt].error.startswith("KeyProblem: a value of outbox_message.payload")
        assert rows[sound].error == ""
        assert [path.stem.endswith(sound) for path in store.mails] == [True]

    def test_a_mail_that_fails_does_not_hold_up_the_jobs(
        self, portal: Flask, failing: list[worker.Item], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        done: list[object] = []
        monkeypatch.setitem(worker.JOBS, "paper", lambda item: done.append(len(failing)))
        for _ in range(5):
            add_mail()
        add_job("paper")
        worker.drain()
        assert done == [1]

    def test_a_busy_database_while_settling_does_not_send_twice(
        self, portal: Flask, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settle, refusals = outbox.settle, iter([DatabaseBusy(), DatabaseBusy()])

        def busy_twice(*arguments: object, **named: object) -> None:
            for refusal in refusals:
                raise refusal
            settle(*arguments, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(outbox, "settle", busy_twice)
        monkeypatch.setattr("time.sleep", lambda _seconds: None)
        public_id = add_mail()
        worker.drain()
        row = all_rows()[public_id]
        assert (row.done_how, row.attempts) == ("sent", 1)

    def test_an_unreachable_database_is_waited_for(
        self, portal: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rests: list[float] = []

        class FewRests(worker_process.Stop):
            def wait(self, seconds: float) -> None:
                rests.append(seconds)
                self.asked = len(rests) == 7

        def busy(_self: WriterQueue, timeout: float = 10.0) -> None:
            raise DatabaseBusy

        monkeypatch.setattr(WriterQueue, "acquire", busy)
        worker.go_rounds(portal, FewRests(), tuple(worker.HANDLERS), chores=True)
        assert rests == [1, 2, 4, 8, 16, 30, 30]


class TestByPeople:
    def test_a_dead_row_lives_again_when_the_admin_sends_it_again(
        self, portal: Flask, store: Store
    ) -> None:
        public_id = add_mail()
        row = all_rows()[public_id]
        row.dead_at, row.attempts = clock.now(), outbox.MAX_ATTEMPTS
        db.session.commit()
        assert worker.drain() == 0
        with write_transaction():
            outbox.send_again(all_rows()[public_id], ADMIN)
        assert worker.drain() == 1
        assert len(store.mails) == 1

    def test_what_is_done_is_not_sent_again(self, portal: Flask) -> None:
        public_id = add_mail()
        worker.drain()
        with write_transaction(), pytest.raises(DomainError):
            outbox.send_again(all_rows()[public_id], ADMIN)


class TestJobsAndChores:
    def test_a_job_gets_its_payload_with_no_transaction_open(
        self, portal: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[object] = []

        def job(item: worker.Item) -> None:
            seen.append((item.kind, item.payload, is_writing(), db.session().in_transaction()))

        monkeypatch.setitem(worker.JOBS, "paper", job)
        public_id = add_job("paper", certificate=7)
        worker.drain()
        assert seen == [("paper", {"certificate": 7}, False, False)]
        assert all_rows()[public_id].done_at is not None

    def test_a_job_nobody_knows_stays(self, portal: Flask) -> None:
        public_id = add_job("of_a_later_version")
        worker.drain()
        assert all_rows()[public_id].error.startswith("JobUnknown")

    def test_a_chore_runs_once_a_day_in_wib_however_many_workers(
        self, portal: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ran: list[str] = []
        chore = worker.Chore("count", timedelta(days=1), lambda: ran.append("ran"))
        monkeypatch.setattr(worker, "CHORES", (chore,))
        # 16:50 UTC is 23:50 in Jakarta
        with time_machine.travel("2026-11-22T16:50:00+00:00", tick=False) as time:
            for _ in range(3):
                run_worker(portal)
            assert len(ran) == 1
            time.shift(timedelta(minutes=11))
            run_worker(portal)
            run_worker(portal)
        assert len(ran) == 2

    def test_counts_and_rows_of_old_chores_are_forgotten(
        self, portal: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        own = [chore for chore in worker.CHORES if chore.name.startswith("forget_old_")]
        monkeypatch.setattr(worker, "CHORES", tuple(own))
        with time_machine.travel("2026-01-05T05:00:00+00:00"):
            assert run_worker(portal).exit_code == 0
        with time_machine.travel("2026-03-05T05:00:00+00:00"):
            assert run_worker(portal).exit_code == 0
        rows = db.session.query(OutboxMessage).all()
        assert {row.kind for row in rows} == {"chore:forget_old_counts", "chore:forget_old_chores"}
        assert len(rows) == 2, "those of January were forgotten"
        assert all(row.done_at for row in rows)


class TestSecrets:
    def test_the_token_of_a_link_is_forgotten_once_its_mail_is_sent(
        self, portal: Flask, store: Store
    ) -> None:
        public_id = add_mail("verify_email", token="the-secret-token", hours=72)
        worker.drain()
        assert "the-secret-token" in store.mails[0].read_text()
        assert "the-secret-token" not in str(all_rows()[public_id].payload)

    def test_it_is_kept_while_the_mail_must_be_tried_again(
        self, portal: Flask, failing: list[worker.Item]
    ) -> None:
        public_id = add_mail("verify_email", token="the-secret-token", hours=72)
        worker.drain()
        assert "the-secret-token" in str(all_rows()[public_id].payload)
