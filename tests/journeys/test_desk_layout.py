"""The desk as a person with a screen of 1280 px sees it: what has the room, what stands where."""

from __future__ import annotations

import pytest
from flask import url_for

from lsp.vocabulary import PermohonanStatus, Role
from tests.workflow.cases import make_cast, make_permohonan

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
S = PermohonanStatus


@pytest.fixture
def case(app):
    cast = make_cast()
    make_permohonan(S.INVOICED, cast=cast)
    return make_permohonan(S.SUBMITTED, cast=cast, work_done=False)


@pytest.fixture
def screen(app, sign_in, case, address, chromium):
    client = sign_in(Role.ADMIN)
    context = chromium.new_context(locale="id-ID", viewport={"width": 1280, "height": 900})
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = {"name": name, "value": client.get_cookie(name).value, "url": address}
    context.add_cookies([cookie])
    page = context.new_page()
    page.set_default_timeout(30_000)

    def show(path):
        page.goto(address + path)
        return page

    yield show
    context.close()


def box(page, selector):
    return page.locator(selector).first.bounding_box()


def test_with_nothing_open_the_list_has_the_whole_width(screen):
    page = screen(url_for("admin.home", kerja="semua"))
    assert box(page, "#work-list")["width"] == box(page, "#workbench")["width"]


def test_a_name_stands_beside_its_box_and_its_state(screen):
    page = screen(url_for("admin.home", kerja="semua"))
    name, badge, tick = (
        box(page, f"#work-list tbody {each}") for each in (".tap", ".badge", "[name=pilih]")
    )
    middle = name["y"] + name["height"] / 2
    for other in (badge, tick):
        assert abs(other["y"] + other["height"] / 2 - middle) <= 4


def test_beside_an_open_case_the_counts_are_lines_and_a_name_is_whole(screen, case):
    page = screen(
        url_for("admin.permohonan", permohonan_id=case.public_id, dari="kerja=verifikasi")
    )
    assert box(page, "#workbench .tiles")["height"] < 110
    lines = page.locator("#work-list tbody .tap").first.evaluate(
        "node => Math.round(node.clientHeight / parseFloat(getComputedStyle(node).lineHeight))"
    )
    assert lines <= 3, "two lines of a name and the room of a target"


def test_the_tabs_stay_where_they_are(screen):
    places = [
        box(screen(url_for(name)), "main > .tabs:first-child")
        for name in ("admin.settings", "admin.take_in_form")
    ]
    assert places[0] == places[1]


def test_the_tabs_need_one_line_of_a_desk_also_when_something_waits(screen, monkeypatch):
    monkeypatch.setattr("lsp.services.disputes.count_waiting", lambda: 12)
    page = screen(url_for("admin.settings"))
    assert "(12 menunggu Anda)" in page.text_content("main > .tabs:first-child")
    page.set_viewport_size({"width": 1280, "height": 800})
    assert box(page, "main > .tabs:first-child")["height"] <= 48


def test_on_a_phone_the_tabs_are_one_line_that_begins_with_the_open_one(screen):
    page = screen(url_for("admin.settings"))
    page.set_viewport_size({"width": 360, "height": 800})
    tabs = box(page, "main > .tabs:first-child")
    assert tabs["height"] <= 48, "one target high"
    assert box(page, ".tabs [aria-current]")["x"] == tabs["x"]
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.locator(".tabs a").first.focus()
    assert box(page, ".tabs a")["x"] < 360, "a key reaches what is scrolled away"


def test_what_a_filter_says_is_not_cut(screen):
    page = screen(url_for("admin.home"))
    page.click(".filter summary")
    assert box(page, ".filter select")["width"] >= 180


def test_a_message_keeps_its_distance_above_and_below(screen):
    page = screen(url_for("admin.take_in_form"))
    page.evaluate(
        "() => document.querySelector('#flash').innerHTML = '<p class=notice>Tercatat.</p>'"
    )
    head, message, below = (box(page, each) for each in (".top", "#flash p", "main > :first-child"))
    above = message["y"] - head["y"] - head["height"]
    under = below["y"] - message["y"] - message["height"]
    assert above == pytest.approx(under, abs=2)
