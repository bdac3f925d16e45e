"""The one place that asks what time it is; tests move it with time-machine."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

WIB = ZoneInfo("Asia/Jakarta")


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def today_wib() -> date:
    """The date in Jakarta: numbers, due days and expiry are counted in WIB, not in UTC."""
    return now().astimezone(WIB).date()
