"""The penyelia sees the meetings of the day and writes notes; there is no verdict."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
import time_machine
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import Incident, MeetingJoin, MeetingPenyelia
from lsp.vocabulary import PermohonanStatus, Role
from lsp.workflow.jadwal import JADWAL
from lsp.workflow.permohonan import PERMOHONAN
from tests.html import errors, filled, form, notices, soup, words
from tests.support.recordings import watch
from tests.workflow.cases import make_permohonan, seat_of


@pytest.fixture
def noon():
    """The list is that of a day: what begins later this evening may be tomorrow's."""
    with time_machine.travel(datetime.combine(clock.today_wib(), time(12), clock.WIB)):
        yield


@pytest.fixture
def penyelia(sign_in):
    return sign_in(Role.PENYELIA)


@pytest.fixture
def seat(penyelia):
    """A meeting of today that he was named for."""
    seat = today(make_permohonan(PermohonanStatus.PRE_SCHEDULED))
    watch(penyelia.user, seat)
    return seat


def today(case):
    """The meeting of a case, begun now."""
    seat = seat_of(case)
    seat.slot.starts_at = clock.now()
    seat.slot.ends_at = clock.now() + timedelta(minutes=30)
    db.session.commit()
    return seat


def box(seat):
    """The name of the field under a meeting."""
    return f"catatan-{seat.public_id}-note"


def typed(seat, note):
    return {box(seat): note}


def test_todays_meetings(penyelia, seat):
    page = soup(penyelia.get("/penyelia"))
    card = page.find(id=f"rapat-{seat.public_id}")
    assert seat.permohonan.asesi_name in words(card)
    assert "Kompeten" not in words(page)


def test_none_today(penyelia):
    assert "Tidak ada rapat hari ini" in words(soup(penyelia.get("/penyelia")))


@pytest.mark.parametrize(("days", "seen"), [(1, True), (14, True), (15, False)])
def test_what_is_coming_is_listed_for_two_weeks(penyelia, seat, days, seen):
    seat.slot.starts_at += timedelta(days=days)
    seat.slot.ends_at += timedelta(days=days)
    db.session.commit()
    page = soup(penyelia.get("/penyelia"))
    assert "Tidak ada rapat hari ini" in words(page)
    assert (seat.permohonan.asesi_name in words(page)) is seen
    assert page.find(id=f"rapat-{seat.public_id}") is None


def test_a_note_is_appended(penyelia, seat):
    action = url_for("penyelia.add_note", booking_id=seat.public_id)
    assert (
        penyelia.post(action, data=typed(seat, "Kamera asesi mati dua menit.")).status_code == 303
    )
    written = db.session.scalars(select(Incident)).one()
    assert (written.recorded_by_id, written.kind) == (penyelia.user.id, "Catatan penyelia")
    assert written.stage == "Pra-asesmen"
    assert "Kamera asesi mati dua menit." in words(soup(penyelia.get("/penyelia")))


def test_a_refused_note_stays_under_its_meeting_after_midnight(penyelia, seat):
    seat.slot.starts_at = clock.day_begins(clock.today_wib()) - timedelta(minutes=10)
    db.session.commit()
    action = url_for("penyelia.add_note", booking_id=seat.public_id)
    answer = penyelia.post(action, data=typed(seat, "B" * 9_000))
    assert answer.status_code == 422
    assert soup(answer).find(attrs={"name": box(seat)}).text.strip() == "B" * 9_000


def test_the_same_note_pressed_twice_is_one_and_later_is_another(penyelia, seat):
    action = url_for("penyelia.add_note", booking_id=seat.public_id)
    start = clock.now()
    for seconds, note in ((0, "Bising."), (5, " Bising. "), (6, "Sunyi."), (90, "Bising.")):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            assert penyelia.post(action, data=typed(seat, note)).status_code == 303
    written = db.session.scalars(select(Incident.action).order_by(Incident.id)).all()
    assert written == ["Bising.", "Sunyi.", "Bising."]


@pytest.mark.parametrize("note", ["", "x" * 1001])
def test_a_note_that_is_refused_is_kept(penyelia, seat, note):
    answer = penyelia.post(
        url_for("penyelia.add_note", booking_id=seat.public_id), data=typed(seat, note)
    )
    assert answer.status_code == 422
    page = soup(answer)
    assert box(seat) in errors(page)
    assert page.select_one("textarea").get_text().strip() == note
    summary = page.select_one(".notice.bad[autofocus]")
    assert page.select_one(summary.a["href"])["name"] == box(seat)


