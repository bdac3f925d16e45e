"""Days as spans of time: they begin at midnight where they are asked about."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from lsp import clock

FIRST, LAST = date(2026, 11, 28), date(2026, 11, 30)


@pytest.mark.parametrize(
    ("zone", "hour"), [("Asia/Jakarta", 17), ("Asia/Makassar", 16), ("Asia/Jayapura", 15)]
)
def test_days_begin_and_end_where_the_reader_is(zone, hour):
    begins, over = clock.day_span(FIRST, LAST, ZoneInfo(zone))
    assert begins == clock.day_begins(FIRST, ZoneInfo(zone))
    assert begins == datetime(2026, 11, 27, hour, tzinfo=UTC)
    assert over == datetime(2026, 11, 30, hour, tzinfo=UTC)


def test_unless_told_otherwise_they_are_those_of_wib():
    assert clock.day_span(FIRST, FIRST) == clock.day_span(FIRST, FIRST, ZoneInfo("Asia/Jakarta"))


def test_a_day_on_which_clocks_change_is_as_long_as_it_is():
    begins, over = clock.day_span(date(2026, 10, 25), date(2026, 10, 25), ZoneInfo("Europe/Berlin"))
    assert (over.astimezone(UTC) - begins.astimezone(UTC)).total_seconds() == 25 * 3600


def test_a_pretended_moment_of_another_zone_is_the_same_moment_in_utc():
    """The audit chain seals the text of a moment: it must read the same when it comes back from the database."""
    with clock.pretend(datetime(2026, 11, 27, 9, tzinfo=clock.WIB)):
        assert clock.now().isoformat() == "2026-11-27T02:00:00+00:00"
