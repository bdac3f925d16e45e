"""Trying camera, microphone and line: only the verdict is kept, and the questions can be answered by hand."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect, select

from lsp.database import db
from lsp.models import DeviceCheck
from lsp.views.device_check import DOWN_BYTES
from tests.html import filled, form, notices, soup, words
from tests.views.asesi import situations

ADDRESS = "/uji-perangkat"
ALL_FINE = {"camera": "ya", "microphone": "ya", "line": "ya"}


@pytest.fixture
def browser(sign_in):
    return sign_in()


def send(browser, **answers):
    page = soup(browser.get(ADDRESS))
    return browser.post(ADDRESS, data=filled(form(page, ADDRESS)) | answers)


def verdicts():
    db.session.expire_all()
    return [row.is_fit for row in db.session.scalars(select(DeviceCheck))]


def test_the_last_verdict_takes_the_place_of_the_one_before(browser):
    assert "belum siap" in notices(soup(send(browser, **ALL_FINE | {"line": "tidak"})))[0]
    assert verdicts() == [False]
    assert "siap untuk rapat" in notices(soup(send(browser, **ALL_FINE)))[0]
    assert verdicts() == [True]
    assert "Uji terakhir" in words(soup(browser.get(ADDRESS)).main)


def test_nothing_but_the_verdict_has_a_place_to_be_kept(app):
    columns = {column["name"] for column in inspect(db.engine).get_columns("device_check")}
    assert columns == {"user_id", "is_fit", "checked_at"}


@pytest.mark.parametrize("missing", ["camera", "microphone", "line"])
def test_an_unanswered_question_is_named_and_the_others_stay(browser, missing):
    answers = {name: value for name, value in ALL_FINE.items() if name != missing}
    answer = send(browser, **answers)
    assert answer.status_code == 422
    assert "Pilih ya atau tidak" in words(soup(answer).main)
    kept = filled(form(soup(answer), ADDRESS))
    assert {name: kept[name] for name in answers} == {key: ["ya"] for key in answers}
    assert verdicts() == []


def test_the_load_cannot_be_made_smaller_and_what_comes_up_is_forgotten(browser):
    down = [browser.get(f"{ADDRESS}/beban") for _ in range(2)]
    assert [len(answer.data) for answer in down] == [DOWN_BYTES] * 2
    assert down[0].data != down[1].data
    assert down[0].headers["Cache-Control"] == "no-store"
    up = browser.post(
        f"{ADDRESS}/beban", data=b"x" * 32_000, content_type="application/octet-stream"
    )
    assert (up.status_code, up.data) == (204, b"")


def test_the_meeting_page_leads_here_and_tells_the_verdict(browser):
    case = situations.booked(browser.user, hours=50)
    address = f"/asesi/permohonan/{case.public_id}/rapat"
    assert soup(browser.get(address)).select_one(f'a[href^="{ADDRESS}?dari="]')
    send(browser, **ALL_FINE)
    assert ": siap" in words(soup(browser.get(address)).main)
