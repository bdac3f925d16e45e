"""Another time for a meeting of the asesor's own, and “Saya berhalangan”."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import url_for

from lsp import clock
from lsp.database import db
from lsp.vocabulary import PermohonanStatus
from lsp.workflow.dossier import dossier_of
from tests.html import filled, form, links, soup, words
from tests.services.test_meetings import book, slot_for
from tests.support.meetings import make_jadwal
from tests.test_pages import count_queries
from tests.workflow.cases import make_permohonan

S = PermohonanStatus
WHY = "Saya sakit sampai akhir pekan."
#: SELECTs of one look at the page.
MOST = 13


@pytest.fixture
def case(cast):
    case = make_permohonan(S.PAID, cast=cast)
    jadwal = make_jadwal(cast.asesor, skema=cast.skema, asesor_2_id=cast.second_asesor.id)
    book(case, slot_for(case, cast, jadwal=jadwal))
    db.session.commit()
    return case


@pytest.fixture
def browser(case, cast, sign_in):
    return sign_in(cast.asesor)


def at(endpoint, case):
    return url_for(f"asesor.{endpoint}", permohonan_id=case.public_id)


def test_to_another_hour_of_his_own(browser, cast, case):
    jadwal = dossier_of(case).booking.slot.jadwal
    mine = slot_for(case, cast, jadwal=jadwal, hours=60)
    slot_for(case, cast, asesor=cast.second_asesor, jadwal=jadwal, hours=70)
    assert at("move_form", case) in links(soup(browser.get(at("permohonan", case)))).values()
    page = soup(browser.get(at("move_form", case)))
    assert len(page.select("input[type=radio]")) == 1
    assert at("confirm_reschedule", case) in links(page).values()
    data = filled(form(page, at("move", case))) | {"slot": mine.public_id, "note": WHY}
    assert browser.post(at("move", case), data=data | {"note": "sakit"}).status_code == 422
    assert browser.post(at("move", case), data=data).status_code == 303
    db.session.expire_all()
    assert (dossier_of(case).booking.slot_id, case.asesi_moves) == (mine.id, 0)
    panel = url_for("asesor.case_panel", permohonan_id=case.public_id, key="riwayat")
    history = words(soup(browser.get(panel)))
    assert f"Dipindahkan oleh {cast.asesor.name}" in history
    assert WHY in history


def test_the_times_are_read_once(browser, cast, case):
    """Also where a refused form is drawn anew: it asks what the page asks."""
    jadwal = dossier_of(case).booking.slot.jadwal
    slot_for(case, cast, jadwal=jadwal, hours=60)
    short = {"slot": "X", "note": "sakit", "version": case.version}
    page, action = at("move_form", case), at("move", case)
    assert count_queries(lambda: browser.get(page)) <= MOST
    assert count_queries(lambda: browser.post(action, data=short)) <= MOST


def test_he_cannot_come_and_everybody_chooses_again(browser, case):
    slot = dossier_of(case).booking.slot
    url = url_for("asesor.hindered", slot_id=slot.public_id)
    assert url in links(soup(browser.get(url_for("asesor.home")))).values()
    page = soup(browser.get(url))
    assert case.asesi_name in words(page)
    assert "Asesi menerima alasan Anda lewat e-mail." in words(page)  # one of them is no "mereka"
    data = filled(form(page, url))
    assert browser.post(url, data=data | {"note": "sakit"}).status_code == 422
    assert browser.post(url, data=data | {"note": WHY}).status_code == 303
    db.session.expire_all()
    assert (case.status, slot.cancelled_at is not None) == (S.PAID, True)
    assert browser.post(url, data=data | {"note": WHY}).status_code == 404


def test_a_meeting_that_began_is_not_given_up(browser, case):
    """Said before he writes his reason."""
    slot = dossier_of(case).booking.slot
    slot.starts_at = clock.now() - timedelta(minutes=5)
    db.session.commit()
    url, home = url_for("asesor.hindered", slot_id=slot.public_id), url_for("asesor.home")
    assert url not in links(soup(browser.get(home))).values()
    answer = browser.get(url)
    assert (answer.status_code, answer.location) == (303, home)
    assert "Rapat ini sudah mulai" in words(soup(browser.get(home)))
