"""Calendars as other programs read them: instants in three zones, folded lines, escaped text, nobody else's address."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lsp.papers.calendar_file import CalendarEvent, Method, Organizer, invitation, published
from tests.support.calendars import events_of, identity, instant, one_event, read_calendar

NEW_YEAR = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
EVENT = CalendarEvent(
    uid="0123456789ABCDEF@lsp.example",
    sequence=2,
    starts_at=NEW_YEAR,
    ends_at=NEW_YEAR + timedelta(hours=2),
    summary="Pra-asesmen: Pelaksana Lapangan, Gedung; jenjang 4",
    description="Skema: Pelaksana\nAsesor: Ir. Contoh, M.T.\nBawa KTP \\ paspor – asli.",
    location="TUK Contoh, Jl. Rekaan No. 7; lantai 2",
    url="https://lsp.example/asesi/permohonan/7Q9K2M/rapat",
    changed_at=datetime(2026, 11, 23, 1, 0, tzinfo=UTC),
)
PORTAL = Organizer("LSP Contoh, Bandung", "portal@lsp.example")
STAMP = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ZONES = {"Asia/Jakarta": ("WIB", 7), "Asia/Makassar": ("WITA", 8), "Asia/Jayapura": ("WIT", 9)}


def drawn(method: Method = Method.REQUEST, zone: str = "Asia/Makassar", **changes: object) -> bytes:
    return invitation(
        replace(EVENT, **changes),  # type: ignore[arg-type]
        method=method,
        zone=zone,
        organizer=PORTAL,
        attendee="siti@contoh.example",
        stamp=STAMP,
    )


class TestInstants:
    @pytest.mark.parametrize("zone", ZONES)
    @pytest.mark.parametrize(
        "moment",
        [
            NEW_YEAR,  # the old year still in Jakarta, the new one in Makassar and Jayapura
            datetime(2027, 6, 30, 1, 0, tzinfo=UTC),
            datetime(2028, 2, 29, 15, 59, tzinfo=UTC),
            datetime(2041, 1, 5, 2, 0, tzinfo=UTC),
        ],
    )
    def test_are_the_same_in_every_zone(self, zone: str, moment: datetime) -> None:
        content = drawn(zone=zone, starts_at=moment, ends_at=moment + timedelta(minutes=90))
        event = one_event(content)
        assert instant(event.dtstart) == moment
        assert instant(event.dtend) == moment + timedelta(minutes=90)
        assert f"DTSTART;TZID={zone}:" in content.decode()

    @pytest.mark.parametrize(
        ("zone", "local"),
        [
            ("Asia/Jakarta", "20261231T233000"),
            ("Asia/Makassar", "20270101T003000"),
            ("Asia/Jayapura", "20270101T013000"),
        ],
    )
    def test_the_years_end_falls_on_the_readers_own_day(self, zone: str, local: str) -> None:
        assert f"DTSTART;TZID={zone}:{local}\r\n" in drawn(zone=zone).decode()

    @pytest.mark.parametrize("zone", ZONES)
    def test_the_zone_says_its_name_and_distance(self, zone: str) -> None:
        short, hours = ZONES[zone]
        [here] = read_calendar(drawn(zone=zone)).contents["vtimezone"]
        text = drawn(zone=zone).decode()
        assert f"TZNAME:{short}\r\n" in text
        assert f"TZOFFSETTO:+{hours:02}00\r\n" in text
        assert "DAYLIGHT" not in text
        assert here.contents["tzid"][0].value == zone

    def test_stamps_are_utc(self) -> None:
        text = drawn().decode()
        assert "DTSTAMP:20261123T020000Z\r\n" in text
        assert "LAST-MODIFIED:20261123T010000Z\r\n" in text


class TestWords:
    def test_come_through_whole(self) -> None:
        event = one_event(drawn(description="panjang, sekali; " * 30 + "\nbaris dua – ½ \\n"))
        assert event.summary.value == EVENT.summary
        assert event.location.value == EVENT.location
        assert event.description.value == "panjang, sekali; " * 30 + "\nbaris dua – ½ \\n"

    def test_cannot_add_a_line(self) -> None:
        event = one_event(drawn(summary="Siti\r\nATTENDEE:mailto:x@contoh.example\r\nX: y"))
        assert [each.value for each in event.contents["attendee"]] == ["mailto:siti@contoh.example"]

    def test_a_name_with_quotes_stays_a_name(self) -> None:
        content = invitation(
            EVENT,
            method=Method.REQUEST,
            zone="Asia/Jakarta",
            organizer=Organizer('LSP "Bina", Karya; Contoh', "portal@lsp.example"),
            attendee="siti@contoh.example",
            stamp=STAMP,
        )
        organizer = one_event(content).organizer
        assert organizer.value == "mailto:portal@lsp.example"
        assert "Bina" in organizer.params["CN"][0]


class TestInvitation:
    def test_names_the_reader_and_the_portal_alone(self) -> None:
        content = drawn()
        event = one_event(content)
        assert [each.value for each in event.contents["attendee"]] == ["mailto:siti@contoh.example"]
        assert event.organizer.value == "mailto:portal@lsp.example"
        assert content.count(b"@") == 3, "UID, ORGANIZER, ATTENDEE"

    def test_says_what_it_asks(self) -> None:
        assert read_calendar(drawn()).method.value == "REQUEST"
        assert one_event(drawn()).status.value == "CONFIRMED"
        gone = drawn(Method.CANCEL, cancelled=True, sequence=3)
        assert read_calendar(gone).method.value == "CANCEL"
        assert one_event(gone).status.value == "CANCELLED"
        assert identity(one_event(gone)) == (EVENT.uid, 3)

    def test_drawn_twice_it_is_the_same(self) -> None:
        assert drawn() == drawn()


class TestPublished:
    def test_holds_many_and_invites_nobody(self) -> None:
        two = [EVENT, replace(EVENT, uid="B@lsp.example", cancelled=True)]
        content = published(two, zone="Asia/Jayapura", name="Rapat asesor")
        assert read_calendar(content).method.value == "PUBLISH"
        assert [event.status.value for event in events_of(content)] == ["CONFIRMED", "CANCELLED"]
        assert b"ATTENDEE" not in content
        assert b"ORGANIZER" not in content
        assert content.count(b"BEGIN:VTIMEZONE") == 1

    def test_an_empty_one_is_still_a_calendar(self) -> None:
        content = published([], zone="Asia/Jakarta")
        assert events_of(content) == []
