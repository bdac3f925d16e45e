"""FR.IA.08 and FR.IA.09 filled in a real Chromium, on a phone: ticks that save themselves, and plain forms without."""

from __future__ import annotations

import re

import pytest

from lsp.database import db
from lsp.services import instruments
from lsp.vocabulary import Conclusion, InstrumentPaper
from tests.support.assessment import fill_instruments
from tests.support.instruments import judged_before, name_evidence, portfolio_case, portfolio_cast

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
CVP, PW = InstrumentPaper.CVP, InstrumentPaper.PW


@pytest.fixture
def case(app):
    case = portfolio_case(portfolio_cast(codes=("CVP", "PW")))
    letter = name_evidence(case, "Surat kerja", [1, 2])
    name_evidence(case, "Laporan K3", [2])
    judged_before(case, letter, 1)
    judged_before(case, letter, 2)
    return case


@pytest.fixture
def open_page(app, sign_in, case, address, chromium):
    """open_page(scripts): the asesor's phone at the list of instruments."""
    contexts = []

    def made(*, scripts: bool):
        from lsp.workflow.dossier import dossier_of

        client = sign_in(dossier_of(case).bookings[-1].slot.asesor)
        context = chromium.new_context(
            locale="id-ID", viewport={"width": 360, "height": 740}, java_script_enabled=scripts
        )
        contexts.append(context)
        name = app.config["SESSION_COOKIE_NAME"]
        context.add_cookies(
            [{"name": name, "value": client.get_cookie(name).value, "url": address}]
        )
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto(f"{address}/asesor/permohonan/{case.public_id}/instrumen")
        return page

    yield made
    for context in contexts:
        context.close()


def paper_of(case, paper):
    db.session.expire_all()
    db.session.rollback()
    found = instruments.newest_of(case, paper)
    assert found is not None
    return found


def choose(page, name, value):
    page.locator(f'input[name="{name}"][value="{value}"]').check()


def test_ticks_save_themselves_row_by_row(case, open_page):
    page = open_page(scripts=True)
    page.get_by_role("button", name="Mulai FR.IA.08").click()
    page.locator("#ia-08-count").wait_for()
    # What the pre-assessment said is confirmed in its row.
    page.locator("#c1-all").click()
    page.locator("#ia-saved-c1 .stored").wait_for()
    assert "dari pra-asesmen" not in page.locator("#ia-08-check-1").inner_text()
    # The next unit waits under its title, which says how far it is; the first stays open though nothing waits there.
    second = page.locator("#unit-2")
    assert "0 dari 1 bukti dinilai" in second.locator("summary").first.inner_text()
    second.locator("summary").first.click()
    assert page.locator("#unit-1").get_attribute("open") is not None
    # The second row by keyboard: space on the first radio, then the others.
    for rule in ("valid", "authentic", "sufficient"):
        page.locator(f'input[name="c2-{rule}"][value="ya"]').focus()
        page.keyboard.press("Space")
    choose(page, "c2-current", "tidak")
    page.locator("#c2-note").fill("Tahun 2015")
    page.locator("#c2-note").blur()
    page.get_by_text("2 dari 2 bukti dinilai").wait_for()
    assert "1 dari 1 bukti dinilai" in second.locator("summary").first.inner_text()
    page.wait_for_function("() => !document.querySelector('.htmx-request')")
    row = paper_of(case, CVP).checks[1]
    assert (row.valid, row.current, row.note) == (True, False, "Tahun 2015")
    # An elemen ticked brings its KUK into the page.
    elemen = case.skema_version.units[1].elements[0].id
    page.locator("summary", has_text="Elemen untuk wawancara").nth(1).click()
    page.locator(f"#t{elemen}").check()
    page.locator(f"#t{elemen}-substance").wait_for()
    page.get_by_text("1 elemen wawancara").wait_for()
    assert "wawancara: 1 elemen" in second.locator("summary").first.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    # Nothing is left to lose: leaving asks nothing.
    choose(page, "s-conclusion", "met")
    page.locator("#ia-saved-s .stored").wait_for()
    page.get_by_role("button", name="Selesai mengisi FR.IA.08").click()
    page.locator("#flash").get_by_text("FR.IA.08 selesai.").wait_for()
    # Back at the order of the meeting, where the next paper is named.
    assert "Isi FR.IA.09" in page.locator("#meeting-now").inner_text()
    assert paper_of(case, CVP).conclusion is Conclusion.MET


def test_a_row_that_another_tab_changed_says_so_and_keeps_the_choice(case, open_page):
    page = open_page(scripts=True)
    page.get_by_role("button", name="Mulai FR.IA.08").click()
    page.locator("#ia-08-count").wait_for()
    page.locator("#unit-2 > summary").click()
    other = page.context.new_page()
    other.goto(page.url)
    other.locator("#unit-2 > summary").click()
    other.locator("#c2-all").click()
    other.locator("#ia-saved-c2 .stored").wait_for()
    choose(page, "c2-valid", "tidak")
    page.locator("#ia-saved-c2 .err").wait_for()
    assert page.locator('input[name="c2-valid"][value="tidak"]').is_checked()
    assert paper_of(case, CVP).checks[1].valid is True


