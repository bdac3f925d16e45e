"""The penyelia sees the meetings of the day and writes notes; there is no verdict."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.models import Incident
from lsp.vocabulary import PermohonanStatus, Role
from tests.html import errors, filled, form, soup, words
from tests.workflow.cases import make_permohonan, seat_of


@pytest.fixture
def penyelia(sign_in):
    return sign_in(Role.PENYELIA)


@pytest.fixture
def seat(app):
    return today(make_permohonan(PermohonanStatus.PRE_SCHEDULED))


def today(case):
    """The meeting of a case, begun now."""
    seat = seat_of(case)
    seat.slot.starts_at = clock.now()
    seat.slot.ends_at = clock.now() + timedelta(minutes=30)
    db.session.commit()
    return seat


def test_todays_meetings(penyelia, seat):
    page = soup(penyelia.get("/penyelia"))
    card = page.find(id=f"rapat-{seat.public_id}")
    assert seat.permohonan.asesi_name in words(card)
    assert "Kompeten" not in words(page)


def test_none_today(penyelia):
    assert "Tidak ada rapat hari ini" in words(soup(penyelia.get("/penyelia")))


def test_a_note_is_appended(penyelia, seat):
    action = url_for("penyelia.add_note", booking_id=seat.public_id)
    values = filled(form(soup(penyelia.get("/penyelia")), action))
    assert (
        penyelia.post(action, data=values | {"note": "Kamera asesi mati dua menit."}).status_code
        == 303
    )
    written = db.session.scalars(select(Incident)).one()
    assert (written.recorded_by_id, written.kind) == (penyelia.user.id, "Catatan penyelia")
    assert written.stage == "Pra-asesmen"
    assert "Kamera asesi mati dua menit." in words(soup(penyelia.get("/penyelia")))


@pytest.mark.parametrize("note", ["", "x" * 1001])
def test_a_note_that_is_refused_is_kept(penyelia, seat, note):
    answer = penyelia.post(
        url_for("penyelia.add_note", booking_id=seat.public_id), data={"note": note}
    )
    assert answer.status_code == 422
    assert "note" in errors(soup(answer))
    assert soup(answer).select_one("textarea").get_text().strip() == note


def test_never_ones_own_meeting(sign_in):
    both = sign_in(Role.PENYELIA, Role.ASESI)
    seat = today(make_permohonan(PermohonanStatus.PRE_SCHEDULED, asesi=both.user))
    assert "Tidak ada rapat hari ini" in words(soup(both.get("/penyelia")))
    address = url_for("penyelia.add_note", booking_id=seat.public_id)
    assert both.post(address, data={"note": "baik"}).status_code == 404
