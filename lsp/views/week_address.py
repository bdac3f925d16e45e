"""Which week an address asks for."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import request

from lsp import clock
from lsp.services.week import monday_of


def asked_monday(zone: str) -> tuple[date, date]:
    """(Monday of the week named by `mulai`, today), both where the reader is; this week for an odd address."""
    today = clock.now().astimezone(ZoneInfo(zone)).date()
    with suppress(ValueError):
        asked = datetime.strptime(request.args.get("mulai", ""), "%Y-%m-%d").date()  # noqa: DTZ007 - a date
        if abs(asked.year - today.year) <= 5:
            return monday_of(asked), today
    return monday_of(today), today
