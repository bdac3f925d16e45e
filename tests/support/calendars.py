"""Reading calendars with vobject, which knows nothing of the library that wrote them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
import vobject  # type: ignore[import-untyped]
from flask import Flask

from lsp import clock, worker
from lsp.actor import SYSTEM
from lsp.database import db, write_transaction
from lsp.models import Booking, OutboxMessage, Permohonan, User
from lsp.vocabulary import Channel, MeetingKind, Mode, PermohonanStatus
from lsp.workflow.effects import meeting
from tests.support.meetings import make_slot
from tests.support.outbox_app import Sink, smtp_server
from tests.workflow.cases import hold_seat, make_cast, make_permohonan
from tests.workflow.people import Cast

#: A Monday morning, and an hour that lies in two years in Indonesia.
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
NEW_YEAR = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
Post = Callable[[], list[EmailMessage]]


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


class Mailboxes:
    """What the calendar program behind each address holds: of every UID the greatest SEQUENCE, unless cancelled."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[int, bool, Any]] = {}

    def receive(self, mail: EmailMessage) -> None:
        """Take in the calendar of a mail, where it brings one."""
        if not any(part.get_content_type() == "text/calendar" for part in mail.walk()):
            return
        content = calendar_in(mail)
        event, cancels = one_event(content), read_calendar(content).method.value == "CANCEL"
        uid, sequence = identity(event)
        key = (str(mail["To"]), uid)
        if key not in self._known or sequence >= self._known[key][0]:
            self._known[key] = (sequence, cancels, event)

    def live(self, address: str) -> list[Any]:
        """The entries that stand in this person's calendar."""
        return [
            event
            for (to, _uid), (_sequence, cancels, event) in self._known.items()
            if to == address and not cancels
        ]


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


# --- Sending what is due ---------------------------------------------------------------------------------


@pytest.fixture(name="sink")
def sink_fixture() -> Sink:
    return Sink()


@pytest.fixture(name="post")
def post_fixture(app: Flask, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    """Sends what is due and gives the mails that arrived by it."""
    with smtp_server(sink) as port:
        over_smtp(app, monkeypatch, port)

        def send() -> list[EmailMessage]:
            before = len(sink.taken)
            deliver_due(app)
            return mails_in(sink)[before:]

        yield send


def over_smtp(app: Flask, monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    config = replace(app.config["LSP"], smtp_url=f"smtp://127.0.0.1:{port}")
    monkeypatch.setitem(app.config, "LSP", config)


def deliver_due(app: Flask) -> None:
    """As a worker does, in a context of its own: it lets go of its session again and again."""
    with app.app_context():
        while worker.go_round(channels=(Channel.MAIL,)):
            pass
    db.session.rollback()


@pytest.fixture(name="cast")
def cast_fixture(app: Flask) -> Cast:
    cast = make_cast()
    cast.asesor.zone = "Asia/Jayapura"
    db.session.commit()
    return cast


def meeting_at(
    cast: Cast, starts_at: datetime, *, mode: Mode = Mode.DARING, zone: str = "Asia/Jakarta"
) -> tuple[Permohonan, Booking]:
    case = make_permohonan(PermohonanStatus.PAID, cast=cast, mode=mode)
    case.asesi.zone = zone
    seat = hold_seat(case, MeetingKind.PRE_ASSESSMENT, cast, starts_at=starts_at)
    db.session.commit()
    db.session.expire_all()
    return case, seat


def to(mails: list[EmailMessage], person: User) -> EmailMessage:
    [found] = [each for each in mails if each["To"] == person.email]
    return found


def give_up(case: Permohonan) -> None:
    with write_transaction():
        meeting.free_seat(db.session.merge(case), SYSTEM, "Asesor sakit.")
    db.session.expire_all()


def rows(kind: str) -> list[OutboxMessage]:
    return db.session.query(OutboxMessage).filter_by(kind=kind).order_by(OutboxMessage.id).all()


#: To be imported by a test file, which makes them known to pytest there.
FIXTURES = (sink_fixture, post_fixture, cast_fixture)
