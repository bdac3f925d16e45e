"""The page of the meeting beside its papers: ways out of it, the test of the device, and what was signed in it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import MeetingRecord
from lsp.services import meetings, recording_consent
from lsp.views.filters import tanggal_singkat
from lsp.vocabulary import ConsentKind, Form, PermohonanStatus, Role
from tests.html import filled, form, links, main, notices, soup, words
from tests.views.asesi import situations
from tests.views.asesi.pages import url
from tests.workflow.cases import actor_of, sign

S = PermohonanStatus


def meeting(browser, permohonan):
    return soup(browser.get(url("meeting", permohonan)))


@pytest.mark.parametrize("hours", [50, 0.2])
def test_the_device_is_tried_until_the_meeting_is_over_and_leads_back(browser, hours):
    permohonan = situations.booked(browser.user, hours=hours)
    way = links(main(meeting(browser, permohonan)))["Uji kamera, mikrofon, dan sambungan"]
    page = soup(browser.get(way))
    assert links(main(page))["Kembali ke rapat"] == url("meeting", permohonan)
    action = page.find("form", class_="card")["action"]
    sent = filled(form(page, action)) | {"camera": "ya", "microphone": "ya", "line": "ya"}
    kept = soup(browser.post(action, data=sent))
    assert links(main(kept))["Kembali ke rapat"] == url("meeting", permohonan)


def test_the_way_back_stays_on_this_site(browser):
    page = soup(browser.get("/uji-perangkat?dari=//lain.example/"))
    assert "Kembali ke rapat" not in links(main(page))


def test_the_seat_is_given_back_from_here(browser):
    permohonan = situations.booked(browser.user)
    assert links(main(meeting(browser, permohonan)))["Lepas jadwal…"] == url("cancel", permohonan)


def test_too_late_no_form_is_drawn_that_cannot_be_sent(browser):
    permohonan = situations.booked(browser.user, hours=2)
    answer = browser.get(url("cancel", permohonan))
    page = soup(answer)
    assert answer.status_code == 200
    assert "24 jam sebelumnya" in notices(page)[0]
    assert page.find("form", action=url("cancel_booking", permohonan)) is None


def test_a_consent_taken_back_is_told_with_its_time(browser):
    situations.text_of(ConsentKind.RECORDING)
    permohonan = situations.booked(browser.user, hours=0.2)
    meetings.agree_to_recording(actor_of(browser.user), permohonan)
    db.session.commit()
    assert "menariknya" not in words(main(meeting(browser, permohonan)))
    recording_consent.withdraw(actor_of(browser.user), permohonan)
    db.session.commit()
    record = db.session.scalars(select(MeetingRecord)).one()
    at = recording_consent.withdrawn_at(record.booking)
    said = words(main(meeting(browser, permohonan)))
    assert f"Anda menariknya {tanggal_singkat(at)}" in said
    assert "Saya setuju direkam" in said


def test_what_he_signed_is_read_after_the_meeting_too(browser):
    situations.text_of(ConsentKind.RECORDING)
    permohonan = situations.booked(browser.user, hours=0.2)
    situations.plan_for(permohonan)
    meetings.agree_to_recording(actor_of(browser.user), permohonan)
    sign(permohonan, Form.FR_AK_01, browser.user, Role.ASESI)
    record = db.session.scalars(select(MeetingRecord)).one()
    record.ended_at = record.booking.closed_at = clock.now()
    permohonan.status = S.READY
    db.session.commit()
    page = meeting(browser, permohonan)
    assert "Tidak ada rapat" in words(main(page))
    card = page.find(id="judul-fr-ak-01").find_parent("section")
    assert "Ditandatangani" in words(card)
    assert "Verifikasi Portofolio" in words(card)
    said = f"Baca persetujuan perekaman yang Anda berikan {tanggal_singkat(clock.now())}"
    assert browser.get(links(main(page))[said]).status_code == 200
    agreed = main(soup(browser.get(url("consents", permohonan))))
    assert links(agreed)["Rapat"] == url("meeting", permohonan)


def test_a_long_list_of_times_has_a_way_to_each_day(browser):
    permohonan = situations.paid(browser.user)
    for days in (2, 3, 4):
        situations.slot_for(permohonan, hours=24 * days)
    page = soup(browser.get(url("schedule", permohonan)))
    ways = page.select("nav[aria-label='Langsung ke hari'] a")
    assert len(ways) == 3
    for way in ways:
        assert words(way) in words(page.select_one(way["href"]))
