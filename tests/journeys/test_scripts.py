"""What our scripts add to a page, in a real Chromium: saving by itself, the guard of unsaved typing, keys, focus."""

from __future__ import annotations

from contextlib import suppress

import pytest
from flask import url_for
from playwright.sync_api import Error

from lsp.database import db, write_transaction
from lsp.models import FrApl01
from lsp.services import meetings
from lsp.vocabulary import PermohonanStatus, Role
from tests import factories
from tests.support.meetings import make_profile, make_tuk
from tests.views.asesi import situations
from tests.workflow.cases import actor_of, make_cast, make_permohonan

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
_ASKS_BEFORE_LEAVING = """() => {
  const leaving = new Event("beforeunload", {cancelable: true});
  window.dispatchEvent(leaving);
  return leaving.defaultPrevented;
}"""


@pytest.fixture
def open_page(app, address, chromium):
    """A page of the portal in the browser of the person whose test client is given."""
    contexts = []

    def opened(client, path):
        db.session.commit()
        context = chromium.new_context(locale="id-ID")
        contexts.append(context)
        name = app.config["SESSION_COOKIE_NAME"]
        value = client.get_cookie(name).value
        context.add_cookies([{"name": name, "value": value, "url": address}])
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto(address + path)
        return page

    yield opened
    for context in contexts:
        context.close()


def wait_until_quiet(page):
    """Whatever a change set off has been asked and answered."""
    page.wait_for_timeout(700)
    page.wait_for_function("() => !document.querySelector('.htmx-request, [aria-busy=true]')")


class TestUnsavedTyping:
    @pytest.fixture
    def page(self, sign_in, open_page):
        asesi = sign_in()
        case = situations.draft(asesi.user)
        path = url_for("asesi.fr_apl_01_section", permohonan_id=case.public_id, section="pribadi")
        return open_page(asesi, path)

    def test_the_button_that_lists_cities_is_for_browsers_without_scripts(self, page):
        button = page.get_by_role("button", name="Tampilkan kabupaten/kota")
        assert button.count() == 0
        page.select_option("#province_code", "73")
        page.locator("#city_code option", has_text="Kota Makassar").wait_for(state="attached")
        page.context.set_offline(True)
        page.select_option("#province_code", "11")
        button.wait_for()

    def test_enter_saves(self, page):
        # The browser's own bubbles about fields that are still empty would come first.
        page.evaluate("() => { document.querySelector('form[data-guard]').noValidate = true }")
        page.fill("#birth_place", "Medan")
        page.press("#birth_place", "Enter")
        page.wait_for_url("**/fr-apl-01/pendidikan")

    def test_a_save_that_failed_is_seen_and_asks_before_leaving(self, page):
        page.fill("#postcode", "abc")
        assert page.evaluate(_ASKS_BEFORE_LEAVING)
        page.locator("#postcode").blur()
        wait_until_quiet(page)
        assert page.locator("#status").is_visible()
        assert "Belum tersimpan" in page.locator("#status").inner_text()
        assert page.evaluate(_ASKS_BEFORE_LEAVING)
        page.fill("#postcode", "20111")
        page.locator("#postcode").blur()
        wait_until_quiet(page)
        assert page.locator("#status").inner_text() == ""
        assert not page.evaluate(_ASKS_BEFORE_LEAVING)
        db.session.rollback()
        assert db.session.query(FrApl01).one().postcode == "20111"

    def test_a_refused_form_still_asks_before_leaving(self, page):
        page.fill("#postcode", "abc")
        page.press("#postcode", "Enter")
        page.wait_for_selector(".notice.bad")
        wait_until_quiet(page)
        assert page.evaluate(_ASKS_BEFORE_LEAVING)


class TestConsentThatArrives:
    @pytest.mark.parametrize("control", ["#meeting-now .btn.main", "#recording-consent a"])
    def test_it_is_heard_and_the_focus_keeps_its_place(
        self, sign_in, open_page, monkeypatch, control
    ):
        monkeypatch.setattr("lsp.services.meeting_news.POLL_SECONDS", (1,) * 20)
        cast = make_cast()
        case = make_permohonan(PermohonanStatus.PRE_SCHEDULED, cast=cast, work_done=False)
        page = open_page(sign_in(cast.asesor), f"/asesor/permohonan/{case.public_id}")
        page.focus(control)
        with write_transaction():
            meetings.agree_to_recording(actor_of(case.asesi), case)
        page.wait_for_function("() => document.getElementById('status').textContent")
        assert page.inner_text("#status") == "Asesi sudah setuju direkam."
        page.wait_for_timeout(100)
        assert page.evaluate("() => document.activeElement !== document.body")
        kept = page.evaluate("() => document.activeElement.id")
        assert kept.startswith("sekarang-") == (control != "#recording-consent a")


