"""A date as it stands in a sentence. Lists and rows have a shorter one (views/filters.py), papers their own words."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from babel.dates import format_date


def day_words(day: date) -> str:
    """28 November 2026. Of a moment, the date in the zone it is given in."""
    return str(format_date(day, "d MMMM y", locale="id"))


def weekday_words(day: date) -> str:
    """Sabtu, 28 November 2026."""
    return f"{format_date(day, 'EEEE', locale='id')}, {day_words(day)}"


def add_months(day: date, months: int) -> date:
    """The same day so many months later (or earlier); the last of a month that has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def span_words(first: date, last: date) -> str:
    """How long from one day to another, as people count it: 4 tahun 8 bulan; under two months in days."""
    months = (last.year - first.year) * 12 + last.month - first.month
    if add_months(first, months) > last:
        months -= 1
    if months < 2:
        return f"{max(0, (last - first).days)} hari"
    years, rest = divmod(months, 12)
    parts = (f"{years} tahun" if years else "", f"{rest} bulan" if rest else "")
    return " ".join(part for part in parts if part)
