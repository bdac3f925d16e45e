"""Going into a meeting: from when to when its link shows, to whom, and the time each went in (workflow 3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Booking, MeetingJoin, Slot
from lsp.models.inforce import setting
from lsp.services import audit, observing
from lsp.services.meetings import TICKS
from lsp.vocabulary import Mode

#: How long after its end a meeting may still be waited in, or come back to.
LINGERS = timedelta(hours=2)
FACE_TO_FACE = "Rapat ini tatap muka, jadi tidak punya tautan."
NO_LINK = "Tautan rapat ini belum diisi. Hubungi admin LSP."
OVER = "Rapat ini sudah selesai, jadi tautannya ditutup."
#: Presses of one person that follow each other so closely are one.
_ONE_PRESS = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class JoinWindow:
    """From when to when the link of a meeting shows; the setting is read once for a page full of meetings."""

    before: timedelta

    def opens_at(self, slot: Slot) -> datetime:
        return slot.starts_at - self.before

    def begins_early(self, seat: Booking) -> bool:
        """Whether the first tick of this meeting would come before its way in opens; a tick answers that for good."""
        ticked = seat.record is not None and any(
            getattr(seat.record, column) is not None for column, _words in TICKS.values()
        )
        return not ticked and clock.now() < self.opens_at(seat.slot)

    def closes_at(self, seat: Booking) -> datetime:
        """The end; a meeting that was begun and not ended yet may be come back to for a while."""
        record = seat.record
        running = record is not None and record.started_at is not None and record.ended_at is None
        return seat.slot.ends_at + (LINGERS if running else timedelta())

    def refusal(self, seat: Booking) -> str | None:
        """Why nobody can go in now, in a sentence; None when the door is open."""
        slot = seat.slot
        if slot.jadwal.mode is not Mode.DARING:
            return FACE_TO_FACE
        if seat.cancelled_at is not None:
            return "Rapat ini sudah dibatalkan."
        if not slot.meeting_url:
            return NO_LINK
        early = self.too_early(slot.starts_at)
        if early is not None:
            return early
        ended = seat.record is not None and seat.record.ended_at is not None
        if ended or seat.closed_at is not None or clock.now() > self.closes_at(seat):
            return OVER
        return None

    def too_early(self, starts_at: datetime) -> str | None:
        """Why nobody can go in yet, of a meeting that begins then."""
        if clock.now() < starts_at - self.before:
            return (
                f"Tautan rapat terbuka {self.before // timedelta(minutes=1)} menit sebelum mulai."
            )
        return None


def window() -> JoinWindow:
    return JoinWindow(timedelta(minutes=int(setting("online_link_minutes_before"))))


def party_of(actor: Actor, seat: Booking) -> str | None:
    """As whom this person is invited to the meeting; None when he is not."""
    jadwal = seat.slot.jadwal
    if actor.id == seat.permohonan.asesi_id:
        return "asesi"
    if actor.id in (seat.slot.asesor_id, jadwal.asesor_2_id):
        return "asesor"
    return "penyelia" if observing.is_named_for(actor, seat.slot) else None


def enter(actor: Actor, seat: Booking, *, door: str) -> str:
    """Note that he goes in now, and tell the address of the room. Raises DomainError with a sentence.

    door: the party whose page he comes from; each page lets in its own alone.
    """
    party = party_of(actor, seat)
    if party != door or actor.id is None:
        raise DomainError("Anda tidak diundang ke rapat ini.")
    refusal = window().refusal(seat)
    if refusal is not None:
        raise DomainError(refusal)
    if party == "asesi" and seat.permohonan.mode_agreed_at is not None:
        raise DomainError(
            "Anda setuju ganti cara asesmen, jadi rapat ini tidak dilanjutkan. Batalkan dulu persetujuan itu bila "
            "Anda ingin mengikutinya."
        )
    last = db.session.scalar(
        select(MeetingJoin.at)
        .where(MeetingJoin.booking_id == seat.id, MeetingJoin.user_id == actor.id)
        .order_by(MeetingJoin.id.desc())
        .limit(1)
    )
    if last is None or clock.now() - last > _ONE_PRESS:
        db.session.add(MeetingJoin(booking_id=seat.id, user_id=actor.id, party=party))
        audit.note(actor, "meeting.join", "booking", seat.public_id)
        db.session.flush()
    return seat.slot.meeting_url


def joins_of(seats: Iterable[Booking]) -> dict[int, list[MeetingJoin]]:
    """Who went in when, by meeting (`Booking.id`), oldest first."""
    found: dict[int, list[MeetingJoin]] = {}
    rows: Sequence[MeetingJoin] = db.session.scalars(
        select(MeetingJoin)
        .where(MeetingJoin.booking_id.in_([seat.id for seat in seats]))
        .order_by(MeetingJoin.id)
        .options(joinedload(MeetingJoin.user))
    ).all()
    for row in rows:
        found.setdefault(row.booking_id, []).append(row)
    return found