class TestMakingAJadwal:
    def test_a_late_answer_takes_back_nothing_that_was_picked_since(self, sign_in, open_page):
        factories.make_skema(remote=True)
        make_tuk()
        people = [factories.make_user(Role.ASESOR, name=f"Asesor {letter}") for letter in "AB"]
        for person in people:
            make_profile(person)
        page = open_page(sign_in(Role.ADMIN), url_for("admin.jadwal_form"))
        held = []
        page.route("**/jadwal/cek*", lambda route: held.append(route))
        page.fill("[name=starts_on]", "2026-12-01")
        page.locator("[name=starts_on]").dispatch_event("change")
        page.wait_for_timeout(100)
        page.select_option("[name=asesor_1]", label="Asesor B")
        page.unroute("**/jadwal/cek*")
        for each in held:
            with suppress(Error):  # the browser no longer waits for the first
                each.continue_()
        wait_until_quiet(page)
        chosen = "select => select.selectedOptions[0].textContent.trim()"
        assert page.eval_on_selector("[name=asesor_1]", chosen) == "Asesor B"


class TestKeysOfTheChecklist:
    @pytest.fixture
    def page(self, sign_in, open_page):
        case = make_permohonan(PermohonanStatus.SUBMITTED, work_done=False)
        path = url_for("admin.permohonan", permohonan_id=case.public_id)
        return open_page(sign_in(Role.ADMIN), path)

    def test_a_letter_pressed_elsewhere_records_nothing(self, page):
        page.focus("#isi")
        page.keyboard.press("m")
        wait_until_quiet(page)
        assert "0 dari" in page.inner_text("#checklist-title")

    def test_in_the_checklist_it_judges(self, page):
        page.focus("#checklist [aria-current]")
        page.keyboard.press("m")
        wait_until_quiet(page)
        assert "1 dari" in page.inner_text("#checklist-title")


#: Links, buttons and summaries lower than 44 CSS pixels, save those in the middle of a sentence.
_SMALL_TARGETS = """() => [...document.querySelectorAll("main a, main button, main summary")].filter((node) => {
  const box = node.getBoundingClientRect();
  const sentence = [...node.parentElement.childNodes].some((each) => each.nodeType === 3 && each.data.trim());
  return box.width > 1 && box.height > 0 && box.height < 43.5 && !sentence;
}).map((node) => node.textContent.trim())"""


class TestTargets:
    @pytest.mark.parametrize(
        "path", ["/admin?kerja=semua", "/admin/permohonan/{case}?kerja=semua", "/admin/antrean"]
    )
    def test_of_the_admin_are_large_enough(self, sign_in, open_page, path):
        case = make_permohonan(PermohonanStatus.SUBMITTED, work_done=False)
        factories.make_message()
        page = open_page(sign_in(Role.ADMIN), path.format(case=case.public_id))
        assert page.evaluate(_SMALL_TARGETS) == []

    @pytest.mark.parametrize("path", ["/asesor", "/asesor/permohonan/{case}"])
    def test_of_the_asesor_are_large_enough(self, sign_in, open_page, path):
        cast = make_cast()
        case = make_permohonan(PermohonanStatus.PRE_SCHEDULED, cast=cast, work_done=False)
        page = open_page(sign_in(cast.asesor), path.format(case=case.public_id))
        assert page.evaluate(_SMALL_TARGETS) == []


class TestDrawingASignature:
    @pytest.fixture
    def page(self, sign_in, open_page):
        asesi = sign_in()
        case = situations.draft(asesi.user)
        situations.fill_apl_01(case)
        return open_page(asesi, url_for("asesi.signing", permohonan_id=case.public_id))

    def draw(self, page):
        page.locator("canvas").scroll_into_view_if_needed()
        box = page.locator("canvas").bounding_box()
        page.mouse.move(box["x"] + 20, box["y"] + 20)
        page.mouse.down()
        for step in range(1, 6):
            page.mouse.move(box["x"] + 20 + 30 * step, box["y"] + 20 + 10 * (step % 3))
        page.mouse.move(box["x"] - 50, box["y"] + 30)  # past the edge and on
        page.mouse.up()
        page.mouse.move(box["x"] + 100, box["y"] + 50)  # no button, no stroke

    def test_it_is_drawn_cleared_drawn_anew_and_sent(self, page):
        strokes = page.locator("[data-sign] input")
        self.draw(page)
        first = strokes.input_value()
        assert len(first.split(" ")) == 7
        self.draw(page)
        assert strokes.input_value().count(";") == 1
        page.get_by_role("button", name="Hapus coretan").click()
        assert strokes.input_value() == ""
        self.draw(page)
        page.get_by_label("Ketik nama lengkap Anda").first.fill(
            page.locator(".hint[id=nama-fr-apl-01-hint]").inner_text().split(": ")[1]
        )
        page.get_by_role("button", name="Tanda tangani FR.APL.01").click()
        page.locator("img.sign").wait_for()
        page.wait_for_function("() => document.querySelector('img.sign').naturalWidth > 0")

    def test_a_wrong_name_leaves_the_drawing(self, page):
        self.draw(page)
        page.get_by_label("Ketik nama lengkap Anda").first.fill("Orang Lain")
        page.get_by_role("button", name="Tanda tangani FR.APL.01").click()
        page.locator("[aria-invalid=true]").wait_for()
        page.locator("canvas").wait_for()  # shown again once the panel has settled
        assert page.locator("[data-sign] input").input_value() != ""
