"""Ten files verified with the keyboard alone, in a real Chromium: no mouse, and each keystroke counted."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import select, update

from lsp.database import db
from lsp.models import Document, NotePhrase, OutboxMessage, Permohonan
from lsp.services.skema_import import document_requirements
from lsp.vocabulary import PermohonanStatus, RequestKind, Role
from lsp.workflow.dossier import dossier_of
from tests.workflow.cases import make_cast, make_permohonan

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
S = PermohonanStatus
DESK = {"width": 1280, "height": 900}
#: Every third file has a KTP that cannot be read.
FILES, EVERY_THIRD = 10, 3
PHRASE = "Foto buram, tulisannya tidak terbaca. Foto ulang di tempat terang."


class Keyboard:
    """Presses keys, waits as a person does until the page answered, and counts."""

    def __init__(self, page) -> None:
        self.page, self.pressed = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1
            self.wait()

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.pressed += len(text)

    def wait(self) -> None:
        self.page.wait_for_timeout(40)
        self.page.wait_for_load_state("load")
        self.page.wait_for_function(
            "() => !document.querySelector('.htmx-request, .htmx-swapping, [aria-busy=true]')"
        )
        # HTMX moves the focus when the new panel has settled, 20 ms after it was put in.
        self.page.wait_for_timeout(60)

    def has_focus(self, selector: str) -> bool:
        return bool(self.page.evaluate("css => document.activeElement.matches(css)", selector))

    def tab_to(self, selector: str) -> None:
        for _ in range(80):
            if self.has_focus(selector):
                return
            self.press("Tab")
        raise AssertionError(f"no way to {selector} by Tab")

    def taken(self) -> int:
        """Keystrokes since the last time it was asked."""
        pressed, self.pressed = self.pressed, 0
        return pressed


@pytest.fixture
def cast(app):
    """A skema with the real checklist of jenjang 4."""
    cast = make_cast()
    rows = [row for row in document_requirements(4) if row.kind is RequestKind.BARU]
    for old in list(cast.skema.requirements):
        db.session.delete(old)
    db.session.flush()
    cast.skema.requirements = [row for row in rows if row.required]
    db.session.execute(NotePhrase.__table__.delete())
    db.session.add(NotePhrase(code="", text=PHRASE))
    db.session.commit()
    return cast


@pytest.fixture
def cases(cast):
    made = [make_permohonan(S.SUBMITTED, cast=cast, work_done=False) for _ in range(FILES)]
    # A pas foto is a photo: as a PDF it stops the file.
    db.session.execute(update(Document).values(content_type="image/jpeg"))
    db.session.commit()
    return made


@pytest.fixture
def keyboard(app, sign_in, cases, address, chromium):
    client = sign_in(Role.ADMIN)
    context = chromium.new_context(locale="id-ID", viewport=DESK)
    name = app.config["SESSION_COOKIE_NAME"]
    value = client.get_cookie(name).value
    context.add_cookies([{"name": name, "value": value, "url": address}])
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(address + url_for("admin.home", kerja="verifikasi"))
    keys = Keyboard(page)
    keys.name = client.user.name
    yield keys
    context.close()


def accept(keyboard, rows: int) -> None:
    keyboard.press(*["m"] * rows)
    keyboard.press("s", "d")
    assert keyboard.has_focus("#typed_name")
    keyboard.type(keyboard.name)
    keyboard.press("Enter")
    keyboard.press("l", "Enter")


def send_back(keyboard, rows: int) -> None:
    keyboard.press("1", "t", *["m"] * (rows - 1))
    keyboard.press("p")
    assert PHRASE in keyboard.page.inner_text("main")
    keyboard.press("Tab", "Enter")


def test_ten_files_without_a_mouse(keyboard, cast, cases):
    rows = len(cast.skema.requirements)
    keyboard.tab_to("#work-list tbody a")
    keyboard.press("Enter")
    keyboard.tab_to("#checklist *")
    keyboard.taken()
    complete, returned = [], []
    for number in range(FILES):
        if number % EVERY_THIRD == 0:
            send_back(keyboard, rows)
            returned.append(keyboard.taken())
        else:
            accept(keyboard, rows)
            complete.append(keyboard.taken())
        if number < FILES - 1:
            keyboard.press("Enter")
    db.session.rollback()
    found = [db.session.get_one(Permohonan, case.id).status for case in cases]
    assert found == [S.RETURNED if each % EVERY_THIRD == 0 else S.VERIFIED for each in range(FILES)]
    assert "sudah diperiksa" in keyboard.page.inner_text("#next-case")
    # Measured: a verdict a key, then S D name Enter L Enter, or the phrase and P Tab Enter; and Enter to the next file.
    assert max(complete) == rows + 5 + len(keyboard.name) + 1
    assert max(returned) == rows + 1 + 3 + 1


def test_what_was_judged_by_keys_is_what_the_asesi_reads(keyboard, cast, cases):
    keyboard.tab_to("#work-list tbody a")
    keyboard.press("Enter")
    keyboard.tab_to("#checklist *")
    send_back(keyboard, len(cast.skema.requirements))
    db.session.rollback()
    (mail,) = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.kind == "permohonan_returned")
    )
    assert mail.payload["context"]["items"] == [f"KTP: {PHRASE}"]


class TestKeys:
    """One key each; none outside the checklist (WCAG 2.1.4)."""

    @pytest.fixture
    def opened(self, keyboard, address, cases):
        path = url_for("admin.permohonan", permohonan_id=cases[0].public_id, berkas="awal")
        keyboard.page.goto(address + path)
        return keyboard

    def judged(self, case):
        db.session.rollback()
        return [item.verdict for item in dossier_of(case).verdicts if item.verdict]

    @pytest.mark.parametrize("key", ["m", "t", "a", "s", "l", "p", "n", "1"])
    def test_outside_it_none_does_anything(self, opened, cases, key):
        before = opened.page.url
        opened.page.evaluate("() => document.getElementById('isi').focus()")
        opened.press(key)
        assert opened.page.url == before
        assert self.judged(cases[0]) == []

    def test_a_letter_in_the_note_is_a_letter(self, opened, cases):
        opened.press("c", "m", "t", "Escape")
        assert opened.page.input_value("#note") == "mt"
        assert self.judged(cases[0]) == []
        opened.press("t")
        assert len(self.judged(cases[0])) == 1

    def test_a_phrase_can_be_changed_before_it_is_sent(self, opened, cases):
        opened.press("1", "c")
        opened.type(" Halaman 2.")
        opened.press("Escape", "t")
        db.session.rollback()
        (item,) = [row for row in dossier_of(cases[0]).verdicts if row.verdict]
        assert item.note == f"{PHRASE} Halaman 2."

    def test_arrows_walk_the_rows_and_the_files(self, opened):
        opened.press("ArrowDown", "ArrowDown", "ArrowUp")
        assert "1b" in opened.page.inner_text("#checklist [aria-current]")
        opened.press("ArrowRight")
        assert opened.page.evaluate("() => document.activeElement.matches('[data-file]')")
        opened.press("ArrowRight")
        assert opened.page.evaluate("() => document.activeElement.matches('[aria-current]')")

    def test_the_document_has_half_of_the_case_and_stays_beside_the_rows(self, opened):
        """At 1280 px a KTP is drawn 440 px wide or more: its NIK line is then 14 px high, as high as this text."""
        preview = opened.page.locator("#preview")
        assert preview.bounding_box()["width"] >= 440
        opened.press(*["ArrowDown"] * 5)
        assert 0 <= preview.bounding_box()["y"] < DESK["height"] / 2

    def test_a_step_that_cannot_be_done_says_why(self, opened):
        opened.press("l")
        assert "belum dinilai" in opened.page.inner_text("#status")

    def test_the_next_file_opens_at_its_first_row(self, opened, cases):
        opened.press("n")
        assert cases[1].public_id in opened.page.url
        assert opened.page.evaluate(
            "() => document.activeElement.matches('#checklist [aria-current]')"
        )
