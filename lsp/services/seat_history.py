"""The seats of a case as a story: which step of the history took or gave up which, by whom and why. Reading only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import select

from lsp.database import db
from lsp.models import Booking, Permohonan, PermohonanEvent, User
from lsp.workflow.dossier import dossier_of
from lsp.workflow.seats import BOOKS, CANCELS

_TAKES = frozenset(name for _kind, name in BOOKS.values())
_GIVES_UP = frozenset(CANCELS.values())


class Step(Protocol):
    """What is read of a line of the history."""

    @property
    def id(self) -> int: ...
    @property
    def transition(self) -> str: ...


@dataclass(frozen=True, slots=True)
class SeatStep:
    """The seat that a step took or gave up; other: whose place it took, or which took its place."""

    booking: Booking
    other: Booking | None = None

    @property
    def moved(self) -> bool:
        return self.other is not None

    @property
    def handed_over(self) -> bool:
        """Another asesor holds the meeting at the same time: for the asesi nothing has moved."""
        return self.other is not None and is_handed_over(self.booking, self.other)


def is_handed_over(one: Booking, other: Booking) -> bool:
    """Whether two seats, of which one took the place of the other, differ in the asesor and not in the time."""
    return one.slot.starts_at == other.slot.starts_at and one.slot.asesor_id != other.slot.asesor_id


def seats_by_event(permohonan: Permohonan, events: Iterable[Step]) -> dict[int, SeatStep]:
    """Id of an event -> its seat. Each seat is taken by one step and given up by at most one, in the same order.

    The seats are read only where a step speaks of one.
    """
    steps = sorted(
        (step for step in events if step.transition in _TAKES | _GIVES_UP), key=lambda step: step.id
    )
    if not steps:
        return {}
    bookings = dossier_of(permohonan).bookings
    takes = [step.id for step in steps if step.transition in _TAKES]
    gives = [step.id for step in steps if step.transition in _GIVES_UP]
    by_id = {row.id: row for row in bookings}
    left_for = {row.moved_from_id: row for row in bookings if row.moved_from_id is not None}
    given_up = sorted(
        (row for row in bookings if row.cancelled_at is not None),
        key=lambda row: (row.cancelled_at, row.id),
    )
    found: dict[int, SeatStep] = {}
    # From the newest back: a seat without a step (brought in with an old case) stands before those with one.
    for event_id, row in zip(reversed(takes), reversed(bookings), strict=False):
        found[event_id] = SeatStep(row, by_id.get(row.moved_from_id or 0))
    if len(gives) <= len(given_up):  # who left the case gave his seat up by another step, the last
        for event_id, row in zip(gives, given_up, strict=False):
            found[event_id] = SeatStep(row, left_for.get(row.id))
    return found


@dataclass(frozen=True, slots=True)
class SeatLine:
    """One seat: who took it when, and what became of it, by whom and why."""

    booking: Booking
    taken_by: str
    state: str
    ended_at: datetime | None
    ended_by: str
    reason: str


def lines_of(permohonan: Permohonan) -> list[SeatLine]:
    """Every seat of the case, newest first; one query beside the dossier's."""
    bookings = dossier_of(permohonan).bookings
    if not bookings:
        return []
    events = db.session.execute(
        select(PermohonanEvent.id, PermohonanEvent.transition, User.name)
        .outerjoin(User, User.id == PermohonanEvent.actor_id)
        .where(
            PermohonanEvent.permohonan_id == permohonan.id,
            PermohonanEvent.transition.in_(_TAKES | _GIVES_UP),
        )
    ).all()
    who = {row.id: row.name or "Sistem" for row in events}
    by: dict[tuple[int, bool], str] = {}
    steps = seats_by_event(permohonan, events)
    for row in events:
        step = steps.get(row.id)
        if step is not None:
            by[step.booking.id, row.transition in _TAKES] = who[row.id]
    moved_on = {row.moved_from_id: row for row in bookings if row.moved_from_id is not None}
    people = _bookers([row for row in bookings if (row.id, True) not in by])
    return [
        SeatLine(
            booking=row,
            taken_by=by.get((row.id, True)) or people.get(row.booked_by_id, ""),
            state=_state(row, moved_on.get(row.id)),
            ended_at=row.cancelled_at or row.closed_at,
            ended_by=by.get((row.id, False), "") if row.cancelled_at else "",
            reason=row.cancel_reason,
        )
        for row in reversed(bookings)
    ]


def _bookers(bookings: Sequence[Booking]) -> dict[int, str]:
    """Names for seats that no step speaks of."""
    ids = {row.booked_by_id for row in bookings}
    if not ids:
        return {}
    return {row.id: row.name for row in db.session.scalars(select(User).where(User.id.in_(ids)))}


def _state(row: Booking, instead: Booking | None) -> str:
    if row.cancelled_at is not None and instead is not None:
        return "asesor diganti" if is_handed_over(row, instead) else "dipindahkan"
    if row.cancelled_at is not None:
        return "dibatalkan"
    if row.closed_at is None:
        return "terjadwal"
    absent = row.record.absent_party if row.record is not None else ""
    return f"{absent} tidak hadir" if absent else "selesai"
