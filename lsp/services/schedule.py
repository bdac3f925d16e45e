"""Jadwal and slots: the admin makes the batch, the asesor named in it open their meetings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from lsp import clock, ids
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Booking, Jadwal, Peserta, SkemaVersion, Slot, Tuk, User
from lsp.models.inforce import peserta_stays, setting
from lsp.services import audit, jadwal_plan, slot_rules
from lsp.vocabulary import JadwalStatus, MeetingKind, Mode

#: A jadwal in which meetings may be opened and booked.
OPEN = (JadwalStatus.CONFIRMED, JadwalStatus.RUNNING)
LEAST_MINUTES, MOST_MINUTES = 15, 480
MOST_SEATS = 40


@dataclass(frozen=True, slots=True)
class SlotUse:
    """A meeting and how many of its seats are taken."""

    slot: Slot
    taken: int


def make_jadwal(
    actor: Actor,
    *,
    name: str,
    version: SkemaVersion,
    tuk: Tuk,
    mode: Mode,
    starts_on: date,
    ends_on: date,
    asesor_1_id: int,
    asesor_2_id: int | None = None,
) -> Jadwal:
    """A jadwal in DRAFT. Raises DomainError when dates or asesor cannot be."""
    if ends_on < starts_on:
        raise DomainError("Tanggal selesai lebih awal dari tanggal mulai.")
    if asesor_1_id == asesor_2_id:
        raise DomainError("Asesor 1 dan asesor 2 harus orang yang berbeda.")
    jadwal_plan.check_asesor(version, ends_on, asesor_1=asesor_1_id, asesor_2=asesor_2_id)
    jadwal = Jadwal(
        name=name.strip(),
        skema_version_id=version.id,
        tuk_id=tuk.id,
        mode=mode,
        starts_on=starts_on,
        ends_on=ends_on,
        asesor_1_id=asesor_1_id,
        asesor_2_id=asesor_2_id,
        status=JadwalStatus.DRAFT,
    )
    db.session.add(jadwal)
    db.session.flush()
    audit.note(actor, "jadwal.make", "jadwal", jadwal.public_id)
    return jadwal


def open_slot(
    actor: Actor,
    jadwal: Jadwal,
    *,
    kind: MeetingKind,
    starts_at: datetime,
    minutes: int,
    capacity: int = 1,
    meeting_url: str = "",
    asesor_id: int | None = None,
    on_holiday: bool = False,
) -> Slot:
    """A meeting of a confirmed jadwal, by an asesor it names (or by the admin for one).

    on_holiday: he said that a holiday does not keep him.

    An empty link of a remote jadwal becomes a room on the LSP's Jitsi. Raises DomainError with a sentence.
    """
    asesor = check_opening(jadwal, asesor_id or actor.id)
    if not LEAST_MINUTES <= minutes <= MOST_MINUTES or not 1 <= capacity <= MOST_SEATS:
        raise DomainError("Lama rapat atau jumlah kursi di luar batas.")
    take_turns(asesor.id)
    ends_at = starts_at + timedelta(minutes=minutes)
    calendar = slot_rules.around(
        jadwal, asesor, [(starts_at, ends_at)], himself=asesor.id == actor.id
    )
    barred = calendar.why_not(starts_at, ends_at, capacity, on_holiday=on_holiday)
    if barred is not None:
        raise DomainError(barred[0], field=barred[1])
    return write_slot(
        actor,
        jadwal,
        asesor,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        capacity=capacity,
        meeting_url=link_of(jadwal.mode, meeting_url.strip()),
    )


def check_opening(jadwal: Jadwal, asesor_id: int | None) -> User:
    """The asesor for whom meetings of this jadwal may be opened now. Raises DomainError."""
    named = (jadwal.asesor_1, jadwal.asesor_2)
    asesor = next((each for each in named if each is not None and each.id == asesor_id), None)
    if asesor is None:
        raise DomainError("Slot hanya dapat dibuka untuk asesor yang namanya ada di jadwal.")
    if jadwal.status not in OPEN:
        raise DomainError(_why_closed(jadwal))
    return asesor


def write_slot(actor: Actor, jadwal: Jadwal, asesor: User, **values: Any) -> Slot:
    """Store a meeting that nothing bars any more (slot_rules.Calendar said so)."""
    slot = Slot(jadwal_id=jadwal.id, asesor_id=asesor.id, **values)
    db.session.add(slot)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise DomainError("Jam itu baru saja dipakai slot lain. Pilih jam lain.") from error
    audit.note(actor, "slot.open", "slot", slot.public_id)
    return slot


def _why_closed(jadwal: Jadwal) -> str:
    if jadwal.status is JadwalStatus.DRAFT:
        return "Jadwal ini belum dikonfirmasi admin."
    return f"Jadwal ini {jadwal.status.label.lower()}, jadi slot baru tidak dapat dibuka."


def take_turns(*people: int) -> None:
    """Let two who plan for the same person at once take turns, so that nobody is in two places.

    Locked in the order of the ids. On SQLite the writer's turn does it already. NO KEY: rows that merely point
    at the person do not wait.
    """
    if db.session.get_bind().dialect.name != "sqlite":
        db.session.execute(
            select(User.id)
            .where(User.id.in_(people))
            .order_by(User.id)
            .with_for_update(key_share=True)
        )


def link_of(mode: Mode, url: str) -> str:
    """A checked https link on a host of the LSP's list, or a fresh room on its Jitsi. Raises DomainError."""
    if not url:
        return (
            f"{setting('jitsi_base').rstrip('/')}/{ids.random_id(20)}"
            if mode is Mode.DARING
            else ""
        )
    allowed = [str(name).lower() for name in setting("link_hosts")]
    if not _is_safe_link(url, allowed):
        raise DomainError(
            "Tautan rapat harus https dan memakai layanan: " + ", ".join(allowed) + "."
        )
    return url


