"""Workers killed with SIGKILL while invitations go out, and a mail server that is away for an hour.

Every calendar ends up with the meeting as it stands. What arrives twice is the same entry in the same edition, which
a calendar takes once.
"""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from lsp import clock, worker
from lsp.database import db
from lsp.models import Booking, Permohonan
from lsp.services import installation
from lsp.vocabulary import Channel, MeetingKind, PermohonanStatus
from tests.faults.test_outbox_kill import wait_until_all_done
from tests.support import outbox_app
from tests.support.calendars import (
    calendar_in,
    identity,
    instant,
    invite_both,
    mails_in,
    move_seat,
    one_event,
)
from tests.support.outbox_app import Sink, Store, free_port, in_app, smtp_server
from tests.support.outbox_worker import Workers
from tests.workflow.cases import hold_seat, make_cast, make_permohonan, seat_of

outbox_postgres, made_store, made_folder_store = outbox_app.FIXTURES
pytestmark = pytest.mark.both

#: What a calendar should end up with: (reader, UID) -> (SEQUENCE, start).
Truth = dict[tuple[str, str], tuple[int, datetime]]


class SlowSink(Sink):
    """Takes its time with each mail, so that a worker is killed while one is under way."""

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        time.sleep(0.02)
        return await super().handle_DATA(server, session, envelope)


def invited(count: int, *, starts_at: datetime) -> list[Permohonan]:
    """Cases with a seat each, and the mails about it written."""
    installation.prepare_database()
    db.session.commit()
    cast, cases = make_cast(), []
    for number in range(count):
        case = make_permohonan(PermohonanStatus.PAID, cast=cast)
        begins = starts_at + timedelta(hours=2 * number)
        hold_seat(case, MeetingKind.PRE_ASSESSMENT, cast, starts_at=begins)
        db.session.commit()
        db.session.expire_all()
        invite_both(case)
        cases.append(case)
    return cases


def move_every_third(cases: list[Permohonan]) -> None:
    for case in cases[::3]:
        seat = seat_of(case)
        move_seat(case, seat, seat.slot.starts_at + timedelta(days=40))
        invite_both(case)


def truth_of(cases: list[Permohonan]) -> Truth:
    truth: Truth = {}
    for number, case in enumerate(cases):
        db.session.refresh(case)
        seats = sorted(_seats(case), key=lambda seat: seat.id)
        edition = 0 if number % 3 else 2
        for person in (case.asesi, seats[-1].slot.asesor):
            uid = f"{seats[0].public_id}@localhost"
            truth[person.email, uid] = (edition, seats[-1].slot.starts_at)
    return truth


def _seats(case: Permohonan) -> list[Booking]:
    return list(db.session.query(Booking).filter_by(permohonan_id=case.id))


def calendars_after(sink: Sink) -> Truth:
    """What calendars hold that read these mails: of each entry the highest edition."""
    held: Truth = {}
    for mail in mails_in(sink):
        event = one_event(calendar_in(mail))
        uid, sequence = identity(event)
        key = (str(mail["To"]), uid)
        if sequence >= held.get(key, (-1,))[0]:
            held[key] = (sequence, instant(event.dtstart))
    return held


def test_killed_workers_lose_no_invitation_and_double_none(store: Store) -> None:
    chance, sink = random.Random(19), SlowSink()
    with in_app(store.config()):
        cases = invited(9, starts_at=datetime(2026, 12, 31, 16, 30, tzinfo=UTC))
        move_every_third(cases)
        truth = truth_of(cases)
    kills = 4
    with smtp_server(sink) as port:
        url = f"smtp://127.0.0.1:{port}"
        with Workers(store, url, lease_seconds=0.4) as workers:
            for number in range(kills):
                workers.start()
                deadline = time.monotonic() + 30
                while len(sink.taken) <= number and time.monotonic() < deadline:
                    time.sleep(0.002)
                time.sleep(chance.uniform(0, 0.03))
                assert workers.end(signal.SIGKILL) == -signal.SIGKILL
            with in_app(store.config()):  # reminders wait for their time
                db.session.execute(
                    db.text(
                        "update outbox_message set done_at = run_at"
                        " where kind = 'meeting_reminder' or channel <> 'mail'"
                    )
                )
                db.session.commit()
            workers.start()
            wait_until_all_done(store)
            assert workers.end(signal.SIGTERM) == 0
    assert calendars_after(sink) == truth
    arrived = Counter((mail["Message-ID"], calendar_in(mail)) for mail in mails_in(sink))
    assert len(arrived) == len(sink.ids), "sent again, a mail brings the same calendar"
    assert sum(arrived.values()) - len(arrived) <= kills
    once = {mail["Message-ID"]: mail for mail in mails_in(sink)}.values()
    told = Counter((mail["To"], *identity(one_event(calendar_in(mail)))) for mail in once)
    assert max(told.values()) == 1, "no entry has two mails in one edition"


def test_an_hour_without_a_mail_server(folder_store: Store) -> None:
    now = datetime(2026, 12, 30, 2, 0, tzinfo=UTC)
    sink = Sink()
    with time_machine.travel(now, tick=False) as travel:
        with in_app(folder_store.config(smtp_url=f"smtp://127.0.0.1:{free_port()}")) as app:
            cases = invited(6, starts_at=now + timedelta(days=2))
            for minute in range(60):
                travel.move_to(now + timedelta(minutes=minute))
                if minute == 30:
                    move_every_third(cases)
                    truth = truth_of(cases)
                drain_mails(app)
        travel.move_to(now + timedelta(minutes=60))
        with (
            smtp_server(sink) as port,
            in_app(folder_store.config(smtp_url=f"smtp://127.0.0.1:{port}")) as app,
        ):
            for minute in range(60, 130, 5):
                travel.move_to(now + timedelta(minutes=minute))
                drain_mails(app)
        assert clock.now() < now + timedelta(hours=3)
    assert calendars_after(sink) == truth
    assert len(sink.taken) == len(truth), "what was overtaken is not sent at all"


def drain_mails(app: Flask) -> None:
    """In a context of its own, because a worker lets go of its session."""
    with app.app_context():
        while worker.go_round(channels=(Channel.MAIL,)):
            pass
