"""Planning a jadwal: what bars it, who may be its asesor and why another may not, and what may still be changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Booking, Jadwal, Permohonan, Peserta, SkemaVersion, Slot, Tuk, User
from lsp.models.inforce import peserta_stays, setting
from lsp.services import register, slot_rules
from lsp.vocabulary import JadwalStatus, Mode, PermohonanStatus
from lsp.workflow.fitness import NOT_REGISTERED, why_not_remote, why_tuk_unverified, why_unfit
from lsp.workflow.jadwal import JADWAL, seats_held, why_over

#: Named in the surat tugas or told to BNSP: another one is another jadwal.
FIXED = ("skema_version_id", "mode", "asesor_1_id")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An asesor; reason: why he cannot be chosen, or empty."""

    person: User
    reason: str


def candidates(version: SkemaVersion | None, until: date | None) -> list[Candidate]:
    """Every asesor by name; against a skema and a last day where both are known."""
    table = setting("asesor_jenjang")
    found = []
    for person, profile in register.asesor_list():
        reason = None if profile is not None else f"{person.name} {NOT_REGISTERED}."
        if profile is not None and version is not None and until is not None:
            reason = why_unfit(profile, version, until=until, who=person.name, table=table)
        found.append(Candidate(person, reason or ""))
    return found


def bars(
    version: SkemaVersion | None,
    tuk: Tuk | None,
    mode: Mode | None,
    first: date | None,
    last: date | None,
    *,
    confirmed: bool = False,
) -> list[str]:
    """What would keep this jadwal from being confirmed, or changed once it is; not about its asesor.

    Asked of what is typed so far, by the rules of the guards (lsp/workflow/jadwal.py).
    """
    found: list[str | None] = []
    if version is not None and mode is Mode.DARING and first and last and first <= last:
        found.append(why_not_remote(version, first, last))
    if tuk is not None:
        found.append(why_tuk_unverified(tuk))
    if last is not None and not confirmed:
        found.append(why_over(last))
    return [reason for reason in found if reason]


def check_asesor(version: SkemaVersion, until: date, **chosen: int | None) -> None:
    """Raise DomainError, by its field, for a chosen asesor who cannot assess this skema to the last day."""
    reasons = {each.person.id: each.reason for each in candidates(version, until)}
    for field, person_id in chosen.items():
        if person_id is None:
            continue
        reason = reasons.get(person_id, "Asesor yang dipilih belum terdaftar lengkap.")
        if reason:
            raise DomainError(reason, field=field)


def why_not_changed(jadwal: Jadwal) -> str | None:
    """Why nothing of this jadwal may be changed any more."""
    if ("change", jadwal.status.value) in JADWAL.index:
        return None
    return f"Jadwal ini {jadwal.status.label.lower()}, jadi tidak dapat diubah."


class EmptySlotsOutside(DomainError):
    """Open meetings that nobody booked lie outside the new dates; they can be closed with the change."""

    def __init__(self, count: int) -> None:
        super().__init__(
            f"{count} slot kosong berada di luar tanggal itu. Centang kotak di bawahnya untuk menutup semuanya, "
            "atau ubah tanggalnya.",
            field="ends_on",
        )
        self.count = count


def change(actor: Actor, jadwal: Jadwal, *, close_outside: bool = False, **values: Any) -> int:
    """Write what was typed, where that harms neither surat tugas nor bookings. Raises DomainError, by its field.

    close_outside: also close the meetings outside the new dates that nobody booked. Returns how many it closed.
    """
    reason = why_not_changed(jadwal)
    if reason is not None:
        raise DomainError(reason)
    changed = [name for name, value in values.items() if getattr(jadwal, name) != value]
    if not changed:
        return 0
    closed = 0
    if jadwal.status is not JadwalStatus.DRAFT:
        _check_change(jadwal, changed, values)
        closed = _settle_outside(actor, jadwal, values, close=close_outside)
    for name in changed:
        setattr(jadwal, name, values[name])
    db.session.flush()
    db.session.refresh(jadwal)
    if jadwal.status is JadwalStatus.DRAFT:
        check_asesor(
            jadwal.skema_version, jadwal.ends_on,
            asesor_1=jadwal.asesor_1_id, asesor_2=jadwal.asesor_2_id,
        )  # fmt: skip
    # Asked of the changed one: what was asked when it was confirmed must hold of it.
    JADWAL.perform(jadwal, "change", actor, version=jadwal.version, changed=", ".join(changed))
    return closed


