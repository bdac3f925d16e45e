"""An asesor cannot come, or a meeting is called off: everybody with a seat in it is given another way, all or nobody.

For each seat a proposal is worked out; the admin may change each, and one press does them all with one reason.
The seats move by the steps of their own cases, so every guard is asked and each hears of his own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Booking, Jadwal, Permohonan, Slot, User
from lsp.services import audit, meetings, moving, schedule
from lsp.services.ways_out import BACK, SLOT, TAKE, Away, Touched, candidates_for, ways_for
from lsp.workflow.machine import check_reason
from lsp.workflow.seats import CANCELS

#: Seats settled by one press; who has more takes a shorter span of days.
MOST = 60


class RowRefused(DomainError):
    """One row stands in the way; nothing was changed. `booking`: public id of its seat."""

    def __init__(self, booking: str, sentence: str) -> None:
        super().__init__(sentence)
        self.booking = booking


def slots_of(asesor_id: int, first: date, last: date) -> Sequence[Slot]:
    """His meetings of those days (WIB) that are not over, soonest first."""
    begins, over = clock.day_span(first, last)
    return _slots(Slot.asesor_id == asesor_id, Slot.starts_at >= begins, Slot.starts_at < over)


def slot_named(public_id: str) -> Sequence[Slot]:
    """That one meeting, where it can still be called off."""
    return _slots(Slot.public_id == public_id)


def _slots(*conditions: ColumnElement[bool]) -> Sequence[Slot]:
    query = (
        select(Slot)
        .where(
            Slot.cancelled_at.is_(None),
            Slot.ends_at > clock.now(),
            ~_under_way(Booking.slot_id == Slot.id),
            *conditions,
        )
        .order_by(Slot.starts_at, Slot.id)
        .limit(MOST)
    )
    return db.session.scalars(
        query.options(joinedload(Slot.asesor), joinedload(Slot.jadwal).joinedload(Jadwal.tuk))
    ).all()


def _under_way(of_slot: ColumnElement[bool]) -> ColumnElement[bool]:
    """A meeting in which somebody is being assessed is not taken away from him."""
    return exists().where(
        of_slot,
        Booking.cancelled_at.is_(None),
        Booking.closed_at.is_(None),
        Permohonan.id == Booking.permohonan_id,
        Permohonan.status.not_in(tuple(CANCELS)),
    )


def seats_in(slot_ids: Sequence[int]) -> Sequence[Booking]:
    """The standing seats of those meetings with their cases, soonest first."""
    query = (
        select(Booking)
        .join(Slot, Slot.id == Booking.slot_id)
        .join(Permohonan, Permohonan.id == Booking.permohonan_id)
        .where(
            Booking.slot_id.in_(slot_ids),
            Booking.cancelled_at.is_(None),
            Booking.closed_at.is_(None),
            Permohonan.status.in_(tuple(CANCELS)),
        )
        .order_by(Slot.starts_at, Booking.id)
        .options(
            joinedload(Booking.slot).joinedload(Slot.jadwal),
            joinedload(Booking.permohonan).joinedload(Permohonan.asesi),
        )
    )
    return db.session.scalars(query).all()


def touched_by(slots: Sequence[Slot], away: Away | None = None) -> list[Touched]:
    """Each seat of these meetings with its proposal. away: the days on which their asesor holds nothing."""
    seats = seats_in([slot.id for slot in slots])
    return ways_for(slots, seats, away) if seats else []


def settle(
    actor: Actor,
    slots: Sequence[Slot],
    chosen: Mapping[str, str],
    versions: Mapping[str, int],
    *,
    reason: str,
) -> int:
    """Do what was chosen for each seat, close the meetings, and say how many asesi were concerned.

    chosen, versions: by the public id of the seat. Raises RowRefused for the row that stands in the way, or
    DomainError; the caller rolls back, so that either all of it happened or nothing.
    """
    check_reason(reason, field="note")
    slots = _locked(slots, chosen.values())
    seats = seats_in([slot.id for slot in slots])
    unseen = [seat for seat in seats if seat.public_id not in chosen]
    if unseen:
        raise RowRefused(
            unseen[0].public_id, "Kursi ini baru dipesan. Pilih juga apa yang terjadi dengannya."
        )
    if len(seats) < len(chosen):
        raise DomainError(
            "Sebagian kursi di daftar ini sudah dipindahkan orang lain. Periksa lagi."
        )
    opened: dict[tuple[int, str], Slot] = {}
    for seat in seats:
        try:
            _settle_one(actor, seat, chosen[seat.public_id], versions, opened, reason=reason)
        except DomainError as refusal:
            raise RowRefused(seat.public_id, str(refusal)) from refusal
    for slot in slots:
        schedule.cancel_slot(actor, slot)
    # Each closed meeting has a note of its own; this one says that they were one act.
    audit.note(
        actor, "slot.hindered", "slot", slots[0].public_id if slots else "", count=len(slots)
    )
    return len(seats)


def _locked(slots: Sequence[Slot], ways: Iterable[str] = ()) -> list[Slot]:
    """Cases, then meetings, then people, each in the order of their ids: a single booking locks them so too.

    ways: what was chosen; the meetings and asesor it leads to are locked with the rest, before anything is done.
    """
    ids, wanted = [slot.id for slot in slots], set(ways)
    held = select(Booking.permohonan_id).where(
        Booking.slot_id.in_(ids), Booking.cancelled_at.is_(None)
    )
    cases = select(Permohonan.asesi_id).where(Permohonan.id.in_(held)).order_by(Permohonan.id)
    asesi_ids = db.session.scalars(cases.with_for_update(of=Permohonan)).all()
    db.session.expire_all()
    targets = [way.removeprefix(SLOT) for way in wanted if way.startswith(SLOT)]
    found = db.session.scalars(
        select(Slot)
        .where(or_(Slot.id.in_(ids), Slot.public_id.in_(targets)))
        .order_by(Slot.id)
        .with_for_update(of=Slot)
    ).all()
    named = [way.removeprefix(TAKE) for way in wanted if way.startswith(TAKE)]
    substitutes = db.session.scalars(select(User.id).where(User.public_id.in_(named))).all()
    schedule.take_turns(*asesi_ids, *substitutes, *(slot.asesor_id for slot in found))
    standing = [slot for slot in found if slot.id in ids]
    if any(slot.cancelled_at is not None for slot in standing):
        raise DomainError("Slot ini sudah ditutup. Tidak ada yang diubah lagi.")
    return standing


def _settle_one(
    actor: Actor,
    seat: Booking,
    choice: str,
    versions: Mapping[str, int],
    opened: dict[tuple[int, str], Slot],
    *,
    reason: str,
) -> None:
    case, version = seat.permohonan, versions.get(seat.public_id, 0)
    if choice == BACK:
        meetings.cancel(actor, case, version=version, reason=reason)
    elif choice.startswith(SLOT):
        moving.move(actor, case, choice.removeprefix(SLOT), version=version, reason=reason)
    elif choice.startswith(TAKE):
        key = (seat.slot_id, choice)
        if key not in opened:
            opened[key] = _taken_over(actor, seat.slot, choice.removeprefix(TAKE))
        moving.move(actor, case, opened[key].public_id, version=version, reason=reason)
    else:
        raise DomainError("Pilih apa yang terjadi dengan kursi ini.")


def _taken_over(actor: Actor, slot: Slot, asesor_id: str) -> Slot:
    """The same meeting, by another: same time, kind and seats; its link is a new one."""
    named = candidates_for([slot])[slot.id]
    found = next((each for each in named if each.asesor.public_id == asesor_id), None)
    if found is None:
        raise DomainError(
            "Asesor pengganti itu tidak ada lagi di jadwal mana pun. Pilih yang lain."
        )
    return schedule.open_slot(
        actor,
        found.jadwal,
        kind=slot.kind,
        starts_at=slot.starts_at,
        minutes=int((slot.ends_at - slot.starts_at) / timedelta(minutes=1)),
        capacity=slot.capacity,
        asesor_id=found.asesor.id,
        on_holiday=True,  # said when the meeting it replaces was opened
    )


def why_not_let_go(slot: Slot) -> str | None:
    """Why this meeting is no longer given up by its asesor; said before he writes his reason, and again after."""
    if slot.starts_at <= clock.now():
        return "Rapat ini sudah mulai. Catat ketidakhadiran di halaman permohonannya, atau hubungi admin LSP."
    if db.session.scalar(select(_under_way(Booking.slot_id == slot.id))):
        return (
            "Asesmen di rapat ini sudah dimulai lebih awal. Selesaikan atau hentikan di halaman permohonannya, "
            "atau hubungi admin LSP."
        )
    return None


def let_go(actor: Actor, slot: Slot, *, reason: str) -> int:
    """The asesor cannot hold his own meeting: everybody in it chooses again. How many they were."""
    check_reason(reason, field="note")
    [slot] = _locked([slot])
    refusal = why_not_let_go(slot)
    if refusal is not None:
        raise DomainError(refusal)
    seats = seats_in([slot.id])
    for seat in seats:
        case = seat.permohonan
        meetings.cancel(actor, case, version=case.version, reason=reason)
    schedule.cancel_slot(actor, slot)
    return len(seats)
