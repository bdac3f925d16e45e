"""Reading calendars with vobject, which knows nothing of the library that wrote them."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import vobject  # type: ignore[import-untyped]

from lsp import clock
from lsp.actor import SYSTEM
from lsp.database import db, write_transaction
from lsp.models import Booking, Permohonan, User
from lsp.workflow.effects import meeting
from tests.support.meetings import make_slot
from tests.support.outbox_app import Sink


def read_calendar(content: bytes) -> Any:
    """The one calendar of a file, its lines checked on the way."""
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 75
    return vobject.readOne(content.decode())


def events_of(content: bytes) -> list[Any]:
    return list(read_calendar(content).contents.get("vevent", []))


def one_event(content: bytes) -> Any:
    [event] = events_of(content)
    return event


def instant(line: Any) -> datetime:
    """A DTSTART or DTEND in UTC, by the VTIMEZONE that the file itself brings."""
    moment: datetime = line.value
    assert moment.tzinfo is not None
    return moment.astimezone(UTC)


def identity(event: Any) -> tuple[str, int]:
    """(UID, SEQUENCE): what a calendar keeps apart and what it puts in order."""
    return event.uid.value, int(event.sequence.value)


def mails_in(sink: Sink) -> list[EmailMessage]:
    return [message_from_bytes(each, policy=policy.default) for each in sink.taken]


def calendar_in(mail: EmailMessage) -> bytes:
    """The calendar among the alternatives of a mail."""
    [part] = [each for each in mail.walk() if each.get_content_type() == "text/calendar"]
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def move_seat(
    case: Permohonan, seat: Booking, starts_at: datetime, *, asesor: User | None = None
) -> Booking:
    """Give a seat's place to a new one in another meeting, as a move does; committed, nobody told."""
    slot = make_slot(asesor or seat.slot.asesor, jadwal=seat.slot.jadwal, starts_at=starts_at)
    with write_transaction():
        db.session.merge(seat).cancelled_at = clock.now()
        db.session.flush()
        taken = Booking(
            slot_id=slot.id,
            seat=1,
            permohonan_id=case.id,
            peserta_id=seat.peserta_id,
            attempt=seat.attempt,
            booked_by_id=case.asesi_id,
            moved_from_id=seat.id,
        )
        db.session.add(taken)
    db.session.expire_all()
    return taken


def invite_both(case: Permohonan) -> None:
    """Write the mails about the seat that the case holds now."""
    with write_transaction():
        meeting.invite(db.session.merge(case), SYSTEM, "")
    db.session.expire_all()
