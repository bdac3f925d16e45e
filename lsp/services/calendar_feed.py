"""The address an asesor's own calendar program reads his meetings from: making, replacing, ending, answering.

Whoever holds the address reads the meetings, so it is a secret of 256 bits, shown once, and only its digest is kept.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select

from lsp import clock, ids
from lsp.actor import Actor
from lsp.database import db, is_writing
from lsp.models import Booking, CalendarFeed, Slot, User, UserRole
from lsp.papers.calendar_file import Method, published
from lsp.services import audit, calendars
from lsp.services.calendars import Seat
from lsp.vocabulary import Role

#: From how long ago, and how far ahead; a cancelled meeting stays as long, so that every program has seen it go.
PAST, AHEAD = timedelta(days=30), timedelta(days=180)
#: Past this the later ones are left out: some 280 kB.
MOST = 500
#: Raised when the same seats are drawn otherwise, so that programs fetch them anew.
_DRAWING = "1"


@dataclass(frozen=True, slots=True)
class FeedOwner:
    """Whose meetings an address gives, and in which zone."""

    user_id: int
    zone: str


def standing(user_id: int) -> CalendarFeed | None:
    """The address that works now; in a unit of work it is held, so that two renewals take turns."""
    query = select(CalendarFeed).filter_by(user_id=user_id, ended_at=None)
    return db.session.scalar(query.with_for_update() if is_writing() else query)


def renew(actor: Actor) -> str:
    """A new token; the address before it is dead from now on."""
    end(actor, noted=False)
    token = ids.secret_token()
    db.session.add(CalendarFeed(user_id=actor.id, token_digest=ids.digest(token)))
    db.session.flush()
    audit.note(actor, "calendar_feed.make", "user", actor.public_id)
    return token


def end(actor: Actor, *, noted: bool = True) -> None:
    """The address leads nowhere any more; again changes nothing."""
    feed = standing(actor.id or 0)
    if feed is None:
        return
    feed.ended_at = clock.now()
    db.session.flush()
    if noted:
        audit.note(actor, "calendar_feed.end", "user", actor.public_id)


def owner_of(token: str) -> FeedOwner | None:
    """Whose address it is, while he is an asesor. Looked up by digest: no comparison tells how much was right."""
    row = db.session.execute(
        select(User.id, User.zone)
        .join(CalendarFeed, CalendarFeed.user_id == User.id)
        .join(UserRole, UserRole.user_id == User.id)
        .where(
            CalendarFeed.token_digest == ids.digest(token),
            CalendarFeed.ended_at.is_(None),
            User.disabled_at.is_(None),
            UserRole.role == Role.ASESOR,
        )
    ).one_or_none()
    return FeedOwner(*row) if row is not None else None


def seats_of(owner: FeedOwner) -> list[Seat]:
    """The asesor's meetings, each once: of one that was moved its last seat with him. Two queries."""
    now = clock.now()
    found = calendars.seats_where(
        Slot.asesor_id == owner.user_id,
        Slot.starts_at > now - PAST,
        Slot.starts_at < now + AHEAD,
        or_(Booking.cancelled_at.is_(None), Booking.cancelled_at > now - PAST),
        limit=MOST,
    )
    last: dict[str, Seat] = {}
    for seat in found:
        if seat.first not in last or seat.moves > last[seat.first].moves:
            last[seat.first] = seat
    return sorted(last.values(), key=lambda seat: (seat.starts_at, seat.booking_id))


def edition(owner: FeedOwner, seats: list[Seat], base_url: str) -> str:
    """The same for the same meetings: what a program names to be told that nothing is new. Far cheaper than drawing."""
    facts = repr((_DRAWING, base_url, owner, seats))
    return hashlib.sha256(facts.encode()).hexdigest()[:32]


def drawn(owner: FeedOwner, seats: list[Seat], base_url: str) -> bytes:
    return published(
        [
            calendars.event_for(
                seat,
                Role.ASESOR,
                base_url=base_url,
                method=Method.CANCEL if seat.cancelled_at else Method.PUBLISH,
            )
            for seat in seats
        ],
        zone=owner.zone,
        name="Rapat asesor",
    )
