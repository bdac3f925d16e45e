"""The audit chain: append, verify, and every way of tampering that it can show.

What it cannot show by itself: somebody who seals the whole chain anew, head included. That takes a copy of the head
kept elsewhere.
"""

from __future__ import annotations

import hashlib
import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import time_machine
from sqlalchemy import func, select, text

from lsp import clock
from lsp.actor import SYSTEM, Actor
from lsp.database import begin_write, db, write_transaction
from lsp.models import AuditEvent, AuditHead
from lsp.models.audit import GENESIS
from lsp.models.triggers import drop_triggers
from lsp.services import audit
from lsp.vocabulary import Role
from tests import factories

LENGTH = 12


def write(count=LENGTH, **details):
    for number in range(count):
        with write_transaction():
            audit.note(
                SYSTEM, "test.step", "permohonan", f"CASE{number:012}", number=number, **details
            )


INSERT = (
    "INSERT INTO audit_event"
    " (seq, at, actor_role, action, object_type, object_id, details, previous_hash, hash)"
)


def tamper(*statements):
    """As somebody with the database file in his hands: no triggers in the way."""
    db.session.rollback()
    drop_triggers(db.session.connection())
    for statement in statements:
        db.session.execute(text(statement))
    db.session.commit()


@pytest.fixture
def chain(app):
    write()


class TestHolds:
    @pytest.mark.both
    def test_empty_and_written_chains_hold(self, app):
        assert audit.first_fault() is None
        write()
        assert audit.first_fault() is None
        events = db.session.scalars(select(AuditEvent).order_by(AuditEvent.seq)).all()
        assert [event.seq for event in events] == list(range(1, LENGTH + 1))
        assert events[0].previous_hash == GENESIS
        assert all(later.previous_hash == earlier.hash for earlier, later in pairwise(events))
        head = db.session.get(AuditHead, 1)
        assert (head.seq, head.hash) == (LENGTH, events[-1].hash)

    def test_details_are_canonical(self, app):
        with write_transaction():
            audit.note(SYSTEM, "test", "x", "1", b=1, a="é")
        event = db.session.scalars(select(AuditEvent)).one()
        assert event.details == '{"a":"é","b":1}'

    def test_hash_is_what_its_document_says(self, chain):
        """Recomputed here by hand, so that a change of the seal is noticed: old logs must stay checkable."""
        event = db.session.get(AuditEvent, 2)
        row = (
            f'["{event.previous_hash}",2,"{event.at.isoformat(timespec="microseconds")}",null,"system","test.step",'
            f'"permohonan","CASE000000000001","{{\\"number\\":1}}"]'
        )
        assert event.hash == hashlib.sha256(row.encode()).hexdigest()

    @pytest.mark.both
    def test_actor_and_role_are_sealed(self, app):
        user = factories.make_user(Role.ADMIN)
        actor = Actor(id=user.id, name=user.name, roles=frozenset({Role.ADMIN}))
        with write_transaction():
            audit.note(actor, "test", "x", "1")
        db.session.expire_all()
        event = db.session.scalars(select(AuditEvent)).one()
        assert (event.actor_id, event.actor_role) == (user.id, Role.ADMIN)
        assert audit.first_fault() is None

    def test_rollback_leaves_no_gap(self, chain):
        begin_write()
        audit.note(SYSTEM, "lost", "x", "1")
        db.session.rollback()
        write(1)
        assert audit.first_fault() is None
        assert db.session.scalar(select(func.count(AuditEvent.seq))) == LENGTH + 1


MIDDLE = LENGTH // 2
EDITS = {
    "action": "'other.step'",
    "object_type": "'certificate'",
    "object_id": "'CASE999999999999'",
    "actor_role": "'admin'",
    "details": "'{}'",
    "at": "'2020-01-01 00:00:00.000000'",
    "previous_hash": f"'{'0' * 64}'",
    "hash": f"'{'f' * 64}'",
}


