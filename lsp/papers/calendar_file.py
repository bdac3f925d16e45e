"""iCalendar text of meetings: what a mail carries, what is downloaded, what a subscribed calendar reads.

Pure: facts in, bytes out. Which meeting, and what a reader may know of it, is services/calendars.py. Why a library:
docs/decisions/icalendar-writes-calendars.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneStandard, vCalAddress, vText

_PRODUCT = "-//Portal LSP//Kalender rapat//ID"
#: Since when the three zones of Indonesia have had no clock change (Keppres 41/1987 began on this day).
_SETTLED = datetime(1988, 1, 1)  # noqa: DTZ001 - local time, as a VTIMEZONE wants it


class Method(StrEnum):
    """What a calendar should do with it (RFC 5546). PUBLISH: to be kept, nobody is invited."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    PUBLISH = "PUBLISH"


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """A meeting as one reader's calendar shows it. A calendar takes the greatest `sequence` of a `uid`."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    location: str
    url: str
    changed_at: datetime
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Organizer:
    """Who invites: the portal, by the address its mails come from."""

    name: str
    email: str


def invitation(
    event: CalendarEvent,
    *,
    method: Method,
    zone: str,
    organizer: Organizer,
    attendee: str,
    stamp: datetime,
) -> bytes:
    """What goes with a mail. `stamp` stays from try to try, so that a mail sent again is the same."""
    drawn = _event(event, zone, stamp)
    host = vCalAddress(f"mailto:{organizer.email}")
    host.params["CN"] = vText(organizer.name)
    drawn.add("organizer", host, encode=False)
    guest = vCalAddress(f"mailto:{attendee}")
    # Nobody reads an answer: it would go to an address that takes no mail.
    guest.params["RSVP"] = vText("FALSE")
    drawn.add("attendee", guest, encode=False)
    return _calendar(method, zone, [drawn])


def published(events: Iterable[CalendarEvent], *, zone: str, name: str = "") -> bytes:
    """A file to download, or a calendar to subscribe to. The same facts give the same bytes.

    Names neither reader nor organizer: Outlook takes an entry with one for a meeting to be answered.
    """
    drawn = [_event(each, zone, each.changed_at) for each in events]
    return _calendar(Method.PUBLISH, zone, drawn, name)


def _calendar(method: Method, zone: str, events: list[Event], name: str = "") -> bytes:
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method.value)
    if name:
        calendar.add("x-wr-calname", name)
    calendar.add_component(_zone(zone))
    for each in events:
        calendar.add_component(each)
    return bytes(calendar.to_ical())


def _zone(name: str) -> Timezone:
    """A zone without clock changes. The library's own reader of zones gives the same and takes 11 ms."""
    here = _SETTLED.replace(tzinfo=ZoneInfo(name))
    drawn, standard = Timezone(), TimezoneStandard()
    drawn.add("tzid", name)
    standard.add("dtstart", _SETTLED)
    standard.add("tzname", here.tzname())
    standard.add("tzoffsetfrom", here.utcoffset())
    standard.add("tzoffsetto", here.utcoffset())
    drawn.add_component(standard)
    return drawn


def _event(event: CalendarEvent, zone: str, stamp: datetime) -> Event:
    here, drawn = ZoneInfo(zone), Event()
    drawn.add("uid", event.uid)
    drawn.add("sequence", event.sequence)
    drawn.add("dtstamp", stamp.astimezone(UTC))
    drawn.add("last-modified", event.changed_at.astimezone(UTC))
    drawn.add("dtstart", event.starts_at.astimezone(here))
    drawn.add("dtend", event.ends_at.astimezone(here))
    drawn.add("summary", event.summary)
    drawn.add("description", event.description)
    drawn.add("location", event.location)
    drawn.add("url", event.url)
    drawn.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    # Who shares his calendar with colleagues shows them that he is busy, not whom he meets.
    drawn.add("class", "PRIVATE")
    return drawn