def _is_safe_link(url: str, hosts: Sequence[str]) -> bool:
    # What a browser drops or rewrites while it reads an address could lead to another host than we read.
    if len(url) > 300 or not url.isascii() or any(sign in url for sign in "\\ \t\r\n<>\"'"):
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    host = (parts.hostname or "").lower()
    return (
        parts.scheme == "https"
        and not (parts.username or parts.password)
        and port in (None, 443)
        and any(host == name or host.endswith("." + name) for name in hosts)
    )


def cancel_slot(actor: Actor, slot: Slot) -> None:
    """Close an empty meeting. Raises DomainError while somebody holds a seat in it."""
    held = db.session.scalar(
        select(Booking.id)
        .where(Booking.slot_id == slot.id, Booking.cancelled_at.is_(None))
        .limit(1)
    )
    if held is not None:
        raise DomainError("Slot ini sudah dipesan. Pindahkan rapat asesinya dulu.")
    if slot.cancelled_at is None:
        slot_rules.close(actor, slot)
    db.session.flush()


def reopen_slot(actor: Actor, slot: Slot) -> None:
    """Undo the closing of a meeting. Raises DomainError when something took its time since, or bars it now."""
    if slot.cancelled_at is None:
        return
    asesor = check_opening(slot.jadwal, slot.asesor_id)
    take_turns(asesor.id)
    calendar = slot_rules.Calendar(
        slot.jadwal,
        asesor,
        first=slot.starts_at,
        last=slot.ends_at,
        himself=asesor.id == actor.id,
        but=slot,
    )
    barred = calendar.why_not(slot.starts_at, slot.ends_at, slot.capacity, on_holiday=True)
    if barred is not None:
        raise DomainError(barred[0])
    slot.cancelled_at = None
    audit.note(actor, "slot.reopen", "slot", slot.public_id)
    db.session.flush()


def just_closed(public_id: str, **columns: int) -> Slot | None:
    """A closed meeting that is still to come, of the asesor or jadwal named in `columns`."""
    if not public_id:
        return None
    return db.session.scalar(
        select(Slot)
        .filter_by(public_id=public_id, **columns)
        .where(Slot.cancelled_at.is_not(None), Slot.ends_at > clock.now())
    )


# --- Reading -----------------------------------------------------------------------------------------------------

_TAKEN = (
    select(func.count(Booking.id))
    .where(Booking.slot_id == Slot.id, Booking.cancelled_at.is_(None))
    .correlate(Slot)
    .scalar_subquery()
)


def coming_slots(
    *, asesor_id: int | None = None, jadwal_id: int | None = None, limit: int = 100
) -> list[SlotUse]:
    """Standing meetings that are not over, of an asesor or a jadwal, soonest first, with seats taken."""
    query = (
        select(Slot, _TAKEN.label("taken"))
        .where(Slot.cancelled_at.is_(None), Slot.ends_at > clock.now())
        .order_by(Slot.starts_at, Slot.id)
        .limit(limit)
        .options(joinedload(Slot.asesor), joinedload(Slot.jadwal))
    )
    if asesor_id is not None:
        query = query.where(Slot.asesor_id == asesor_id)
    if jadwal_id is not None:
        query = query.where(Slot.jadwal_id == jadwal_id)
    return [SlotUse(slot, int(taken)) for slot, taken in db.session.execute(query)]


def jadwal_of_asesor(asesor_id: int) -> Sequence[Jadwal]:
    """Batches that name him and in which he may open meetings, soonest first."""
    return db.session.scalars(
        select(Jadwal)
        .where(
            or_(Jadwal.asesor_1_id == asesor_id, Jadwal.asesor_2_id == asesor_id),
            Jadwal.status.in_(OPEN),
            Jadwal.ends_on >= clock.today_wib(),
        )
        .order_by(Jadwal.starts_on, Jadwal.id)
        .limit(20)
        .options(joinedload(Jadwal.skema_version), joinedload(Jadwal.tuk))
    ).all()


#: Batches on a list.
MOST_JADWAL = 100


def jadwal_list(limit: int = MOST_JADWAL) -> list[tuple[Jadwal, int]]:
    """Batches and how many peserta each has, those under way and the newest first."""
    peserta = (
        select(func.count(Peserta.id))
        .where(Peserta.jadwal_id == Jadwal.id, peserta_stays())
        .correlate(Jadwal)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Jadwal, peserta)
        .order_by(
            Jadwal.status.in_((JadwalStatus.CLOSED, JadwalStatus.CANCELLED)),
            Jadwal.starts_on.desc(),
            Jadwal.id.desc(),
        )
        .limit(limit)
        .options(
            joinedload(Jadwal.skema_version),
            joinedload(Jadwal.asesor_1),
            joinedload(Jadwal.asesor_2),
        )
    )
    return [(jadwal, int(count)) for jadwal, count in rows]


def peserta_of(jadwal: Jadwal) -> Sequence[Peserta]:
    """Who is in a batch and has not moved to another, in the order they came, with their cases."""
    return db.session.scalars(
        select(Peserta)
        .where(Peserta.jadwal_id == jadwal.id, peserta_stays())
        .order_by(Peserta.id)
        .options(joinedload(Peserta.permohonan))
    ).all()
