"""Who may assess what, where, and what may be assessed remotely: one answer for jadwal, slots and bookings.

Not whether somebody has time: services/slot_rules.py and the guards of a booking.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from lsp.models import AsesorProfile, RemotePermission, SkemaVersion, Tuk
from lsp.models.inforce import remote_permissions_between, setting
from lsp.vocabulary import EvidenceKind
from lsp.vocabulary.dates import day_words

NOT_REGISTERED = "belum terdaftar lengkap"
OF_PLAN = "rencana asesmen ini"


def why_unfit(
    profile: AsesorProfile | None,
    version: SkemaVersion,
    *,
    until: date,
    who: str,
    table: Mapping[str, int] | None = None,
) -> str | None:
    """MET and own SKK valid to that day, scope covers the subklasifikasi, jenjang table (process 1.2, D4 and D7).

    who: as the sentence names him, "asesor" or a name; table: the jenjang table, where it was read already.
    None when nothing stands against him.
    """
    if profile is None:
        return _sentence(f"{who} {NOT_REGISTERED}.")
    if profile.met_valid_until < until:
        return f"Sertifikat MET {who} hanya berlaku sampai {day_words(profile.met_valid_until)}."
    if not profile.skk_number or profile.skk_valid_until is None:
        return f"SKK milik {who} belum dicatat."
    if profile.skk_valid_until < until:
        return f"SKK milik {who} hanya berlaku sampai {day_words(profile.skk_valid_until)}."
    if version.subklasifikasi_code not in profile.scope:
        return _sentence(f"{who} tidak punya lingkup subklasifikasi {version.subklasifikasi_code}.")
    table = setting("asesor_jenjang") if table is None else table
    highest = int(table.get(str(profile.jenjang), 0))
    if version.jenjang > highest:
        return f"Jenjang {who} tidak mencukupi untuk skema jenjang {version.jenjang}."
    return None


def why_tuk_unverified(tuk: Tuk) -> str | None:
    """The letter of its verification, who signed it and when stand in the register (process 1.2)."""
    if tuk.verified_on is None or not tuk.verification_letter or not tuk.verification_signer:
        return "TUK ini belum diverifikasi: isi surat, penanda tangan, dan tanggalnya."
    return None


def why_not_remote(version: SkemaVersion, first: date, last: date) -> str | None:
    """BNSP's permission stands on each of these days and lists the methods of the skema (process 2.2)."""
    return why_no_permission(
        remote_permissions_between(version.skema_id, first, last), version.methods, first, last
    )


def why_plan_not_remote(
    version: SkemaVersion, methods: Collection[str], day: date, *, whose: str = OF_PLAN
) -> str | None:
    """As `why_not_remote`, of the methods of a MAPA: it may ask for more than its skema does."""
    permissions = remote_permissions_between(version.skema_id, day, day)
    return why_no_permission(permissions, methods, day, day, whose=whose)


def why_no_permission(
    permissions: Sequence[RemotePermission],
    methods: Collection[str],
    first: date,
    last: date,
    *,
    whose: str = "skema ini",
) -> str | None:
    """As `why_not_remote`, among permissions that were read already. whose: the methods, as the sentence says it."""
    day = first
    while day <= last:
        holding = [row for row in permissions if row.valid_from <= day <= row.last_day]
        if not holding:
            return f"Skema ini tidak punya izin asesmen jarak jauh dari BNSP pada {day_words(day)}."
        fitting = [row for row in holding if set(methods) <= set(row.methods)]
        if not fitting:
            return _why_methods(holding[-1], methods, whose)
        day = max(row.last_day for row in fitting) + timedelta(days=1)
    return None


def _why_methods(permission: RemotePermission, methods: Collection[str], whose: str) -> str:
    missing = [
        kind.label for kind in EvidenceKind if kind in methods and kind not in permission.methods
    ]
    return f"Izin jarak jauh {permission.number} tidak memuat metode {whose}: {', '.join(missing)}."


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
