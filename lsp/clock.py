"""The one place that asks what time it is; tests move it with time-machine, the demo tells its past with `pretend`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")

_pretended: ContextVar[datetime | None] = ContextVar("lsp_pretended_moment", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _pretended.get() or datetime.now(UTC)


def today_wib() -> date:
    """The date in Jakarta: numbers, due days and expiry are counted in WIB, not in UTC."""
    return now().astimezone(WIB).date()


@contextmanager
def pretend(moment: datetime) -> Iterator[None]:
    """Make `moment` the present within this block: only the demo loader uses it, to build cases with a past."""
    token = _pretended.set(moment)
    try:
        yield
    finally:
        _pretended.reset(token)
