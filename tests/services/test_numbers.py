"""Numbers: never twice, never a gap, whoever takes them at once; the year is WIB's; a voided one stays."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from lsp import clock
from lsp.database import db, write_transaction
from lsp.models import NumberCounter, NumberEntry, NumberSeries, numbers as taking
from lsp.models.numbers import take_number, void_number
from lsp.vocabulary import NumberState

TAKERS = 64


def serials(code="invoice"):
    db.session.rollback()
    return list(
        db.session.scalars(
            select(NumberEntry.serial)
            .where(NumberEntry.series_code == code)
            .order_by(NumberEntry.id)
        )
    )


def all_at_once(app, work, threads=TAKERS):
    """Run `work(number)` in so many threads that begin together; what each raised."""
    together = threading.Barrier(threads)
    raised = []

    def run(number):
        try:
            with app.app_context():
                together.wait(timeout=60)
                try:
                    work(number)
                finally:
                    db.session.remove()
        except Exception as error:
            raised.append(error)

    workers = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=90)
    assert not any(worker.is_alive() for worker in workers)
    return raised


@pytest.mark.both
class TestManyAtOnce:
    def test_no_duplicate_and_no_gap(self, app):
        def take(_number):
            with write_transaction():
                take_number("invoice")

        assert all_at_once(app, take) == []
        assert sorted(serials()) == list(range(1, TAKERS + 1))
        texts = set(db.session.scalars(select(NumberEntry.text)))
        assert len(texts) == TAKERS

    def test_takers_that_roll_back_leave_no_gap(self, app):
        def take(number):
            with write_transaction():
                take_number("invoice")
                if number % 2:
                    raise KeyError(number)

        raised = all_at_once(app, take)
        assert len(raised) == TAKERS // 2
        assert all(isinstance(error, KeyError) for error in raised)
        assert sorted(serials()) == list(range(1, TAKERS // 2 + 1))

    def test_first_takers_of_several_series_do_not_meet(self, app):
        def take(number):
            with write_transaction():
                take_number(("invoice", "sk", "berita_acara", "surat_tugas")[number % 4])

        assert all_at_once(app, take, threads=16) == []
        for code in ("invoice", "sk", "berita_acara", "surat_tugas"):
            assert sorted(serials(code)) == [1, 2, 3, 4]


class TestCanary:
    """Without the turn and the lock the race is there; so the tests above do test something."""

    @pytest.mark.both
    def test_two_who_read_before_either_writes_break(self, app, monkeypatch):
        with write_transaction():
            take_number("invoice")  # the counter stands
        both_have_read = threading.Barrier(2)

        def unlocked(series, scope_key):
            counter = db.session.get(NumberCounter, (series.code, scope_key))
            assert counter.last_serial == 1
            both_have_read.wait(timeout=30)
            return counter

        monkeypatch.setattr(taking, "_locked_counter", unlocked)

        def take(_number):  # no begin_write: a reader that turns into a writer
            take_number("invoice")
            db.session.commit()

        raised = all_at_once(app, take, threads=2)
        # Both would be number 2. PostgreSQL's unique ledger, SQLite's snapshot refuse the second.
        assert len(raised) == 1
        assert isinstance(raised[0], DBAPIError)
        assert serials() == [1, 2]

    @pytest.mark.both
    def test_without_the_unique_ledger_the_same_number_would_be_given_twice(self, app):
        """max() + 1 in two transactions, and what alone stands in its way."""
        db.session.execute(text("CREATE TABLE naive (serial INTEGER)"))
        db.session.commit()
        first, second = db.engine.connect(), db.engine.connect()
        try:
            highest = text("SELECT coalesce(max(serial), 0) + 1 FROM naive")
            seen = first.execute(highest).scalar(), second.execute(highest).scalar()
            assert seen == (1, 1)
            first.execute(text("INSERT INTO naive VALUES (1)"))
            first.commit()
            if db.engine.dialect.name == "sqlite":
                with pytest.raises(DBAPIError, match="locked"):
                    second.execute(text("INSERT INTO naive VALUES (1)"))
            else:
                second.execute(text("INSERT INTO naive VALUES (1)"))
                second.commit()
                assert (
                    first.execute(text("SELECT count(*) FROM naive WHERE serial = 1")).scalar() == 2
                )
        finally:
            first.close()
            second.close()

    def test_ledger_refuses_the_same_number_twice(self, app):
        with write_transaction():
            entry = take_number("invoice")
            values = {
                "series_code": entry.series_code,
                "scope_key": entry.scope_key,
                "serial": entry.serial,
            }
            taken_at = entry.taken_at
        db.session.add(NumberEntry(text="other", taken_at=taken_at, **values))
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()


class TestYear:
    @pytest.mark.both
    @pytest.mark.parametrize(
        ("moment", "year"),
        [
            (datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC), 2026),
            (datetime(2026, 12, 31, 17, 0, tzinfo=UTC), 2027),
            (datetime(2026, 12, 31, 17, 30, tzinfo=UTC), 2027),
        ],
        ids=["23.59 WIB", "00.00 WIB", "00.30 WIB"],
    )
    def test_is_that_of_wib(self, app, moment, year):
        with time_machine.travel(moment, tick=False), write_transaction():
            entry = take_number("invoice")
            assert entry.scope_key == str(year)
            assert entry.text == f"INV/00001/{year}"

    def test_series_of_the_year_begins_again_and_that_of_a_life_goes_on(self, app):
        fields = {"kbli": "71102", "kbji": "2142", "jenjang": 4}
        taken = []
        for moment in (
            datetime(2026, 12, 31, 16, 0, tzinfo=UTC),
            datetime(2026, 12, 31, 18, 0, tzinfo=UTC),
        ):
            with time_machine.travel(moment, tick=False), write_transaction():
                taken.append(
                    (take_number("invoice").text, take_number("certificate", **fields).text)
                )
        assert taken == [
            ("INV/00001/2026", "71102 2142 4 00000001 2026"),
            ("INV/00001/2027", "71102 2142 4 00000002 2027"),
        ]


class TestSeries:
    def test_pattern_in_force_is_the_newest_not_in_the_future(self, app):
        with write_transaction():
            for since, pattern in (
                (date(2025, 1, 1), "A{serial}"),
                (date(2999, 1, 1), "B{serial}"),
            ):
                db.session.add(
                    NumberSeries(
                        code="sk", label="SK", pattern=pattern, scope="year", effective_from=since
                    )
                )
        with write_transaction():
            assert take_number("sk").text == "A1"

    def test_first_serial_is_the_lsps_choice(self, app):
        with write_transaction():
            db.session.add(
                NumberSeries(
                    code="own", label="Own", pattern="N{serial}", scope="life", start=501,
                    effective_from=date(2025, 1, 1),
                )
            )  # fmt: skip
        with write_transaction():
            assert [take_number("own").text for _ in range(3)] == ["N501", "N502", "N503"]

    def test_unknown_series_is_an_error_of_ours(self, app):
        with pytest.raises(LookupError, match="nonesuch"), write_transaction():
            take_number("nonesuch")


@pytest.mark.both
class TestVoiding:
    def test_voided_number_stays_with_its_reason_and_is_not_given_again(self, app):
        with write_transaction():
            entry = take_number("invoice")
            void_number(entry, "salah alamat")
        with write_transaction():
            following = take_number("invoice")
            assert following.serial == entry.serial + 1
        db.session.expire_all()
        assert (entry.state, entry.void_reason) == (NumberState.VOIDED, "salah alamat")
        assert entry.taken_at <= clock.now()

    def test_voiding_says_why(self, app):
        with pytest.raises(IntegrityError, match="voided_has_reason"), write_transaction():
            void_number(take_number("invoice"), "")
