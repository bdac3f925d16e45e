"""Jinja filters that write dates, money, sizes and ages the way people in Indonesia read them.

Plain functions first, so that papers and mail can use them; only `register_filters` knows about Flask.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import Flask, current_app, g, has_app_context

from lsp.clock import now
from lsp.vocabulary import money
from lsp.vocabulary.dates import weekday_words

HOME_ZONE: Final = "Asia/Jakarta"
NOTHING: Final = "–"

_ZONE_NAMES: Final = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Ujung_Pandang": "WITA",
    "Asia/Jayapura": "WIT",
}


def zona_singkat(zone: str) -> str:
    """Asia/Makassar → WITA; outside Indonesia the city: "waktu Riyadh"."""
    city = zone.rsplit("/", 1)[-1].replace("_", " ")
    return _ZONE_NAMES.get(zone) or f"waktu {city}"


def _home_zone() -> str:
    """The LSP's zone: of this request's lembaga, else of the settings."""
    if not has_app_context():
        return HOME_ZONE
    return str(g.get("lembaga_zone") or current_app.config.get("LSP_ZONE") or HOME_ZONE)


def _reader_zone() -> str:
    """The zone of the person who reads, where the request knows it; else the LSP's."""
    return str((g.get("reader_zone") if has_app_context() else None) or _home_zone())


def _local(value: datetime, zone: str) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be shown: which hour is it?")
    return value.astimezone(ZoneInfo(zone))


def _clock(value: datetime, zone: str) -> str:
    return f"{value:%H.%M} {zona_singkat(zone)}"


def _home_clock(here: datetime, reader: str, home: str) -> str:
    """The LSP's own hour in brackets where it differs, with its date when that differs too."""
    there = _local(here, home)
    if there.utcoffset() == here.utcoffset():
        return ""
    differs = there.date() != here.date()
    day = format_date(there, "EEEE, d MMMM 'pukul' ", locale="id") if differs else ""
    return f" ({day}{_clock(there, home)})"


def tanggal(
    value: datetime | date | None,
    *,
    jam: bool = True,
    reader: str | None = None,
    home: str | None = None,
) -> str:
    """Sabtu, 28 November 2026 pukul 10.00 WITA (09.00 WIB); a plain date, or `jam=False`, has no hour."""
    if value is None:
        return NOTHING
    if not isinstance(value, datetime):
        return weekday_words(value)
    reader = reader or _reader_zone()
    here = _local(value, reader)
    text = weekday_words(here)
    if not jam:
        return text
    return f"{text} pukul {_clock(here, reader)}{_home_clock(here, reader, home or _home_zone())}"


def tanggal_singkat(
    value: datetime | date | None, *, reader: str | None = None, home: str | None = None
) -> str:
    """18 Nov 2026, 09.12 WITA: for rows and histories, in the reader's zone only, unless `home` names another."""
    if value is None:
        return NOTHING
    if not isinstance(value, datetime):
        return format_date(value, "d MMM y", locale="id")
    reader = reader or _reader_zone()
    here = _local(value, reader)
    other = _home_clock(here, reader, home) if home else ""
    return f"{format_date(here, 'd MMM y', locale='id')}, {_clock(here, reader)}{other}"


def rupiah(amount: int | Decimal | None) -> str:
    """Rp1.500.000, or a dash where there is no amount."""
    return NOTHING if amount is None else money.rupiah(amount)


def ukuran(size: int | None) -> str:
    """Bytes as people read them: 812 B, 212 kB, 1,2 MB."""
    if size is None:
        return NOTHING
    if size < 1000:
        return f"{size} B"
    if size < 999_500:
        return f"{size / 1000:.0f} kB"
    megabytes = f"{size / 1_000_000:.1f}".removesuffix(".0")
    return f"{megabytes.replace('.', ',')} MB"


def umur(value: datetime | timedelta | None) -> str:
    """How long ago, in one unit: 4 hari, 5 jam, 12 menit, baru saja."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a time without a zone has no age")
        value = now() - value
    days = value.days
    if days >= 730:
        return f"{days // 365} tahun"
    if days >= 60:
        return f"{days // 30} bulan"
    if days >= 1:
        return f"{days} hari"
    minutes = int(value.total_seconds()) // 60
    if minutes >= 60:
        return f"{minutes // 60} jam"
    return f"{minutes} menit" if minutes >= 1 else "baru saja"


def umur_lalu(value: datetime | timedelta | None) -> str:
    """5 jam lalu; what is younger than a minute has no "lalu"."""
    age = umur(value)
    return age if age in (NOTHING, "baru saja") else f"{age} lalu"


def jam(value: datetime) -> str:
    """10.00 WITA (09.00 WIB), for a list whose day stands above."""
    here = _local(value, _reader_zone())
    return _clock(here, _reader_zone()) + _home_clock(here, _reader_zone(), _home_zone())


def lama(seconds: int) -> str:
    """How long to wait, rounded up to one unit: 40 detik, 5 menit, 2 jam."""
    for unit, length in (("jam", 3600), ("menit", 60)):
        if seconds > length:
            return f"{-(-seconds // length)} {unit}"
    return f"{seconds} detik"


def samar(value: str | None, length: int = 16) -> str:
    """Hide all but the last four signs: ************0004. Four stored signs are drawn as `length` long."""
    if not value:
        return NOTHING
    if len(value) < 4:
        return "*" * length
    return value[-4:].rjust(len(value) if len(value) > 4 else length, "*")


def whatsapp(number: str) -> str:
    """The address at which WhatsApp opens a talk with this number, written as people write it: +62 811-…"""
    return f"https://wa.me/{''.join(each for each in number if each.isdecimal())}"


def register_filters(app: Flask) -> None:
    """Give the templates the filters of this module under their own names."""
    for each in (
        tanggal, tanggal_singkat, rupiah, ukuran, umur, umur_lalu, jam, lama, samar, whatsapp, zona_singkat,
    ):  # fmt: skip
        app.jinja_env.filters[each.__name__] = each
