"""The one place that asks what time it is; tests move it with time-machine, the demo tells its past with `pretend`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")

_pretended: ContextVar[datetime | None] = ContextVar("lsp_pretended_moment", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _pretended.get() or datetime.now(UTC)


def today_wib() -> date:
    """The date in Jakarta: numbers, due days and expiry are counted in WIB, not in UTC."""
    return now().astimezone(WIB).date()


def day_begins(day: date, zone: tzinfo = WIB) -> datetime:
    """Midnight at the beginning of a day, where that zone holds."""
    return datetime.combine(day, time(), zone)


def day_span(first: date, last: date, zone: tzinfo = WIB) -> tuple[datetime, datetime]:
    """When these days begin and when they are over, where that zone holds."""
    return day_begins(first, zone), day_begins(last + timedelta(days=1), zone)


@contextmanager
def pretend(moment: datetime) -> Iterator[None]:
    """Make `moment` the present within this block: only the demo loader uses it, to build cases with a past."""
    token = _pretended.set(
        moment.astimezone(UTC)
    )  # as now() promises: the audit chain seals it in UTC
    try:
        yield
    finally:
        _pretended.reset(token)