def test_saving_one_note_keeps_what_is_typed_under_another_meeting(penyelia, seat):
    other = today(make_permohonan(PermohonanStatus.PRE_SCHEDULED))
    watch(penyelia.user, other)
    page = soup(penyelia.get("/penyelia"))
    boxes = page.select("textarea[form=catatan]")
    assert {each["name"] for each in boxes} == {box(seat), box(other)}
    action = url_for("penyelia.add_note", booking_id=seat.public_id)
    assert page.select_one(f"button[form=catatan][formaction='{action}']")
    answer = penyelia.post(action, data=typed(seat, "Bising.") | typed(other, "Asesi datang te"))
    page = soup(answer)
    assert answer.status_code == 200
    assert "belum disimpan" in notices(page)[0]
    kept = {each["name"]: words(each) for each in page.select("textarea")}
    assert kept == {box(seat): "", box(other): "Asesi datang te"}
    assert db.session.scalars(select(Incident.action)).all() == ["Bising."]


def test_never_ones_own_meeting(sign_in):
    both = sign_in(Role.PENYELIA, Role.ASESI)
    seat = today(make_permohonan(PermohonanStatus.PRE_SCHEDULED, asesi=both.user))
    watch(both.user, seat)
    assert "Tidak ada rapat hari ini" in words(soup(both.get("/penyelia")))
    address = url_for("penyelia.add_note", booking_id=seat.public_id)
    assert both.post(address, data=typed(seat, "baik")).status_code == 404


class TestNamed:
    def test_who_was_not_named_sees_nothing(self, penyelia):
        other = today(make_permohonan(PermohonanStatus.PRE_SCHEDULED))
        assert "Tidak ada rapat hari ini" in words(soup(penyelia.get("/penyelia")))
        address = url_for("penyelia.add_note", booking_id=other.public_id)
        assert penyelia.post(address, data=typed(other, "baik")).status_code == 404

    def test_for_one_meeting_alone(self, penyelia):
        one, two = (today(make_permohonan(PermohonanStatus.PRE_SCHEDULED)) for _ in range(2))
        two.slot.jadwal_id = one.slot.jadwal_id
        watch(penyelia.user, one, only=True)
        page = soup(penyelia.get("/penyelia"))
        assert page.find(id=f"rapat-{one.public_id}") is not None
        assert page.find(id=f"rapat-{two.public_id}") is None

    def test_released_he_sees_nothing_and_his_notes_stay(self, penyelia, seat):
        action = url_for("penyelia.add_note", booking_id=seat.public_id)
        penyelia.post(action, data=typed(seat, "Kamera mati."))
        db.session.scalars(select(MeetingPenyelia)).one().ended_at = clock.now()
        db.session.commit()
        assert "Tidak ada rapat hari ini" in words(soup(penyelia.get("/penyelia")))
        assert penyelia.post(action, data=typed(seat, "lagi")).status_code == 404
        assert db.session.scalars(select(Incident)).one().action == "Kamera mati."

    def test_an_asesor_does_not_watch_his_own_meeting(self, penyelia, seat):
        seat.slot.asesor_id = penyelia.user.id
        db.session.commit()
        assert "Tidak ada rapat hari ini" in words(soup(penyelia.get("/penyelia")))

    def test_the_link_shows_in_its_window_alone(self, noon, penyelia, seat):
        way_in = {"action": url_for("penyelia.join_meeting", booking_id=seat.public_id)}
        assert soup(penyelia.get("/penyelia")).find("form", attrs=way_in) is not None
        begins = clock.now() + timedelta(minutes=40)
        seat.slot.starts_at, seat.slot.ends_at = begins, begins + timedelta(hours=1)
        db.session.commit()
        page = soup(penyelia.get("/penyelia"))
        assert page.find("form", attrs=way_in) is None
        assert "30 menit sebelum mulai" in words(page)


def test_no_address_lets_a_penyelia_decide_anything(app):
    """He writes notes, goes in, and tries his own device; whatever else opens to him is his account, or read only."""
    open_to_him = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if Role.PENYELIA in app.view_functions[rule.endpoint].access_rule.roles
        and (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
    }
    decides_nothing = {
        "penyelia.add_note",
        "penyelia.join_meeting",
        "device_check.keep",
        "device_check.load_up",
    }
    assert {each for each in open_to_him if not each.startswith("auth.")} <= decides_nothing
    for transition in (*PERMOHONAN.transitions, *JADWAL.transitions):
        assert Role.PENYELIA not in transition.roles


def test_he_goes_into_the_meeting_as_penyelia(penyelia, seat):
    action = url_for("penyelia.join_meeting", booking_id=seat.public_id)
    answer = penyelia.post(action, data=filled(form(soup(penyelia.get("/penyelia")), action)))
    assert soup(answer).find("a", href=seat.slot.meeting_url)
    assert [join.party for join in db.session.scalars(select(MeetingJoin))] == ["penyelia"]
