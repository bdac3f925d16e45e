"""Sending files from a phone in a real Chromium: photos made small, lines that break, and scripts off."""

from __future__ import annotations

import io
from functools import cache

import pytest
from flask import url_for
from PIL import Image
from sqlalchemy import select

from lsp.database import db
from lsp.gateways import storage
from lsp.models import Document
from tests.journeys.test_browser import PHONE
from tests.support.link import Link
from tests.support.tus import send_case
from tests.views.asesi import situations

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
HEADINGS = 40_000  # what a dozen requests say besides their bodies


@cache
def noisy_photo(quality: int = 40) -> bytes:
    """Twelve megapixels of noise: the worst a phone may send."""
    out = io.BytesIO()
    noise = [Image.effect_noise((4000, 3000), 60) for _ in range(3)]
    Image.merge("RGB", noise).save(out, "JPEG", quality=quality)
    return out.getvalue()


@cache
def scan() -> bytes:
    """A PDF of about three megabytes."""
    out = io.BytesIO()
    Image.effect_noise((2600, 2600), 70).save(out, "PDF", quality=70)
    assert 2_500_000 < len(out.getvalue()) < 4_500_000
    return out.getvalue()


@pytest.fixture
def link(address):
    host, _, port = address.removeprefix("http://").partition(":")
    with Link(host, int(port)) as made:
        yield made


@pytest.fixture
def case(sign_in):
    asesi = sign_in()
    case = situations.draft(asesi.user)
    case.browser = asesi
    return case


@pytest.fixture
def open_page(app, link, case, chromium):
    """The documents of the case on a phone, beyond the link."""
    app.config["WTF_CSRF_ENABLED"] = True
    contexts = []
    name = app.config["SESSION_COOKIE_NAME"]
    value = case.browser.get_cookie(name).value
    path = url_for("asesi.documents", permohonan_id=case.public_id)
    db.session.commit()

    def opened(**options):
        context = chromium.new_context(
            viewport=PHONE, locale="id-ID", has_touch=True, is_mobile=True, **options
        )
        contexts.append(context)
        context.add_cookies([{"name": name, "value": value, "url": link.address}])
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.asked = []
        page.on("request", lambda request: page.asked.append((request.method, request)))
        page.goto(link.address + path)
        return page

    yield opened
    for context in contexts:
        context.close()


def row(page):
    return page.locator("main ul.list > li").first


def choose(page, name, content, kind):
    row(page).locator("[type=file]").set_input_files(
        {"name": name, "mimeType": kind, "buffer": content}
    )


def press(page):
    row(page).get_by_role("button", name="Unggah").click()


def arrived(page):
    row(page).locator(".badge").get_by_text("Ada", exact=True).wait_for()


def documents() -> list[Document]:
    db.session.rollback()
    return list(db.session.scalars(select(Document)))


class TestPhotos:
    @pytest.mark.parametrize("content", [situations.photo(size=(4000, 3000)), noisy_photo()])
    def test_made_small_and_sent_in_one_request(self, open_page, link, content):
        page = open_page()
        before = link.sent
        choose(page, "ktp.jpg", content, "image/jpeg")
        press(page)  # at once: what is sent is the small one all the same
        arrived(page)
        assert link.sent - before < 300_000 + HEADINGS
        assert [method for method, _ in page.asked if method not in ("GET", "HEAD")] == ["POST"]
        (document,) = documents()
        assert document.original_name == "ktp.jpg"
        kept = Image.open(io.BytesIO(storage.store().open(document.storage_key)))
        assert max(kept.size) >= 1200, "the NIK is still read with ease"

    def test_the_camera_stands_beside_the_choice_of_a_file(self, open_page):
        page = open_page()
        with page.expect_file_chooser() as chosen:
            row(page).get_by_role("button", name="Ambil foto").click()
        chosen.value.set_files(
            {"name": "k.jpg", "mimeType": "image/jpeg", "buffer": situations.photo()}
        )
        field = row(page).locator("[type=file]")
        assert field.get_attribute("capture") is None
        assert field.get_attribute("accept") == "image/*,application/pdf"
        press(page)
        arrived(page)
        assert row(page).locator("[type=file]").count() == 1

    def test_a_line_that_breaks_sends_it_again_by_itself(self, open_page, link):
        page = open_page()
        choose(page, "ktp.jpg", situations.photo(), "image/jpeg")
        link.go_down()
        press(page)
        row(page).get_by_text("dikirim lagi begitu ada sinyal").wait_for()
        link.come_up()
        arrived(page)
        assert len(documents()) == 1

    def test_the_fault_of_the_last_file_is_not_said_of_the_next(self, open_page, link):
        page = open_page()
        choose(page, "ktp.jpg", b"no picture at all", "image/jpeg")
        press(page)
        row(page).locator(".err").wait_for()
        choose(page, "ktp.jpg", situations.photo(), "image/jpeg")
        link.go_down()
        press(page)
        row(page).get_by_text("dikirim lagi begitu ada sinyal").wait_for()
        assert row(page).locator(".err, [aria-invalid]").count() == 0
        link.come_up()
        arrived(page)

    def test_after_some_tries_the_person_is_asked_and_the_file_is_kept(self, open_page, link):
        page = open_page()
        page.clock.install()
        choose(page, "ktp.jpg", situations.photo(), "image/jpeg")
        page.wait_for_timeout(500)
        link.go_down()
        press(page)
        again = row(page).get_by_role("button", name="Coba lagi")
        for _ in range(60):
            if again.count():
                break
            page.clock.fast_forward(9_000)
            page.wait_for_timeout(100)
        assert "Berkas ini masih terpilih" in row(page).inner_text()
        assert row(page).locator("[type=file]").evaluate("each => each.files[0].name") == "ktp.jpg"
        assert page.locator("#status").inner_text() == ""
        link.come_up()
        again.click()
        arrived(page)


