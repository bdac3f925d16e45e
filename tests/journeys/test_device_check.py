"""The test of camera, microphone and line, with a made-up camera, in a real Chromium."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from lsp.database import db
from lsp.models import DeviceCheck

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
_REFUSED = """() => {
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
}"""


@pytest.fixture
def page(app, address, chromium, sign_in):
    client = sign_in()
    db.session.commit()
    context = chromium.new_context(locale="id-ID", viewport={"width": 360, "height": 740})
    name = app.config["SESSION_COOKIE_NAME"]
    context.add_cookies([{"name": name, "value": client.get_cookie(name).value, "url": address}])
    made = context.new_page()
    made.set_default_timeout(20_000)
    made.goto(f"{address}/uji-perangkat")
    yield made
    context.close()


def answers(page):
    return page.evaluate(
        "() => [...document.querySelectorAll('[type=radio]:checked')].map((each) => `${each.name} ${each.value}`)"
    )


def run(page):
    page.get_by_role("button", name="Mulai uji").click()
    page.get_by_role("button", name="Uji lagi").wait_for()


def test_a_fit_device_answers_the_questions_and_one_press_keeps_the_verdict(page):
    sent = []
    # The icon of the page comes when the browser likes.
    page.on("request", lambda each: "mark.svg" in each.url or sent.append(each.method))
    run(page)
    assert answers(page) == ["camera ya", "microphone ya", "line ya"]
    assert sorted(sent) == ["GET", "POST"], "neither picture nor sound is sent"
    page.get_by_role("button", name="Simpan hasil uji").click()
    page.get_by_text("siap untuk rapat").wait_for()
    db.session.expire_all()
    assert [row.is_fit for row in db.session.scalars(select(DeviceCheck))] == [True]


def test_a_camera_that_is_not_allowed_is_said_with_the_way_out(page):
    page.evaluate(_REFUSED)
    run(page)
    assert answers(page) == ["camera tidak", "microphone tidak", "line ya"]
    assert "belum diizinkan" in page.locator("#hasil").inner_text()
    assert "setelan peramban" in page.locator("main").inner_text()


def test_a_line_that_breaks_counts_as_too_slow(page):
    page.route("**/beban", lambda route: route.abort())
    run(page)
    assert "line tidak" in answers(page)
