"""The ways open to each seat of meetings that will not be held, such as the guards accept.

All is judged from one reading (offers.Reading), and what is proposed to one seat counts for the next: pressed as
proposed, no two ask for the same chair, and nobody gets more asesi a day than the LSP allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.database import db
from lsp.models import Booking, Invoice, Jadwal, Slot, User
from lsp.services import offers, schedule, slot_rules
from lsp.services.offers import Offer
from lsp.vocabulary import InvoiceKind, InvoiceStatus

#: Free meetings offered for one seat.
FEW = 6
BACK = "pilih"
TAKE, SLOT = "asesor:", "slot:"


@dataclass(frozen=True, slots=True)
class Substitute:
    """An asesor who is free at the very time, with the batch that names him."""

    asesor: User
    jadwal: Jadwal

    @property
    def key(self) -> str:
        return f"{TAKE}{self.asesor.public_id}"


@dataclass(frozen=True, slots=True)
class Touched:
    """A seat, and the ways open to it: first the one that is proposed."""

    seat: Booking
    substitutes: Sequence[Substitute]
    times: Sequence[Offer]

    @property
    def proposal(self) -> str:
        """The same hour with somebody else disturbs the asesi least; then the next free time; else he chooses."""
        if self.substitutes:
            return self.substitutes[0].key
        return f"{SLOT}{self.times[0].public_id}" if self.times else BACK


@dataclass(frozen=True, slots=True)
class Away:
    """Days (WIB) on which an asesor holds no meeting at all, the first and the last among them."""

    asesor_id: int
    first: date
    last: date

    def covers(self, offer: Offer) -> bool:
        return offer.asesor_id == self.asesor_id and self.first <= _day(offer) <= self.last


def ways_for(slots: Sequence[Slot], seats: Sequence[Booking], away: Away | None) -> list[Touched]:
    """For each of these seats in these meetings, in their order. slots, seats: not empty."""
    gone = {slot.id for slot in slots}
    free = _free(seats, gone)
    others = _Substitutes(slots)
    reading = offers.Reading(
        [seat.permohonan for seat in seats],
        [*slots, *(slot for found in free.values() for slot in found)],
        more_asesor=others.asesor_ids,
    )
    owing = _owing(seats)
    made = []
    for seat in seats:
        if seat.permohonan_id in owing:  # guard difference_paid: no meeting before
            made.append(Touched(seat, [], []))
            continue
        judge = reading.judge(seat.permohonan, seat)
        standing = [
            each
            for each in others.free_for(seat.slot)
            if not judge.bar(others.meeting(seat.slot, each))
        ]
        found = reading.offers(seat.permohonan, free[_sort_of(seat)], seat, judge)
        times = [each for each in found if not each.bar and not (away and away.covers(each))]
        touched = Touched(seat, standing, sorted(times, key=lambda each: _rank(seat, each))[:FEW])
        made.append(touched)
        if standing:
            others.reserve(seat.slot, standing[0])
            reading.take(seat.permohonan, others.meeting(seat.slot, standing[0]))
        elif touched.times:
            wanted = touched.times[0].public_id
            chosen = next(slot for slot in free[_sort_of(seat)] if slot.public_id == wanted)
            reading.take(seat.permohonan, chosen)
    return made


def _rank(seat: Booking, offer: Offer) -> tuple[bool, bool, bool]:
    """A colleague at the same hour, then the batch of the seat (the asesi need not be entered anew), then he himself.

    Sorting keeps the soonest first among equals.
    """
    return (
        offer.starts_at != seat.slot.starts_at,
        offer.jadwal_id != seat.slot.jadwal_id,
        offer.asesor_id == seat.slot.asesor_id,
    )


def _sort_of(seat: Booking) -> tuple[object, ...]:
    return seat.slot.kind, seat.permohonan.skema_version_id, seat.permohonan.mode


def _free(seats: Sequence[Booking], gone: set[int]) -> dict[tuple[object, ...], Sequence[Slot]]:
    """Other meetings of each kind, skema and mode that is asked for."""
    found: dict[tuple[object, ...], Sequence[Slot]] = {}
    for seat in seats:
        case = seat.permohonan
        if _sort_of(seat) not in found:
            query = offers.coming(seat.slot.kind, case.skema_version_id, case.mode)
            found[_sort_of(seat)] = db.session.scalars(
                query.where(Slot.id.not_in(gone), Slot.starts_at > clock.now())
            ).all()
    return found


def _owing(seats: Sequence[Booking]) -> set[int]:
    """Cases whose difference of the fee is not paid."""
    return set(
        db.session.scalars(
            select(Invoice.permohonan_id).where(
                Invoice.permohonan_id.in_([seat.permohonan_id for seat in seats]),
                Invoice.kind == InvoiceKind.SELISIH,
                Invoice.status == InvoiceStatus.OPEN,
            )
        )
    )


def candidates_for(slots: Sequence[Slot]) -> dict[int, list[Substitute]]:
    """By meeting (`Slot.id`): who is named in a batch that fits it, the batch of the meeting first.

    A batch, and so a surat tugas, must name him (workflow 3). Whether he has time is not asked here.
    """
    batches = db.session.scalars(
        select(Jadwal)
        .where(
            Jadwal.skema_version_id.in_({slot.jadwal.skema_version_id for slot in slots}),
            Jadwal.status.in_(schedule.OPEN),
            Jadwal.starts_on <= max(_day(slot) for slot in slots),
            Jadwal.ends_on >= min(_day(slot) for slot in slots),
        )
        .order_by(Jadwal.id)
        .options(joinedload(Jadwal.asesor_1), joinedload(Jadwal.asesor_2))
    ).all()
    return {slot.id: _named(slot, batches) for slot in slots}


def _named(slot: Slot, batches: Sequence[Jadwal]) -> list[Substitute]:
    found: dict[int, Substitute] = {}
    for jadwal in sorted(batches, key=lambda each: each.id != slot.jadwal_id):
        fits = (
            jadwal.skema_version_id == slot.jadwal.skema_version_id
            and jadwal.mode is slot.jadwal.mode
        )
        for asesor in (jadwal.asesor_1, jadwal.asesor_2):
            if fits and asesor and asesor.id != slot.asesor_id and asesor.disabled_at is None:
                found.setdefault(asesor.id, Substitute(asesor, jadwal))
    return list(found.values())


class _Substitutes:
    """Who may hold these meetings at their own time, by the rules for opening one (slot_rules)."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        self._named = candidates_for(slots)
        self._times = [(slot.starts_at, slot.ends_at) for slot in slots]
        self._calendars: dict[tuple[int, int], slot_rules.Calendar] = {}
        self._meetings: dict[tuple[int, int], Slot] = {}
        self._reserved: dict[tuple[int, int], Slot] = {}
        self.asesor_ids = {each.asesor.id for named in self._named.values() for each in named}

    def free_for(self, slot: Slot) -> list[Substitute]:
        return [
            each
            for each in self._named[slot.id]
            if (slot.id, each.asesor.id) in self._reserved
            or self._calendar(each).why_not(
                slot.starts_at, slot.ends_at, slot.capacity, on_holiday=True
            )
            is None
        ]

    def _calendar(self, who: Substitute) -> slot_rules.Calendar:
        key = (who.asesor.id, who.jadwal.id)
        if key not in self._calendars:
            made = slot_rules.around(who.jadwal, who.asesor, self._times, himself=False)
            for (_slot_id, asesor_id), slot in self._reserved.items():
                if asesor_id == who.asesor.id:
                    made.take(slot.starts_at, slot.ends_at, slot.capacity)
            self._calendars[key] = made
        return self._calendars[key]

    def meeting(self, slot: Slot, who: Substitute) -> Slot:
        """The meeting he would open: never stored, its number stands in no row."""
        key = (slot.id, who.asesor.id)
        if key not in self._meetings:
            self._meetings[key] = Slot(
                id=-1 - len(self._meetings),
                jadwal_id=who.jadwal.id,
                asesor_id=who.asesor.id,
                kind=slot.kind,
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
                capacity=slot.capacity,
                meeting_url="baru",  # opening it makes one
            )
        return self._meetings[key]

    def reserve(self, slot: Slot, who: Substitute) -> None:
        """It is proposed to somebody: his calendar has it from here on."""
        key = (slot.id, who.asesor.id)
        if key in self._reserved:
            return
        self._reserved[key] = slot
        for (asesor_id, _jadwal_id), calendar in self._calendars.items():
            if asesor_id == who.asesor.id:
                calendar.take(slot.starts_at, slot.ends_at, slot.capacity)


def _day(meeting: Slot | Offer) -> date:
    return meeting.starts_at.astimezone(clock.WIB).date()
