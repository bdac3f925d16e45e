"""What the two week pages share: which week and which meetings an address asks for, and how an hour reads there."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import g, request

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


def only_booked() -> bool:
    """Whether meetings that nobody booked are left out."""
    return request.args.get("dipesan") == "1"


def plain_hour(moment: datetime) -> str:
    """The zone stands once, above the week: a column of a day is narrow."""
    return f"{moment.astimezone(ZoneInfo(g.actor.zone)):%H.%M}"