@pytest.fixture
def file_of(tmp_path):
    """A file of the phone: chosen again, it has the same size and time."""

    def made(name, content):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return made


class TestLargeFiles:
    def test_go_on_where_the_line_was_cut(self, open_page, link):
        page = open_page()
        choose(page, "ijazah.pdf", scan(), "application/pdf")
        before = link.sent
        link.cut_places = [before + len(scan()) // 2]
        press(page)
        arrived(page)
        assert link.cuts == 1
        assert link.sent - before < len(scan()) * 1.3
        (document,) = documents()
        assert (document.original_name, document.pages) == ("ijazah.pdf", 1)
        assert "ijazah.pdf tersimpan" not in page.locator("#status").inner_text()
        assert "tersimpan" in page.locator("#status").inner_text()
        assert page.evaluate("() => localStorage.length") == 0

    def test_how_far_it_is_stands_there_in_words(self, open_page, link):
        page = open_page()
        page.evaluate("""() => {
          window.said = new Set();
          new MutationObserver(() => document.querySelectorAll('[data-sent]').forEach(
            (line) => said.add(line.textContent))).observe(document, {subtree: true, childList: true});
        }""")
        choose(page, "ijazah.pdf", scan(), "application/pdf")
        press(page)
        arrived(page)
        said = page.evaluate("() => [...said]")
        assert said[0] == "Menyiapkan berkas …"
        assert any(each.endswith(" % terkirim") for each in said)
        assert said[-1] == "Sedang diperiksa …"

    def test_go_on_after_the_page_was_left(self, open_page, link, file_of):
        page, path = open_page(), file_of("ijazah.pdf", scan())
        row(page).locator("[type=file]").set_input_files(path)
        link.cut_places = [link.sent + len(scan()) // 2]
        with page.expect_request(lambda request: request.method == "HEAD"):
            press(page)
        link.go_down()
        kept = page.evaluate("() => JSON.stringify(localStorage)")
        assert "ijazah" not in kept
        link.come_up()
        page.reload()
        row(page).locator("[type=file]").set_input_files(path)
        page.asked.clear()
        press(page)
        arrived(page)
        offsets = [
            int(request.headers["upload-offset"])
            for method, request in page.asked
            if method == "PATCH"
        ]
        assert offsets[0] > len(scan()) // 4
        assert not any(method == "POST" for method, _ in page.asked)
        assert len(documents()) == 1

    def test_another_file_begins_anew(self, open_page, link):
        page = open_page()
        choose(page, "ijazah.pdf", scan(), "application/pdf")
        link.cut_places = [link.sent + len(scan()) // 2]
        with page.expect_request(lambda request: request.method == "HEAD"):
            press(page)
        page.reload()
        choose(page, "ijazah.pdf", scan() + b"\n", "application/pdf")
        press(page)
        arrived(page)
        assert len(documents()) == 1

    def test_what_is_refused_is_told_at_its_row(self, open_page):
        page = open_page()
        choose(page, "ijazah.pdf", b"%PDF-1.7 rusak" + bytes(1_500_000), "application/pdf")
        press(page)
        row(page).locator(".err", has_text="PDF ini rusak atau terpotong").wait_for()
        choose(page, "ijazah.pdf", bytes(10_000_001), "application/pdf")
        press(page)
        row(page).locator(".err", has_text="lebih besar dari 10 MB").wait_for()
        assert page.asked[-1][0] == "POST", "none of it was sent"
        choose(page, "ijazah.pdf", scan(), "application/pdf")
        press(page)
        arrived(page)

    def test_the_case_was_sent_in_another_tab(self, open_page, case):
        page = open_page()
        choose(page, "ijazah.pdf", scan(), "application/pdf")
        send_case(case)
        press(page)
        row(page).locator(".err", has_text="sudah dikirim").wait_for()


def test_with_scripts_off_it_is_one_ordinary_form(open_page):
    page = open_page(java_script_enabled=False)
    choose(page, "ijazah.pdf", scan(), "application/pdf")
    press(page)
    arrived(page)
    row(page).get_by_text("Ganti berkas").click()
    assert len(documents()) == 1
