"""Counting tries: per subject and window, in the database, on both databases, also by many at once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from lsp import clock
from lsp.database import db
from lsp.models import ThrottleCount
from lsp.services import throttle
from lsp.services.throttle import Limit, TooOften, count_try

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("app")]
NARROW, WIDE = Limit("narrow", 3), Limit("wide", 5, minutes=30)


@pytest.fixture(autouse=True)
def moment(steady_clock) -> time_machine.Traveller:
    return steady_clock


def counted() -> int:
    return int(db.session.scalar(select(func.coalesce(func.sum(ThrottleCount.count), 0))) or 0)


def tries(limit: Limit, subject: str, number: int) -> list[bool]:
    """Whether each of `number` tries was taken."""
    taken = []
    for _ in range(number):
        try:
            count_try((limit, subject))
        except TooOften:
            taken.append(False)
        else:
            taken.append(True)
    return taken


def test_as_many_as_the_limit_says():
    assert tries(NARROW, "a", 5) == [True] * 3 + [False] * 2


def test_each_subject_and_each_limit_counts_apart():
    assert tries(NARROW, "a", 4)[-1] is False
    assert tries(NARROW, "b", 1) == [True]
    assert tries(WIDE, "a", 1) == [True]


def test_a_new_window_begins_anew(moment):
    tries(NARROW, "a", 4)
    moment.shift(timedelta(minutes=5))
    assert tries(NARROW, "a", 1) == [True]


def test_says_how_long_to_wait(moment):
    tries(NARROW, "a", 3)
    moment.shift(timedelta(minutes=3))
    with pytest.raises(TooOften) as refusal:
        count_try((NARROW, "a"))
    assert 115 <= refusal.value.seconds <= 120
    assert str(refusal.value) == "Terlalu banyak percobaan. Tunggu 2 menit, lalu coba lagi."


def test_a_refused_try_is_counted_nowhere():
    """A guesser at one account must not use up what others behind his address may try."""
    for _ in range(10):
        tries(NARROW, "account", 1)
    before = counted()
    with pytest.raises(TooOften):
        count_try((NARROW, "account"), (WIDE, "address"))
    assert counted() == before
    assert tries(WIDE, "address", 5) == [True] * 5


def test_the_table_tells_neither_address_nor_e_mail():
    count_try((NARROW, "rosmaida@contoh.id"))
    row = db.session.scalars(select(ThrottleCount)).one()
    assert "rosmaida" not in row.key
    assert len(row.key) == 64


def test_many_at_once_are_counted_exactly(app):
    """First tries of a window at the same moment, too."""
    taken: list[bool] = []

    def one() -> None:
        with app.app_context():
            taken.extend(tries(WIDE, "a", 1))
            db.session.remove()

    threads = [threading.Thread(target=one) for _ in range(12)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(taken) == [False] * 7 + [True] * 5


def test_old_counts_are_forgotten(moment):
    tries(NARROW, "a", 1)
    moment.shift(timedelta(days=2))
    tries(NARROW, "a", 1)
    assert throttle.forget_old_counts() == 1
    assert db.session.scalars(select(ThrottleCount)).one().window_start > clock.now() - timedelta(
        days=1
    )