def _check_change(jadwal: Jadwal, changed: Iterable[str], values: dict[str, Any]) -> None:
    if not set(changed).isdisjoint(FIXED):
        raise DomainError(
            "Skema, cara, dan asesor 1 sudah tertulis di surat tugas. Batalkan jadwal ini, lalu buat yang baru."
        )
    if "tuk_id" in changed and (held := len(seats_held(jadwal))):
        raise DomainError(
            f"{held} asesi sudah memesan dengan TUK yang lama. Pindahkan rapat mereka dulu.",
            field="tuk",
        )
    if "asesor_2_id" in changed:
        _check_second_asesor(jadwal)


def _settle_outside(actor: Actor, jadwal: Jadwal, values: dict[str, Any], *, close: bool) -> int:
    """Close what lies outside the new dates where that is wanted and nobody sits in it; else say what is in the way."""
    first, last = (values.get(name, getattr(jadwal, name)) for name in ("starts_on", "ends_on"))
    outside = _slots_outside(jadwal, first, last)
    booked = select(func.count(Booking.slot_id.distinct())).where(
        Booking.slot_id.in_([slot.id for slot in outside]), Booking.cancelled_at.is_(None)
    )
    if outside and (held := db.session.scalar(booked)):
        raise DomainError(
            f"{len(outside)} slot berada di luar tanggal itu, {held} di antaranya sudah dipesan. "
            "Pindahkan rapat asesinya dulu.",
            field="ends_on",
        )
    if outside and not close:
        raise EmptySlotsOutside(len(outside))
    for slot in outside:
        slot_rules.close(actor, slot)
    return len(outside)


def _check_second_asesor(jadwal: Jadwal) -> None:
    own = select(func.count(Slot.id)).where(
        Slot.jadwal_id == jadwal.id,
        Slot.asesor_id == jadwal.asesor_2_id,
        Slot.cancelled_at.is_(None),
    )
    if jadwal.asesor_2_id is not None and (count := db.session.scalar(own)):
        raise DomainError(
            f"Asesor 2 yang sekarang punya {count} slot di jadwal ini. Tutup slot itu dulu.",
            field="asesor_2",
        )
    under_way = select(func.count(Peserta.id)).join(
        Permohonan, Permohonan.id == Peserta.permohonan_id
    ).where(
        Peserta.jadwal_id == jadwal.id,
        peserta_stays(),
        Permohonan.status.in_((PermohonanStatus.IN_ASSESSMENT, PermohonanStatus.RECOMMENDED)),
    )  # fmt: skip
    if db.session.scalar(under_way):
        raise DomainError(
            "Asesmen di jadwal ini sudah berjalan, jadi asesor 2 tidak dapat diganti.",
            field="asesor_2",
        )


def _slots_outside(jadwal: Jadwal, first: date, last: date) -> Sequence[Slot]:
    """Locked as a booking locks its slot, so that nobody takes a seat between the count and the closing."""
    begins, over = clock.day_span(first, last)
    return db.session.scalars(
        select(Slot)
        .where(
            Slot.jadwal_id == jadwal.id,
            Slot.cancelled_at.is_(None),
            (Slot.starts_at < begins) | (Slot.ends_at > over),
        )
        .order_by(Slot.id)
        .with_for_update(of=Slot)
    ).all()
