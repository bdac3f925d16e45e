"""Makers of jadwal and slots for tests, and seats of cases in them. Each commits."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lsp import clock
from lsp.models import AsesorDayOff, AsesorProfile, Jadwal, SkemaVersion, Slot, Tuk, User
from lsp.vocabulary import JadwalStatus, MeetingKind, Mode, TukKind
from tests import factories

_serial = itertools.count(1)


def make_tuk(**columns: Any) -> Tuk:
    number = next(_serial)
    values: dict[str, Any] = {
        "name": f"TUK Contoh {number}",
        "kind": TukKind.SEWAKTU,
        "code": f"TUK-M-{number}",
        "verification_letter": f"{number:04}/VER",
        "verification_signer": "Rekaan",
        "verified_on": clock.today_wib(),
    }
    return factories.saved(Tuk(**(values | columns)))


def make_profile(asesor: User, **columns: Any) -> AsesorProfile:
    values: dict[str, Any] = {
        "met_number": f"MET.000.9{next(_serial):05d}.2026",
        "met_valid_until": clock.today_wib() + timedelta(days=900),
        "jenjang": 7,
        "scope": ["MP01"],
        "skk_number": "SKK-REKAAN",
        "skk_valid_until": clock.today_wib() + timedelta(days=900),
    }
    return factories.saved(AsesorProfile(user_id=asesor.id, **(values | columns)))


def make_jadwal(asesor: User, *, skema: SkemaVersion | None = None, **columns: Any) -> Jadwal:
    """A confirmed remote jadwal over the coming weeks."""
    today = clock.today_wib()
    values: dict[str, Any] = {
        "name": f"Jadwal contoh {next(_serial)}",
        "skema_version_id": (skema or factories.make_skema(remote=True)).id,
        "tuk_id": make_tuk().id,
        "mode": Mode.DARING,
        "starts_on": today - timedelta(days=2),
        "ends_on": today + timedelta(days=30),
        "asesor_1_id": asesor.id,
        "surat_tugas_number": f"{next(_serial):04}/ST",
        "surat_tugas_date": today,
        "status": JadwalStatus.CONFIRMED,
    }
    return factories.saved(Jadwal(**(values | columns)))


def make_slot(
    asesor: User, *, jadwal: Jadwal | None = None, starts_at: datetime | None = None, **columns: Any
) -> Slot:
    """An open meeting; an hour long, in an hour, unless `starts_at` says else."""
    begins = starts_at or clock.now() + timedelta(hours=1, microseconds=next(_serial))
    values: dict[str, Any] = {
        "jadwal_id": (jadwal or make_jadwal(asesor)).id,
        "kind": MeetingKind.PRE_ASSESSMENT,
        "starts_at": begins,
        "ends_at": begins + timedelta(hours=1),
        "asesor_id": asesor.id,
        "meeting_url": "https://meet.jit.si/rapat-rekaan",
    }
    return factories.saved(Slot(**(values | columns)))


def make_day_off(asesor: User, *, starts_on: date | None = None, days: int = 1) -> AsesorDayOff:
    """Tomorrow, unless a first day is named."""
    first = starts_on or clock.today_wib() + timedelta(days=1)
    last = first + timedelta(days=days - 1)
    begins, over = clock.day_span(first, last, ZoneInfo(asesor.zone))
    return factories.saved(
        AsesorDayOff(
            user_id=asesor.id, starts_on=first, ends_on=last, from_moment=begins, until_moment=over
        )
    )
