"""“Masuk rapat”: the time is written by a form, and the room opens outside the portal."""

from __future__ import annotations

from flask import url_for
from sqlalchemy import select

from lsp.database import db
from lsp.models import MeetingJoin
from tests.html import filled, form, soup
from tests.views.asesi import situations


def pressed(browser, case):
    page = soup(browser.get(url_for("asesi.meeting", permohonan_id=case.public_id)))
    address = url_for("asesi.join_meeting", permohonan_id=case.public_id)
    return browser.post(address, data=filled(form(page, address)))


def test_going_in_is_written_and_the_page_goes_on_to_the_room(browser):
    case = situations.booked(browser.user, hours=0.2)
    answer = pressed(browser, case)
    page = soup(answer)
    assert answer.status_code == 200
    refresh = page.find("meta", attrs={"http-equiv": "refresh"})
    assert refresh["content"] == "0;url=https://meet.jit.si/contoh"
    link = page.find("a", attrs={"href": "https://meet.jit.si/contoh"})
    assert "noreferrer" in link["rel"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert [join.party for join in db.session.scalars(select(MeetingJoin))] == ["asesi"]


def test_a_press_on_a_page_that_went_stale_is_told_why(browser):
    case = situations.booked(browser.user, hours=5)
    answer = browser.post(url_for("asesi.join_meeting", permohonan_id=case.public_id), data={})
    assert answer.status_code == 303
    assert "30 menit sebelum mulai" in soup(browser.get(answer.location)).find(id="flash").text
    assert db.session.scalars(select(MeetingJoin)).all() == []


def test_without_a_meeting(browser):
    case = situations.draft(browser.user)
    answer = browser.post(url_for("asesi.join_meeting", permohonan_id=case.public_id), data={})
    assert "Tidak ada rapat" in soup(browser.get(answer.location)).find(id="flash").text
