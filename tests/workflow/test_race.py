"""Two at the same moment: one wins, the other is told; nobody waits for ever."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import func, select, text

from lsp.database import db, write_transaction
from lsp.errors import NotAllowed
from lsp.models import AuditEvent, Permohonan
from lsp.services import audit
from lsp.vocabulary import PermohonanStatus, Role
from lsp.workflow.permohonan import PERMOHONAN
from tests.workflow.cases import make_cast, make_permohonan

S = PermohonanStatus
NOTE = "Alasan yang cukup panjang."


def together(app, *works):
    """Run each work in a thread of its own, begun at the same moment; what each raised or None."""
    barrier, ended = threading.Barrier(len(works)), [None] * len(works)

    def run(number, work):
        with app.app_context():
            try:
                barrier.wait(timeout=30)
                work()
            except Exception as error:
                ended[number] = error
            finally:
                db.session.remove()

    threads = [
        threading.Thread(target=run, args=(number, work)) for number, work in enumerate(works)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return ended


@pytest.mark.both
@pytest.mark.parametrize(
    ("state", "one", "other"),
    [
        (S.SUBMITTED, ("verify", Role.ADMIN), ("reject", Role.ADMIN)),
        (S.INVOICED, ("confirm_payment", Role.ADMIN), ("withdraw", Role.ASESI)),
        (S.RECORDED, ("issue", Role.KETUA), ("annul", Role.KETUA)),
        (S.RECORDED, ("issue", Role.KETUA), ("issue", Role.KETUA)),
        (S.NOT_YET_COMPETENT, ("appeal", Role.ASESI), ("close_not_yet", Role.ASESI)),
    ],
    ids=["verify-reject", "pay-withdraw", "issue-annul", "issue-twice", "appeal-close"],
)
def test_of_two_officials_exactly_one_wins(app, state, one, other):
    cast = make_cast()
    proposed = cast.chair.id if "annul" in (one[0], other[0]) else None
    case = make_permohonan(state, cast=cast, annulment_proposed_by_id=proposed)
    case_id, version = case.id, case.version
    actors = {name: cast.of(role, case) for name, role in (one, other)}
    db.session.rollback()

    def press(name):
        def work():
            with write_transaction():
                found = db.session.get_one(Permohonan, case_id)
                PERMOHONAN.perform(found, name, actors[name], version=version, note=NOTE)

        return work

    ended = together(app, press(one[0]), press(other[0]))
    winners = [error for error in ended if error is None]
    losers = [error for error in ended if error is not None]
    assert len(winners) == 1, ended
    assert isinstance(losers[0], NotAllowed), losers
    assert "Data sudah berubah" in str(losers[0])
    db.session.expire_all()
    assert db.session.scalar(select(func.count(AuditEvent.seq))) == 1
    assert audit.first_fault() is None


@pytest.mark.both
def test_cases_that_move_in_opposite_directions_do_not_block_each_other(app):
    """Each changes the counters of both states. Locked in one order, PostgreSQL has no deadlock to break."""
    cast = make_cast()
    ids = [make_permohonan(S.PAID, cast=cast, work_done=False).id for _ in range(2)]
    db.session.execute(
        text("UPDATE permohonan SET status = 'verified' WHERE id = :id"), {"id": ids[1]}
    )
    db.session.commit()

    def flip(case_id, first, second):
        def work():
            for turn in range(20):
                with write_transaction():
                    _move(case_id, second if turn % 2 == 0 else first)

        return work

    ended = together(app, flip(ids[0], "paid", "verified"), flip(ids[1], "verified", "paid"))
    assert ended == [None, None]
    rows = dict(
        db.session.execute(text("SELECT status, count FROM status_count WHERE count <> 0")).all()
    )
    assert rows == {"paid": 1, "verified": 1}


@pytest.mark.both
@pytest.mark.parametrize("source", ["paid", "verified"])
def test_counters_are_locked_in_the_order_of_their_names(app, database, source):
    """Why the test above holds, without luck: who waits for the first counter does not hold the second."""
    if database != "postgresql":
        return  # one writer at a time there
    case_id = make_permohonan(S.PAID, work_done=False).id
    other_id = make_permohonan(S.PAID, work_done=False).id
    _move(other_id, "verified")
    _move(case_id, source)
    db.session.commit()
    target = "verified" if source == "paid" else "paid"
    lock = "SELECT count FROM status_count WHERE status = :status FOR UPDATE"

    def move():
        with app.app_context(), write_transaction():
            _move(case_id, target)

    mover = threading.Thread(target=move)
    with db.engine.connect() as holder, db.engine.connect() as onlooker:
        holder.execute(text(lock), {"status": "paid"})
        mover.start()
        deadline = time.monotonic() + 20
        waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        while not onlooker.execute(waiting).scalar() and time.monotonic() < deadline:
            onlooker.rollback()
            time.sleep(0.01)
        onlooker.execute(text(lock + " NOWAIT"), {"status": "verified"})
        onlooker.rollback()
        holder.rollback()
    mover.join(timeout=30)
    assert db.session.get_one(Permohonan, case_id).status.value == target


def _move(case_id, status):
    db.session.execute(
        text("UPDATE permohonan SET status = :to WHERE id = :id"), {"to": status, "id": case_id}
    )
