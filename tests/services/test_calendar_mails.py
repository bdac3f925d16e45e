"""Invitations as mail servers and calendars get them: parts, one entry from first seat to cancellation, late ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from flask import Flask, url_for

from lsp.database import db, write_transaction
from lsp.gateways.mail import render_html
from lsp.services import calendars
from lsp.services.calendars import METHOD_OF
from lsp.services.outbox_words import fault_of
from lsp.vocabulary import MeetingKind, Mode, Role
from tests.services.test_mail_times import FACTS
from tests.support.calendars import (
    FIXTURES,
    MONDAY,
    NEW_YEAR,
    Post,
    calendar_in,
    deliver_due,
    give_up,
    identity,
    instant,
    invite_both,
    mails_in,
    meeting_at,
    move_seat,
    one_event,
    over_smtp,
    read_calendar,
    rows,
    to,
)
from tests.support.outbox_app import Sink, free_port, smtp_server
from tests.workflow.cases import hold_seat, make_cast
from tests.workflow.people import Cast

made_sink, made_post, made_cast = FIXTURES


class TestParts:
    def test_an_invitation_is_text_html_calendar_and_file(self, cast: Cast, post: Post) -> None:
        with time_machine.travel(MONDAY):
            case, _ = meeting_at(cast, NEW_YEAR)
            invite_both(case)
            mail = to(post(), case.asesi)
        assert [part.get_content_type() for part in mail.walk()] == [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "text/calendar",
            "application/ics",
        ]
        [calendar] = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
        assert calendar.get_param("method") == "REQUEST"
        assert calendar.get_content_charset() == "utf-8"
        [file] = mail.iter_attachments()
        assert file.get_filename() == "undangan.ics"
        assert file.get_content() == calendar_in(mail)

    def test_the_html_says_what_the_text_says_and_leads_to_the_readers_page(
        self, cast: Cast, post: Post
    ) -> None:
        with time_machine.travel(MONDAY):
            case, _ = meeting_at(cast, NEW_YEAR)
            case.asesi_name = "<b>Siti & Co</b> http://hadiah.example"
            db.session.commit()
            invite_both(case)
            mails = post()
        html = to(mails, case.asesi).get_body(("html",)).get_content()  # type: ignore[union-attr]
        text = to(mails, case.asesi).get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert "&lt;b&gt;Siti &amp; Co&lt;/b&gt;" in html
        assert 'href="http://hadiah' not in html
        page = url_for("asesi.meeting", permohonan_id=case.public_id, _external=True)
        assert f'class="go" href="{page}"' in html
        assert "pukul 23.30 WIB" in html
        assert "pukul 23.30 WIB" in text
        staff = to(mails, cast.asesor).get_body(("html",)).get_content()  # type: ignore[union-attr]
        page = url_for("asesor.permohonan", permohonan_id=case.public_id, _external=True)
        assert f'class="go" href="{page}"' in staff

    @pytest.mark.parametrize("typed", ["{}.jahat.example/masuk", "{}@jahat.example/x", "{}/masuk"])
    def test_what_people_type_never_becomes_a_link(self, app: Flask, typed: str) -> None:
        base_url = app.config["LSP"].base_url
        address = typed.format(base_url)
        context = FACTS | {
            "zone": "Asia/Jakarta",
            "name": "Siti Contoh", "base_url": base_url, "lembaga_name": f"LSP {address}", "home_zone": "",
            "reason": f"Buka {address} sekarang.",
        }  # fmt: skip
        html = BeautifulSoup(
            render_html("meeting_cancelled", context, url=f"{base_url}/x", label="Buka"),
            "html.parser",
        )
        assert f"Buka {address} sekarang." in html.get_text()
        found = [link["href"] for link in html.find_all("a")]
        assert found == [f"{base_url}/masuk", f"{base_url}/x", base_url]
        assert all(link.get_text() in (link["href"], "Buka") for link in html.find_all("a"))

    def test_a_mail_about_no_meeting_stays_plain(self, cast: Cast, post: Post) -> None:
        from lsp.models.queue import add_mail

        with write_transaction():
            add_mail(db.session.merge(cast.asesor), "password_changed", dedupe="x")
        [mail] = post()
        assert mail.get_content_type() == "text/plain"

    def test_sent_again_it_is_the_same_mail(
        self, cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sins = iter(["cut", "ok", "ok"])
        sink = Sink(lambda: next(sins))
        with smtp_server(sink) as port, time_machine.travel(MONDAY, tick=False) as now:
            over_smtp(app, monkeypatch, port)
            case, _ = meeting_at(cast, NEW_YEAR)
            invite_both(case)
            deliver_due(app)
            now.shift(timedelta(minutes=5))
            deliver_due(app)
        twice = [each for each in mails_in(sink) if sink.ids[each["Message-ID"]] == 2]
        assert len(twice) == 2
        assert calendar_in(twice[0]) == calendar_in(twice[1])


class TestWhatACalendarIsTold:
    def test_each_reader_his_own_hour_and_the_same_instant(self, cast: Cast, post: Post) -> None:
        with time_machine.travel(MONDAY):
            case, seat = meeting_at(cast, NEW_YEAR, zone="Asia/Makassar")
            invite_both(case)
            mails = post()
        own, staff = (calendar_in(to(mails, each)) for each in (case.asesi, cast.asesor))
        assert b"DTSTART;TZID=Asia/Makassar:20270101T003000" in own
        assert b"DTSTART;TZID=Asia/Jayapura:20270101T013000" in staff
        for content in (own, staff):
            assert instant(one_event(content).dtstart) == NEW_YEAR
            assert instant(one_event(content).dtend) == seat.slot.ends_at

    def test_nobody_elses_address_and_no_meeting_room(self, cast: Cast, post: Post) -> None:
        with time_machine.travel(MONDAY):
            case, seat = meeting_at(cast, NEW_YEAR)
            invite_both(case)
            mails = post()
        room = seat.slot.meeting_url.encode()
        assert room
        for reader, other in ((case.asesi, cast.asesor), (cast.asesor, case.asesi)):
            content = calendar_in(to(mails, reader)).replace(b"\r\n ", b"")
            assert f"mailto:{reader.email}".encode() in content
            assert other.email.encode() not in content
            assert room not in content
        assert (
            f"Asesor: {cast.asesor.name}"
            in one_event(calendar_in(to(mails, case.asesi))).description.value
        )
        event = one_event(calendar_in(to(mails, cast.asesor)))
        assert event.summary.value == f"Pra-asesmen: {case.asesi_name}"

    def test_luring_names_the_door(self, cast: Cast, post: Post) -> None:
        with time_machine.travel(MONDAY):
            case, seat = meeting_at(cast, NEW_YEAR, mode=Mode.LURING)
            seat.slot.jadwal.tuk.address = "Jl. Rekaan No. 7;\r\nKota Contoh"
            db.session.commit()
            invite_both(case)
            event = one_event(calendar_in(to(post(), case.asesi)))
        assert (
            event.location.value == f"{seat.slot.jadwal.tuk.name}, Jl. Rekaan No. 7;, Kota Contoh"
        )
        assert "Bawa KTP asli." in event.description.value

    def test_from_request_over_moves_to_cancel_it_is_one_entry_that_rises(
        self, cast: Cast, post: Post
    ) -> None:
        with time_machine.travel(MONDAY, tick=False) as now:
            case, seat = meeting_at(cast, NEW_YEAR)
            invite_both(case)
            told = post()
            first = seat.public_id
            for hours in (2, -400):  # into the new year, and back
                now.shift(60)
                seat = move_seat(case, seat, NEW_YEAR + timedelta(hours=hours))
                invite_both(case)
                told += post()
            give_up(case)
            told += post()
        for person in (case.asesi, cast.asesor):
            contents = [calendar_in(each) for each in told if each["To"] == person.email]
            events = [one_event(content) for content in contents]
            assert {event.uid.value for event in events} == {f"{first}@localhost"}
            assert [int(event.sequence.value) for event in events] == [0, 2, 4, 5]
            assert [read_calendar(each).method.value for each in contents] == ["REQUEST"] * 3 + [
                "CANCEL"
            ]
            assert [instant(event.dtstart) for event in events][1] == NEW_YEAR + timedelta(hours=2)
            assert events[-1].status.value == "CANCELLED"

    def test_booked_anew_after_a_cancellation_it_is_another_entry(
        self, cast: Cast, post: Post
    ) -> None:
        with time_machine.travel(MONDAY):
            case, seat = meeting_at(cast, NEW_YEAR)
            give_up(case)
            again = hold_seat(
                case, MeetingKind.PRE_ASSESSMENT, cast, starts_at=NEW_YEAR + timedelta(days=1)
            )
            db.session.commit()
            db.session.expire_all()
            invite_both(case)
            uids = {one_event(calendar_in(each)).uid.value for each in post()}
        assert uids == {f"{seat.public_id}@localhost", f"{again.public_id}@localhost"}

    def test_the_asesor_it_moved_away_from_loses_the_entry_and_may_get_it_back(
        self, cast: Cast, app: Flask
    ) -> None:
        case, seat = meeting_at(cast, NEW_YEAR)
        away = move_seat(case, seat, NEW_YEAR + timedelta(days=1), asesor=make_cast().asesor)
        back = move_seat(case, away, NEW_YEAR + timedelta(days=2), asesor=cast.asesor)
        old, new = calendars.seat_of(seat.public_id), calendars.seat_of(back.public_id)
        assert old is not None
        assert new is not None
        cancel, request = METHOD_OF["meeting_cancelled"], METHOD_OF["meeting_moved"]
        assert old.sequence(request) < old.sequence(cancel) < new.sequence(request)
        assert old.first == new.first


class TestLate:
    """The server was away; what is told when it is back must still be true."""

    @pytest.fixture
    def down(self, app: Flask) -> Callable[[], None]:
        """A try to send while nobody answers."""

        def attempt() -> None:
            with pytest.MonkeyPatch.context() as patch:
                over_smtp(app, patch, free_port())
                deliver_due(app)

        return attempt

    def test_an_invitation_to_a_seat_given_back_meanwhile_is_not_sent(
        self, cast: Cast, post: Post, down: Callable[[], None]
    ) -> None:
        with time_machine.travel(MONDAY, tick=False) as now:
            case, _ = meeting_at(cast, NEW_YEAR)
            invite_both(case)
            down()
            now.shift(timedelta(minutes=30))
            give_up(case)
            down()
            now.shift(timedelta(hours=1))
            mails = post()
        assert {read_calendar(calendar_in(each)).method.value for each in mails} == {"CANCEL"}
        for row in rows("meeting_invitation") + rows("meeting_invitation_asesor"):
            assert (row.done_how, row.error) == (
                "cancelled",
                "Overtaken: the seat was given back or moved",
            )
            assert fault_of(row.error).startswith("Tidak dikirim: ")

    def test_of_a_meeting_that_moved_meanwhile_only_the_new_time_is_told(
        self, cast: Cast, post: Post, down: Callable[[], None]
    ) -> None:
        with time_machine.travel(MONDAY, tick=False) as now:
            case, seat = meeting_at(cast, NEW_YEAR)
            invite_both(case)
            down()
            now.shift(timedelta(minutes=30))
            move_seat(case, seat, NEW_YEAR + timedelta(days=3))
            invite_both(case)
            now.shift(timedelta(hours=1))
            mails = post()
        assert len(mails) == 2
        for mail in mails:
            event = one_event(calendar_in(mail))
            assert instant(event.dtstart) == NEW_YEAR + timedelta(days=3)
            assert identity(event) == (f"{seat.public_id}@localhost", 2)

    def test_one_that_is_only_late_is_sent(
        self, cast: Cast, post: Post, down: Callable[[], None]
    ) -> None:
        with time_machine.travel(MONDAY, tick=False) as now:
            case, _ = meeting_at(cast, NEW_YEAR)
            invite_both(case)
            for _ in range(6):
                down()
                now.shift(timedelta(minutes=10))
            now.shift(timedelta(hours=1))
            mails = post()
        assert [each["To"] for each in mails] == [case.asesi.email, cast.asesor.email]
        assert all(row.done_how == "sent" for row in rows("meeting_invitation"))

    def test_an_invitation_to_a_meeting_that_is_over_is_not_sent(
        self, cast: Cast, post: Post
    ) -> None:
        with time_machine.travel(MONDAY, tick=False) as now:
            case, seat = meeting_at(cast, MONDAY + timedelta(minutes=30))
            invite_both(case)
            now.move_to(seat.slot.ends_at)
            assert post() == []

    def test_rows_from_before_the_seat_was_written_down_go_as_they_did(
        self, cast: Cast, post: Post
    ) -> None:
        with time_machine.travel(MONDAY, tick=False):
            case, _ = meeting_at(cast, NEW_YEAR)
            invite_both(case)
            with write_transaction():
                for row in rows("meeting_invitation"):
                    context = {k: v for k, v in row.payload["context"].items() if k != "booking"}
                    row.payload = row.payload | {"context": context}
            mail = to(post(), case.asesi)
        assert mail.get_content_type() == "text/plain"


def test_pages_are_those_of_the_routes(app: Flask) -> None:
    for role, endpoint in ((Role.ASESI, "asesi.meeting"), (Role.ASESOR, "asesor.permohonan")):
        assert calendars.PAGES[role].format("7Q9K2M") == url_for(endpoint, permohonan_id="7Q9K2M")