class TestTampering:
    @pytest.mark.both
    @pytest.mark.parametrize("column", ["details", "at"])
    def test_edit_is_found_on_both_databases(self, app, column):
        write()
        tamper(f"UPDATE audit_event SET {column} = {EDITS[column]} WHERE seq = {MIDDLE}")
        assert audit.first_fault() == (MIDDLE, "changed")

    @pytest.mark.parametrize("seq", [1, 2, MIDDLE, LENGTH])
    @pytest.mark.parametrize("column", list(EDITS))
    def test_edit_is_found_where_it_stands(self, chain, column, seq):
        if (column, seq) == ("previous_hash", 1):
            return  # the first row's is the genesis value already
        tamper(f"UPDATE audit_event SET {column} = {EDITS[column]} WHERE seq = {seq}")
        assert audit.first_fault() == (seq, "changed")

    def test_edited_row_sealed_anew_is_found_at_the_next(self, chain):
        with db.session.no_autoflush:
            event = db.session.get(AuditEvent, MIDDLE)
            event.details = "{}"
            digest = event.sealed_hash()
        tamper(f"UPDATE audit_event SET details = '{{}}', hash = '{digest}' WHERE seq = {MIDDLE}")
        assert audit.first_fault() == (MIDDLE + 1, "changed")

    def test_last_row_sealed_anew_is_found_by_the_head(self, chain):
        with db.session.no_autoflush:
            event = db.session.get(AuditEvent, LENGTH)
            event.details = "{}"
            digest = event.sealed_hash()
        tamper(f"UPDATE audit_event SET details = '{{}}', hash = '{digest}' WHERE seq = {LENGTH}")
        assert audit.first_fault() == (LENGTH + 1, "cut off")

    @pytest.mark.parametrize("seq", [1, MIDDLE, LENGTH - 1])
    def test_deleted_row_is_missing(self, chain, seq):
        tamper(f"DELETE FROM audit_event WHERE seq = {seq}")
        assert audit.first_fault() == (seq, "missing")

    def test_deleted_row_is_missing_although_the_rest_moved_up(self, chain):
        tamper(
            f"DELETE FROM audit_event WHERE seq = {MIDDLE}",
            f"UPDATE audit_event SET seq = seq - 1 WHERE seq > {MIDDLE}",
        )
        assert audit.first_fault() == (MIDDLE, "changed")

    def test_swapped_rows_are_found(self, chain):
        tamper(
            f"UPDATE audit_event SET seq = 1000 WHERE seq = {MIDDLE}",
            f"UPDATE audit_event SET seq = {MIDDLE} WHERE seq = {MIDDLE + 1}",
            f"UPDATE audit_event SET seq = {MIDDLE + 1} WHERE seq = 1000",
        )
        assert audit.first_fault() == (MIDDLE, "changed")

    def test_inserted_row_is_found(self, chain):
        tamper(
            f"UPDATE audit_event SET seq = seq + 1000 WHERE seq > {MIDDLE}",
            f"UPDATE audit_event SET seq = seq - 999 WHERE seq > {MIDDLE}",
            INSERT
            + f" SELECT {MIDDLE + 1}, at, actor_role, 'forged', object_type, object_id, details, hash, '{'a' * 64}'"
            f" FROM audit_event WHERE seq = {MIDDLE}",
        )
        assert audit.first_fault() == (MIDDLE + 1, "changed")

    @pytest.mark.parametrize("left", [0, 1, MIDDLE, LENGTH - 1])
    def test_cut_tail_is_found_by_the_head(self, chain, left):
        tamper(f"DELETE FROM audit_event WHERE seq > {left}")
        assert audit.first_fault() == (left + 1, "cut off")

    def test_row_put_behind_the_head_is_found(self, chain):
        tamper(
            INSERT
            + f" SELECT seq + 1, at, actor_role, action, object_type, object_id, details, hash, '{'a' * 64}'"
            f" FROM audit_event WHERE seq = {LENGTH}",
        )
        assert audit.first_fault() == (LENGTH + 1, "changed")

    @pytest.mark.parametrize(
        "assignment", ["hash = 'forged'", "seq = seq - 1", "seq = seq + 5", f"hash = '{GENESIS}'"]
    )
    def test_forged_head_is_found(self, chain, assignment):
        tamper(f"UPDATE audit_head SET {assignment}")
        assert audit.first_fault() == (LENGTH + 1, "cut off")

    def test_forged_head_stops_the_next_append_or_is_still_found(self, chain):
        tamper(f"UPDATE audit_head SET hash = '{'e' * 64}'")
        write(1)
        assert audit.first_fault() == (LENGTH + 1, "changed")


class TestClock:
    @pytest.mark.both
    def test_clock_set_back_does_not_turn_the_log_back(self, app):
        start = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
        for offset in (0, 60, -3600, -60, 30, 120):
            with time_machine.travel(start + timedelta(seconds=offset), tick=False):
                write(1)
        times = list(db.session.scalars(select(AuditEvent.at).order_by(AuditEvent.seq)))
        assert times == sorted(times)
        seconds = [(at - start).total_seconds() for at in times]
        assert seconds == [0, 60, 60, 60, 60, 120]
        assert audit.first_fault() is None

    def test_time_is_stored_in_utc_to_the_microsecond(self, app):
        moment = datetime(2026, 6, 1, 19, 0, 0, 123456, tzinfo=clock.WIB)
        with time_machine.travel(moment, tick=False):
            write(1)
        db.session.expire_all()
        event = db.session.scalars(select(AuditEvent)).one()
        assert event.at == moment
        assert event.at.utcoffset() == timedelta(0)
        assert audit.first_fault() is None


@pytest.mark.both
def test_eight_at_once_make_one_chain(app):
    """Appends take turns: the writer's turn on SQLite, the lock on the head on PostgreSQL."""
    threads, each = 8, 12
    together = threading.Barrier(threads)
    failures = []

    def append(number):
        try:
            with app.app_context():
                together.wait(timeout=30)
                for step in range(each):
                    with write_transaction():
                        audit.note(SYSTEM, "race", "x", f"{number}-{step}")
        except BaseException as error:
            failures.append(error)

    workers = [threading.Thread(target=append, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert failures == []
    db.session.rollback()
    assert db.session.scalar(select(func.count(AuditEvent.seq))) == threads * each
    assert audit.first_fault() is None
    objects = set(db.session.scalars(select(AuditEvent.object_id)))
    assert len(objects) == threads * each


@pytest.mark.both
def test_head_read_before_the_lock_is_read_again_under_it(app):
    """A page looked at the head in the same transaction; meanwhile another appended."""
    db.session.rollback()
    stale = db.session.get(AuditHead, 1)
    assert stale.seq == 0
    if db.engine.dialect.name == "sqlite":
        return  # a reader's transaction sees one moment there, and a writer begins with its turn
    with app.app_context():
        write(1)
    audit.note(SYSTEM, "second", "x", "2")
    db.session.commit()
    assert audit.first_fault() is None
    assert db.session.scalar(select(func.count(AuditEvent.seq))) == 2