@pytest.mark.parametrize("scripts", [True, False])
def test_fr_ak_02_shows_what_was_found_and_unfolds_the_rest(case, open_page, scripts):
    page = open_page(scripts=scripts)
    fill_instruments(case)
    db.session.commit()
    page.goto(page.url.replace("/instrumen", "/fr-ak-02"))
    rows = page.locator(".matrix tbody tr")
    row = rows.first
    found = row.locator("td:not(.off) input[type=checkbox]:not([name$=-failed])")
    assert found.count() > 0
    assert row.locator("td.off input:visible").count() == 0
    assert not row.locator("[name$=-reason]").is_visible()
    row.locator("summary").click()
    assert row.locator("td.off input:visible").count() == row.locator("td.off").count() > 0
    row.locator("[name$=-failed]").check()
    assert row.locator("[name$=-reason]").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_without_scripts_one_form_saves_the_page(case, open_page):
    page = open_page(scripts=False)
    page.get_by_role("button", name="Mulai FR.IA.08").click()
    page.locator("#unit-2 > summary").click()
    for rule in ("valid", "authentic", "current", "sufficient"):
        choose(page, f"c2-{rule}", "ya")
    elemen = case.skema_version.units[0].elements[0].id
    page.locator("summary", has_text="Elemen untuk wawancara").first.click()
    page.locator(f"#t{elemen}").check()
    page.locator("#s-feedback").fill("Bukti Anda rapi.")
    choose(page, "s-conclusion", "met")
    # A button of a notice above saves what was typed below it.
    page.get_by_role("button", name="Benarkan semua dari pra-asesmen").click()
    page.get_by_role("button", name="Selesai mengisi FR.IA.08").click()
    assert "FR.IA.08 selesai." in page.locator("#flash").inner_text()
    assert paper_of(case, CVP).feedback == "Bukti Anda rapi."
    page.get_by_role("button", name="Mulai FR.IA.09").click()
    page.locator("#q1-answer").fill("Dijelaskan dengan contoh izin kerja.")
    choose(page, "q1-achieved", "ya")
    page.get_by_role("button", name="Selesai mengisi FR.IA.09").click()
    assert re.search(r"FR\.IA\.09 selesai\.", page.locator("#flash").inner_text())
    assert paper_of(case, PW).conclusion is Conclusion.MET


@pytest.fixture
def long_case(app):
    """9 units, a file in each and one more in all of them, which the pre-assessment judged."""
    case = portfolio_case(portfolio_cast(real=True, codes=("CVP", "PW")))
    for number in range(1, 10):
        name_evidence(case, f"Laporan K3 nomor {number}", [number])
    judged_before(case, name_evidence(case, "Surat kerja", range(1, 10)), 1)
    return case


class TestALongPaper:
    @pytest.fixture
    def case(self, long_case):
        return long_case

    def opened(self, page):
        return page.eval_on_selector_all(
            "[id^=unit-][open]", "parts => parts.map((part) => part.id)"
        )

    @pytest.mark.parametrize("scripts", [True, False])
    def test_it_lies_open_where_the_work_goes_on(self, open_page, scripts):
        page = open_page(scripts=scripts)
        page.get_by_role("button", name="Mulai FR.IA.08").click()
        page.locator("#ia-08-count").wait_for()
        assert page.locator("[id^=unit-][open]").count() == 1
        assert page.locator("#unit-1").get_attribute("open") is not None
        assert page.locator("body").bounding_box()["height"] < 4_500
        # A button in a unit that was opened by hand comes back to it.
        page.locator("#unit-4 > summary").click()
        page.locator("#unit-4 button[name=aksi]").click()
        page.locator("#unit-4 [value=ya]:checked").nth(3).wait_for()
        assert page.locator("#unit-4").get_attribute("open") is not None

    def test_what_was_opened_stays_open_and_a_link_opens_its_unit(self, open_page):
        page = open_page(scripts=True)
        page.get_by_role("button", name="Mulai FR.IA.08").click()
        page.locator("#ia-08-count").wait_for()
        for place in (3, 1):  # open the third, fold the first
            page.locator(f"#unit-{place} > summary").click()
        # The paper as a whole is drawn anew by a button above.
        page.get_by_role("button", name="Benarkan semua dari pra-asesmen").click()
        page.get_by_text("1 penilaian dari pra-asesmen dibenarkan").first.wait_for()
        assert self.opened(page) == ["unit-1", "unit-3"]
        page.locator("#unit-1 > summary").click()
        page.locator("#unit-3 a", has_text="Surat kerja").click()
        assert page.locator("#ia-08-check-2").is_visible()

    def test_on_paper_everything_lies_open(self, open_page):
        page = open_page(scripts=True)
        page.get_by_role("button", name="Mulai FR.IA.08").click()
        page.locator("#ia-08-count").wait_for()
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        assert len(self.opened(page)) == 9
        page.evaluate("window.dispatchEvent(new Event('afterprint'))")
        assert self.opened(page) == ["unit-1"]


@pytest.mark.parametrize("scripts", [True, False])
def test_print_shows_what_is_folded_also_without_scripts(open_page, scripts):
    page = open_page(scripts=scripts)
    page.get_by_role("button", name="Mulai FR.IA.08").click()
    page.locator("#ia-08-count").wait_for()
    folded = page.locator("#unit-2 .piece").first
    assert not folded.is_visible()
    page.emulate_media(media="print")
    assert folded.bounding_box()["height"] > 50
