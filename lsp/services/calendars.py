"""Meetings for people's own calendars: which entry a seat is, what its reader may know of it, what has overtaken it.

A meeting that was moved stays one entry: its name (UID) comes from the first seat of the chain, its edition
(SEQUENCE) rises with each move and again when it is cancelled. Text only; the lines are papers/calendar_file.py.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Select, literal, select
from sqlalchemy.orm import aliased

from lsp import clock
from lsp.database import db
from lsp.models import Booking, Jadwal, Permohonan, SkemaVersion, Slot, Tuk, User
from lsp.papers.calendar_file import CalendarEvent, Method
from lsp.vocabulary import MeetingKind, Mode, Role

#: What a mail does to a calendar; a kind that is not here brings none.
METHOD_OF = {
    "meeting_invitation": Method.REQUEST,
    "meeting_invitation_asesor": Method.REQUEST,
    "meeting_moved": Method.REQUEST,
    "meeting_moved_asesor": Method.REQUEST,
    "meeting_cancelled": Method.CANCEL,
}
REMINDER = "meeting_reminder"
#: A page of a reader's own for a meeting; the meeting room stands behind it (tests hold these to the routes).
PAGES = {
    Role.ASESI: "/asesi/permohonan/{}/rapat",
    Role.ASESOR: "/asesor/permohonan/{}",
    Role.ADMIN: "/admin/permohonan/{}",
}


@dataclass(frozen=True, slots=True)
class Seat:
    """A booked seat in plain values, with its place in the chain of moves."""

    booking_id: int
    public_id: str
    booked_at: datetime
    cancelled_at: datetime | None
    closed_at: datetime | None
    kind: MeetingKind
    starts_at: datetime
    ends_at: datetime
    asesor_id: int
    asesor_name: str
    mode: Mode
    place: str
    address: str
    case_id: str
    asesi_id: int
    asesi_name: str
    skema: str
    #: Public id of the first seat of the chain, and how often the meeting has moved since.
    first: str
    moves: int

    def sequence(self, method: Method) -> int:
        """Greater for each move, and for a cancellation than for what it cancels."""
        return 2 * self.moves + (1 if method is Method.CANCEL else 0)


def seat_of(booking_id: str) -> Seat | None:
    """The seat of that public id. Two queries."""
    found = _seats(_COLUMNS.where(Booking.public_id == booking_id))
    return found[0] if found else None


def standing_seat(permohonan_id: int) -> Seat | None:
    """The seat the case holds now. Two queries."""
    return next(
        iter(
            _seats(
                _COLUMNS.where(
                    Permohonan.id == permohonan_id,
                    Booking.cancelled_at.is_(None),
                    Booking.closed_at.is_(None),
                )
            )
        ),
        None,
    )


def seats_where(*conditions: ColumnElement[bool], limit: int) -> list[Seat]:
    """Seats that meet conditions on Booking and Slot, soonest first. Two queries."""
    query = _COLUMNS.where(*conditions).order_by(Slot.starts_at, Booking.id).limit(limit)
    return _seats(query)


def event_for(
    seat: Seat, reader: Role, *, base_url: str, method: Method = Method.REQUEST
) -> CalendarEvent:
    """The seat as the calendar of its asesi, its asesor or the admin shows it: nothing that their mails do not say."""
    url = base_url + PAGES[reader].format(seat.case_id)
    remote = seat.mode is Mode.DARING
    return CalendarEvent(
        uid=f"{seat.first}@{urlsplit(base_url).hostname or 'portal'}",
        sequence=seat.sequence(method),
        starts_at=seat.starts_at,
        ends_at=seat.ends_at,
        summary=f"{seat.kind.label}: {seat.skema if reader is Role.ASESI else seat.asesi_name}",
        description="\n".join(_description(seat, reader, remote=remote, url=url)),
        location="Jarak jauh, lewat portal LSP" if remote else _door(seat),
        url=url,
        changed_at=seat.cancelled_at or seat.booked_at,
        cancelled=method is Method.CANCEL,
    )


def _description(seat: Seat, reader: Role, *, remote: bool, url: str) -> list[str]:
    lines = [f"Skema: {seat.skema}"]
    if reader is not Role.ASESI:
        lines.append(f"Asesi: {seat.asesi_name}")
    if reader is not Role.ASESOR:
        lines.append(f"Asesor: {seat.asesor_name}")
    if remote:
        lines.append("Jarak jauh. Tautan rapat tampil di portal menjelang jam mulai.")
    elif reader is Role.ASESI:
        lines.append("Tatap muka. Bawa KTP asli.")
    else:
        lines.append("Tatap muka.")
    return [*lines, url]


def _door(seat: Seat) -> str:
    address = ", ".join(seat.address.split("\n")).replace("\r", "")
    return ", ".join(each for each in (seat.place, address) if each)


def overtaken(kind: str, seat: Seat, *, hours: int = 0, nearer: Collection[int] = ()) -> str:
    """Why a mail of this kind about this seat should not go any more, in a few words for the log; "" when it should.

    hours, nearer: of a reminder, how long before the meeting it was meant for and which others there are.
    """
    if METHOD_OF.get(kind) is Method.CANCEL:
        return ""  # late or not, it is true
    if seat.cancelled_at is not None:
        return "the seat was given back or moved"
    if seat.closed_at is not None or seat.ends_at <= clock.now():
        return "the meeting is over"
    if kind != REMINDER:
        return ""
    left = (seat.starts_at - clock.now()).total_seconds() / 3600
    if left <= 0:
        return "the meeting has begun"
    return "a later reminder is due" if any(left <= each < hours for each in nearer) else ""


_ASESOR = aliased(User)
_COLUMNS: Any = (
    select(
        Booking.id,
        Booking.public_id,
        Booking.created_at,
        Booking.cancelled_at,
        Booking.closed_at,
        Slot.kind,
        Slot.starts_at,
        Slot.ends_at,
        Slot.asesor_id,
        _ASESOR.name,
        Jadwal.mode,
        Tuk.name,
        Tuk.address,
        Permohonan.public_id,
        Permohonan.asesi_id,
        Permohonan.asesi_name,
        SkemaVersion.title,
    )
    .join(Slot, Slot.id == Booking.slot_id)
    .join(Jadwal, Jadwal.id == Slot.jadwal_id)
    .join(Tuk, Tuk.id == Jadwal.tuk_id)
    .join(_ASESOR, _ASESOR.id == Slot.asesor_id)
    .join(Permohonan, Permohonan.id == Booking.permohonan_id)
    .join(SkemaVersion, SkemaVersion.id == Permohonan.skema_version_id)
)


def _seats(query: Select[Any]) -> list[Seat]:
    rows: Sequence[Any] = db.session.execute(query).all()
    chains = _chains([row[0] for row in rows])
    return [Seat(*(*row, *chains[row[0]])) for row in rows]


def _chains(booking_ids: Collection[int]) -> dict[int, tuple[str, int]]:
    """Of each seat the first of its chain and how many moves lie between, in one query."""
    if not booking_ids:
        return {}
    chain = (
        select(
            Booking.id.label("seat"),
            Booking.public_id.label("first"),
            Booking.moved_from_id.label("before"),
            literal(0).label("moves"),
        )
        .where(Booking.id.in_(booking_ids))
        .cte("chain", recursive=True)
    )
    earlier = aliased(Booking)
    chain = chain.union_all(
        select(chain.c.seat, earlier.public_id, earlier.moved_from_id, chain.c.moves + 1).join(
            earlier, earlier.id == chain.c.before
        )
    )
    rows = db.session.execute(
        select(chain.c.seat, chain.c.first, chain.c.moves).where(chain.c.before.is_(None))
    )
    return {row.seat: (row.first, row.moves) for row in rows}
