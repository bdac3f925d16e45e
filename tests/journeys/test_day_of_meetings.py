"""Two asesor, ten asesi in three zones and an admin plan and hold a day of meetings, in one real Chromium."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from email import message_from_bytes, policy
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import Mapa, Permohonan, SkemaVersion, Tuk, User
from lsp.services import audit
from lsp.vocabulary import Mode, PermohonanStatus
from tests.journeys.certification import SKEMA
from tests.journeys.day_of_meetings import ZONES, DayOfMeetings
from tests.journeys.hands import ChromiumHands
from tests.support.calendars import Mailboxes, deliver_due, events_of, instant
from tests.workflow.cases import Cast, make_permohonan

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1200)]
S = PermohonanStatus
#: Zone -> its short name and how many hours it is before UTC.
CLOCKS = dict(zip(ZONES, (("WIB", 7), ("WITA", 8), ("WIT", 9)), strict=True))
ASESI = [f"asesi{number}" for number in range(1, 11)]
#: A poll answered after a press had drawn the order anew, or after a leap of the clock had signed its reader out.
POLL = re.compile(
    r"htmx:targetError, #meeting-order$|Response Status Error Code 40[14] from \S+/kabar\?"
)
#: Whose meetings came and went without a word.
UNHELD = ("asesi5", "asesi6", "asesi8", "asesi9", "asesi10")


@pytest.fixture
def moment():
    """A Monday morning to come: what a browser is given then has not run out by its own clock."""
    today = clock.today_wib()
    monday = today + timedelta(days=7 - today.weekday())
    with time_machine.travel(datetime.combine(monday, time(9), clock.WIB)) as traveller:
        yield traveller


@pytest.fixture
def cases(app, moment, demo_people):
    """Account -> public id of a paid case of that asesi."""

    def person(account):
        return db.session.scalars(select(User).filter_by(email=f"{account}@demo.example")).one()

    skema = db.session.scalars(select(SkemaVersion).filter_by(title=SKEMA)).one()
    members = [person(f"komite{number}") for number in (1, 2, 3)]
    cast = Cast(
        admin=person("admin"), asesor=person("asesor1"), second_asesor=person("asesor2"),
        chair=members[0], members=members, ketua=person("ketua"), skema=skema,
        tuk=db.session.scalars(select(Tuk)).first(),
        mapa=db.session.scalars(select(Mapa).filter_by(skema_version_id=skema.id)).first(),
    )  # fmt: skip
    cast.second_asesor.zone = "Asia/Makassar"
    made = {}
    for number, account in enumerate(ASESI):
        asesi = person(account)
        asesi.zone = ZONES[number % len(ZONES)]
        made[account] = make_permohonan(S.PAID, cast=cast, asesi=asesi).public_id
    return made


@pytest.fixture
def people(app, address, chromium, cases, moment, monkeypatch):
    monkeypatch.setattr("lsp.services.meeting_news.POLL_SECONDS", (1,) * 50)

    def browser() -> ChromiumHands:
        context = chromium.new_context(locale="id-ID", viewport={"width": 412, "height": 900})
        context.set_default_timeout(30_000)
        context.route(
            "https://meet.jit.si/**", lambda route: route.fulfill(body="<title>Ruang</title>")
        )
        return ChromiumHands(context.new_page(), address, scripts=True)

    return DayOfMeetings(browser, cases, moment)


class Post:
    """The worker's mail side and what the calendar programs of the readers make of it."""

    def __init__(self, app) -> None:
        self.app, self.mailboxes = app, Mailboxes()
        self.read: set[str] = set()

    def arrive(self) -> None:
        deliver_due(self.app)
        for file in sorted((self.app.config["LSP"].data_folder / "outbox").glob("*.eml")):
            if file.name not in self.read:
                self.read.add(file.name)
                mail = message_from_bytes(file.read_bytes(), policy=policy.default)
                self.mailboxes.receive(mail)


