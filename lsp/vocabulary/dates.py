"""A date as it stands in a sentence. Lists and rows have a shorter one (views/filters.py), papers their own words."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date


def day_words(day: date) -> str:
    """28 November 2026. Of a moment, the date in the zone it is given in."""
    return str(format_date(day, "d MMMM y", locale="id"))


def weekday_words(day: date) -> str:
    """Sabtu, 28 November 2026."""
    return f"{format_date(day, 'EEEE', locale='id')}, {day_words(day)}"
