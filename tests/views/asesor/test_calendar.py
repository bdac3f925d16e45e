"""Kalender Anda: an address of one's own, shown once; what it gives, to whom, how often, and what it costs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import url_for
from sqlalchemy import event as listen

from lsp import clock, logs
from lsp.actor import SYSTEM
from lsp.database import db, write_transaction
from lsp.models import CalendarFeed, User
from lsp.services import throttle
from lsp.vocabulary import MeetingKind, PermohonanStatus, Role
from lsp.workflow.effects import meeting
from tests.factories import browser_of
from tests.html import h1, soup
from tests.support.calendars import events_of, identity, instant, move_seat
from tests.workflow.cases import hold_seat, make_cast, make_permohonan

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
NEW_YEAR = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(MONDAY):
        yield


@pytest.fixture
def cast(app):
    cast = make_cast()
    cast.asesor.zone = "Asia/Jayapura"
    db.session.commit()
    return cast


@pytest.fixture
def asesor(app, cast):
    return browser_of(app, cast.asesor)


def seat_at(cast, starts_at=NEW_YEAR, **columns):
    case = make_permohonan(PermohonanStatus.PAID, cast=cast)
    seat = hold_seat(case, MeetingKind.PRE_ASSESSMENT, cast, starts_at=starts_at, **columns)
    db.session.commit()
    db.session.expire_all()
    return case, seat


def address_from(browser) -> str:
    """Makes an address and reads it off the page, as a person would."""
    shown = soup(browser.post(url_for("asesor.make_feed")))
    [line], [link] = shown.select("p.note.mono"), shown.select("main a.btn.main")
    address = line.text.strip()
    assert address.startswith("http://localhost/kalender/")
    assert link["href"] == address.replace("http", "webcal", 1)
    return address.removeprefix("http://localhost")


class TestAddress:
    def test_is_shown_once_and_only_its_digest_is_kept(self, asesor):
        address = address_from(asesor)
        token = address.split("/")[-1].removesuffix(".ics")
        again = asesor.get(url_for("asesor.calendar"))
        assert "Alamat aktif" in again.text
        assert token not in again.text
        [row] = db.session.query(CalendarFeed).all()
        assert token not in row.token_digest

    def test_a_new_one_ends_the_old_one(self, asesor, client):
        old = address_from(asesor)
        assert h1(soup(asesor.get(url_for("asesor.ask_renew_feed")))) == "Ganti alamat kalender?"
        new = address_from(asesor)
        assert client.get(old).status_code == 404
        assert client.get(new).status_code == 200

    def test_it_can_be_ended_twice_without_harm(self, asesor, client):
        address = address_from(asesor)
        for _ in range(2):
            answer = asesor.post(url_for("asesor.end_feed"))
            assert answer.status_code == 303
        assert client.get(address).status_code == 404
        assert "Belum ada alamat" in asesor.get(url_for("asesor.calendar")).text

    @pytest.mark.parametrize("how", ["disabled", "no asesor any more"])
    def test_it_ends_with_the_office(self, asesor, client, cast, how):
        address = address_from(asesor)
        person = db.session.get_one(User, cast.asesor.id)
        if how == "disabled":
            person.disabled_at = clock.now()
        else:
            person.roles = [held for held in person.roles if held.role is not Role.ASESOR]
        db.session.commit()
        assert client.get(address).status_code == 404

    def test_the_home_page_leads_there(self, asesor):
        page = soup(asesor.get(url_for("asesor.home")))
        assert page.find("a", string="Kalender Anda")["href"] == url_for("asesor.calendar")


class TestContent:
    def test_his_meetings_in_his_zone_and_nobody_elses(self, asesor, client, cast):
        case, seat = seat_at(cast)
        seat_at(make_cast())
        answer = client.get(address_from(asesor))
        assert answer.content_type == "text/calendar; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-store"
        [event] = events_of(answer.data)
        assert instant(event.dtstart) == NEW_YEAR
        assert b"DTSTART;TZID=Asia/Jayapura:20270101T013000" in answer.data
        assert event.summary.value == f"Pra-asesmen: {case.asesi_name}"
        assert identity(event) == (f"{seat.public_id}@localhost", 0)
        plain = answer.data.replace(b"\r\n ", b"")
        for foreign in (case.asesi.email.encode(), seat.slot.meeting_url.encode(), b"mailto:"):
            assert foreign not in plain

    def test_from_thirty_days_ago_to_a_hundred_and_eighty_ahead(self, asesor, client, cast):
        for days in (-31, -29, 179, 181):
            seat_at(cast, MONDAY + timedelta(days=days))
        starts = [
            instant(each.dtstart) for each in events_of(client.get(address_from(asesor)).data)
        ]
        assert starts == [MONDAY + timedelta(days=days) for days in (-29, 179)]

    def test_a_moved_meeting_stands_once_at_its_new_time(self, asesor, client, cast):
        case, seat = seat_at(cast)
        move_seat(case, seat, NEW_YEAR + timedelta(days=2))
        [event] = events_of(client.get(address_from(asesor)).data)
        assert instant(event.dtstart) == NEW_YEAR + timedelta(days=2)
        assert identity(event) == (f"{seat.public_id}@localhost", 2)
        assert event.status.value == "CONFIRMED"

    def test_one_moved_to_another_asesor_is_cancelled_here(self, asesor, client, cast):
        case, seat = seat_at(cast)
        move_seat(case, seat, NEW_YEAR + timedelta(days=2), asesor=make_cast().asesor)
        [event] = events_of(client.get(address_from(asesor)).data)
        assert event.status.value == "CANCELLED"
        assert identity(event) == (f"{seat.public_id}@localhost", 1)

    def test_a_cancelled_one_says_so_for_a_month(self, asesor, client, cast):
        case, _ = seat_at(cast, MONDAY + timedelta(days=60))
        with write_transaction():
            meeting.free_seat(db.session.merge(case), SYSTEM, "Sakit.")
        address = address_from(asesor)
        [event] = events_of(client.get(address).data)
        assert event.status.value == "CANCELLED"
        with time_machine.travel(MONDAY + timedelta(days=31)):
            assert events_of(client.get(address).data) == []


class TestCost:
    def test_three_reads_however_many_meetings(self, asesor, client, cast, app):
        address = address_from(asesor)
        for number in range(12):
            seat_at(cast, NEW_YEAR + timedelta(hours=3 * number))
        asked: list[str] = []

        def count(_connection, _cursor, statement, *_rest):
            asked.append(statement)

        listen.listen(db.engine, "before_cursor_execute", count)
        try:
            answer = client.get(address)
        finally:
            listen.remove(db.engine, "before_cursor_execute", count)
        assert len(events_of(answer.data)) == 12
        reads = [each for each in asked if each.lstrip().upper().startswith(("SELECT", "WITH"))]
        assert len(reads) == 3, "owner, seats, their chains"
        assert len(answer.data) < 400 + 12 * 700

    def test_past_a_bound_the_later_ones_are_left_out(self, asesor, client, cast, monkeypatch):
        monkeypatch.setattr("lsp.services.calendar_feed.MOST", 2)
        for days in (3, 1, 2):
            seat_at(cast, MONDAY + timedelta(days=days))
        starts = [
            instant(each.dtstart) for each in events_of(client.get(address_from(asesor)).data)
        ]
        assert starts == [MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)]

    def test_unchanged_it_is_not_drawn_again(self, asesor, client, cast, monkeypatch):
        case, seat = seat_at(cast)
        address = address_from(asesor)
        first = client.get(address)
        with monkeypatch.context() as patch:
            patch.setattr("lsp.services.calendar_feed.drawn", None)
            same = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert (same.status_code, same.data) == (304, b"")
        move_seat(case, seat, NEW_YEAR + timedelta(days=2))
        changed = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert changed.status_code == 200
        assert changed.headers["ETag"] != first.headers["ETag"]

    def test_drawn_again_it_is_the_same(self, asesor, client, cast):
        seat_at(cast)
        address = address_from(asesor)
        first = client.get(address).data
        with time_machine.travel(MONDAY + timedelta(hours=5)):
            assert client.get(address).data == first


class TestGuessing:
    def test_is_slowed_down_and_a_right_address_is_not_counted(self, asesor, client):
        address = address_from(asesor)
        for _ in range(throttle.FEED_ADDRESS.count + 5):
            assert client.get(address).status_code == 200
        for number in range(throttle.FEED_ADDRESS.count):
            assert client.get(f"/kalender/{number:043}.ics").status_code == 404
        refused = client.get(f"/kalender/{'x' * 43}.ics")
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0
        assert client.get(address).status_code == 200

    @pytest.mark.parametrize("token", ["x", "x" * 44, "..%2f..%2fetc", "%00" * 43])
    def test_what_cannot_be_a_token_is_not_looked_up(self, client, token):
        assert client.get(f"/kalender/{token}.ics").status_code == 404

    def test_no_log_line_tells_the_address(self, asesor, client, capsys, monkeypatch):
        address = address_from(asesor)
        token = address.split("/")[-1].removesuffix(".ics")
        logs.configure(testing=False)
        try:
            client.get(address)
            monkeypatch.setattr("lsp.services.calendar_feed.seats_of", lambda _owner: 1 / 0)
            with pytest.raises(AssertionError, match="answered 500"):
                client.get(address)
        finally:
            logs.configure(testing=True)
        said = capsys.readouterr()
        lines = [json.loads(line) for line in said.out.splitlines() if line.startswith("{")]
        assert {line.get("route") for line in lines} >= {"calendars.feed"}
        assert token not in said.out + said.err


class TestFileOfOneMeeting:
    def test_of_the_asesor_and_the_admin(self, app, asesor, cast):
        case, _ = seat_at(cast)
        for browser, endpoint in (
            (asesor, "asesor.meeting_calendar"),
            (browser_of(app, cast.admin), "admin.meeting_calendar"),
        ):
            answer = browser.get(url_for(endpoint, permohonan_id=case.public_id))
            assert answer.content_type == "text/calendar; charset=utf-8"
            [event] = events_of(answer.data)
            assert instant(event.dtstart) == NEW_YEAR
            assert case.asesi_name in event.summary.value
            assert endpoint.split(".")[0] in event.url.value

    def test_of_the_asesi_too_and_gone_with_the_seat(self, app, cast):
        case, _ = seat_at(cast)
        own = browser_of(app, case.asesi)
        address = url_for("asesi.meeting_calendar", permohonan_id=case.public_id)
        answer = own.get(address)
        [event] = events_of(answer.data)
        assert f"Asesor: {cast.asesor.name}" in event.description.value
        assert event.url.value.endswith("/rapat")
        assert f'filename="rapat-{case.public_id}.ics"' in answer.headers["Content-Disposition"]
        assert answer.headers["Cache-Control"] == "no-store"
        with write_transaction():
            meeting.free_seat(db.session.merge(case), SYSTEM, "Sakit.")
        assert own.get(address).status_code == 404