def spans(events):
    return sorted((instant(each.dtstart), instant(each.dtend)) for each in events)


def seats_of(people, account):
    """(begins, ends) of the meetings that stand in the database for an asesi or asesor."""
    person = people.person(account)
    return sorted(
        (seat.slot.starts_at, seat.slot.ends_at)
        for seat in people.seats()
        if person.id in (seat.slot.asesor_id, seat.permohonan.asesi_id)
    )


def assert_calendars(people, post):
    """Each person's own calendar shows exactly what stands, at the right instant and the right hour of his zone."""
    for account in (*ASESI, "asesor1", "asesor2"):
        person = people.person(account)
        entries = post.mailboxes.live(person.email)
        assert spans(entries) == seats_of(people, account), account
        assert all(one[1] <= other[0] for one, other in pairwise(spans(entries)))
        for entry in entries:
            local = instant(entry.dtstart).astimezone(ZoneInfo(person.zone))
            assert (entry.dtstart.value.hour, entry.dtstart.value.utcoffset()) == (
                local.hour, local.utcoffset(),
            )  # fmt: skip


def uids(people, post):
    """Of each asesi what his calendar knows the meeting by."""
    addresses = {account: people.person(account).email for account in ASESI}
    return {
        account: [each.uid.value for each in post.mailboxes.live(address)]
        for account, address in addresses.items()
    }


def assert_feed(app, people, asesor):
    """The asesor's secret address gives the same meetings to a program that was never signed in."""
    hands = people.at(asesor, "/asesor/kalender")
    hands.press("Buat alamat kalender")
    path = hands.page.inner_text("main .mono").partition("://")[2].partition("/")[2]
    answer = app.test_client().get(f"/{path}")
    live = [each for each in events_of(answer.data) if each.status.value != "CANCELLED"]
    assert spans(live) == seats_of(people, asesor)


def plan(people):
    """The jadwal, its meetings, and a seat for each; two press for the last one."""
    people.make_jadwal()
    people.take_day_off("asesor1", people.day + timedelta(days=1))
    assert "7 dari 14 slot dapat dibuka" in people.open_series("asesor1")
    assert "14 dari 14 slot dapat dibuka" in people.open_series("asesor2")
    for account, asesor, hour in (
        ("asesi1", "asesor1", 9), ("asesi2", "asesor2", 9), ("asesi3", "asesor1", 10),
        ("asesi4", "asesor2", 10), ("asesi5", "asesor1", 11), ("asesi7", "asesor1", 12),
        ("asesi10", "asesor1", 13),
    ):  # fmt: skip
        people.book(account, people.slot(asesor, hour))
    people.book("asesi6", people.slot("asesor2", 10, later=1))
    _winner, loser = people.race(people.slot("asesor2", 12), "asesi8", "asesi9")
    people.book(loser, people.slot("asesor2", 9, later=1))


def read_own_hours(people):
    """Each reads the hour of his own zone first and the LSP's beside it."""
    for account in ASESI:
        begins = people.seat(account).slot.starts_at
        name, hours = CLOCKS[people.person(account).zone]
        words = f"pukul {begins.hour + hours:02}.00 {name}"
        words += f" ({begins.hour + 7:02}.00 WIB)" if name != "WIB" else ""
        assert words in people.asesi(account, "/rapat").text(), account


def change(people):
    """One moves, one gives back and books again, the admin moves one, and an asesor falls ill for a day."""
    people.move("asesi3", people.slot("asesor2", 14))
    people.give_back("asesi4")
    people.book("asesi4", people.slot("asesor1", 10))
    people.move_by_admin("asesi5", people.slot("asesor1", 14))
    said = people.fall_ill("asesor2", people.day + timedelta(days=1))
    assert "7 slot ditutup dan hari tidak bertugasnya dicatat" in said
    assert said.split("Diberi tahu: ")[1].split(".")[0].count(",") == 1, "two names"
    assert len(people.seats()) == len(ASESI)


def hold_whole(people, account, *, evidence):
    """From the door to FR.AK.01; the asesor's page waits and sees the asesi's name arrive by itself."""
    meeting = people.join_both(account)
    meeting.greet()
    meeting.consent()
    meeting.begin()
    meeting.confirm_data()
    if evidence:
        meeting.walk_evidence()
    meeting.review()
    meeting.plan()
    meeting.explain()
    meeting.lay_out()
    assert "belum menandatangani" in meeting.asesor.text()
    meeting.sign()
    meeting.asesor.page.locator("#ak-01-asesi .badge.ok").wait_for()
    assert meeting.asesi_name in meeting.asesor.page.inner_text("#ak-01-asesi")
    meeting.go_on()
    return meeting


def hold(people):
    """The day itself, hour by hour in WIB."""
    people.clock_at(people.day, 8, 50)
    people.keep_recording(hold_whole(people, "asesi1", evidence=True))
    hold_whole(people, "asesi2", evidence=False)
    people.clock_at(people.day, 10, 20)
    people.note_absence("asesi4")
    people.clock_at(people.day, 12, 1)
    people.refuse_recording("asesi7")
    people.clock_at(people.day, 14, 1)
    meeting = people.join_both("asesi3")
    meeting.open()
    people.ask_for_evidence(meeting)


def status(people, account):
    db.session.rollback()
    return db.session.scalars(select(Permohonan).filter_by(public_id=people.cases[account])).one()


def planned(app, people):
    """Monday: everybody ends up with one meeting, in the rows as in the calendars. The post of that morning."""
    post = Post(app)
    plan(people)
    read_own_hours(people)
    post.arrive()
    assert_calendars(people, post)
    before = uids(people, post)
    change(people)
    read_own_hours(people)
    post.arrive()
    assert_calendars(people, post)
    after = uids(people, post)
    assert [account for account in ASESI if before[account] != after[account]] == ["asesi4"], (
        "what moved stays one entry; only he who gave his seat back has another"
    )
    for asesor in ("asesor1", "asesor2"):
        assert_feed(app, people, asesor)
    return post


def assert_outcomes(people, post):
    assert {account: status(people, account).status for account in ASESI} == {
        "asesi1": S.READY, "asesi2": S.READY, "asesi3": S.EVIDENCE_NEEDED, "asesi4": S.PAID, "asesi7": S.PAID,
        **dict.fromkeys(UNHELD, S.PRE_SCHEDULED),
    }  # fmt: skip
    assert status(people, "asesi4").asesi_absences == 1
    assert status(people, "asesi7").mode is Mode.LURING
    post.arrive()
    assert post.mailboxes.live(people.person("asesi7").email) == [], "his remote meeting is off"


def assert_admin_sees(people):
    """Two days later: which packs lack what, and which meetings nobody wrote an outcome of."""
    lacks = "Kurang: rekaman, tangkapan layar"
    packs = people.packs()
    names = [people.person(account).name for account in ASESI]
    assert set(packs) == set(names[:3]), "the meetings that were held"
    assert "Kurang" not in packs[names[0]]
    assert "Lengkap" in packs[names[0]]
    assert all(lacks in packs[name] for name in names[1:3])
    work = people.at("admin", "/admin?kerja=hasil").text()
    assert {name for name in names if name in work} == people.names(UNHELD)


def test_a_day_of_meetings(app, people):
    post = planned(app, people)
    hold(people)
    people.assert_no_clash()
    assert_outcomes(people, post)
    people.clock_at(people.day + timedelta(days=2), 9)
    assert_admin_sees(people)
    assert audit.first_fault() is None
    assert len(people.hands) == 13
    for account, hands in people.hands.items():
        assert [each for each in hands.complaints if not POLL.match(each)] == [], account
