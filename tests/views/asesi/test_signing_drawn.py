"""A signature drawn by finger beside the typed name: kept as our own picture, never in the way of signing."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.gateways import storage
from lsp.gateways.files import StoreUnavailable
from lsp.models import Permohonan, Signature
from lsp.services import drawn_signature
from lsp.services.file_keeping import _named_keys
from lsp.views.html import STATIC_FOLDER
from lsp.vocabulary import PermohonanStatus, Role
from tests.html import errors, filled, form, soup, words
from tests.htmx import HX
from tests.views.asesi import situations

DRAWN = "10,20 30,40;50,60 70,80 -5,900"


@pytest.fixture
def permohonan(browser):
    """Everything filled, nothing signed."""
    case = situations.draft(browser.user)
    situations.fill_apl_01(case)
    return db.session.get_one(Permohonan, case.id)


def page_url(permohonan) -> str:
    return url_for("asesi.signing", permohonan_id=permohonan.public_id)


def sign(browser, permohonan, *, headers=None, **changes):
    where = url_for("asesi.sign", permohonan_id=permohonan.public_id, form_key="fr-apl-01")
    sent = filled(form(soup(browser.get(page_url(permohonan))), where))
    sent |= {"typed_name": permohonan.asesi_name} | changes
    return browser.post(where, data=sent, headers=headers or {})


def signatures() -> list[Signature]:
    return list(db.session.scalars(select(Signature)))


class TestThePicture:
    def test_it_is_ours_and_holds_black_strokes_within_the_box(self):
        made = drawn_signature.picture(DRAWN)
        assert b'd="M10 20L30 40M50 60L70 80L0 200"' in made
        assert made.count(b"stroke=") == 1
        assert b'stroke="#000"' in made

    @pytest.mark.parametrize(
        "text",
        ["", "1,1", "x", "10,20 30,40 <script>", "10,20;;30,40 1,2 3,4", "99999,1 2,2 3,3 4,4", "1,1 " * 20_000,
         "data:image/png;base64,AAAA", "10,20 30,40 50,60 70,٣"],
    )  # fmt: skip
    def test_what_is_no_drawing_is_none(self, text):
        assert drawn_signature.picture(text) is None


class TestSigning:
    @pytest.mark.parametrize("headers", [{}, HX])
    def test_a_drawing_is_sealed_and_shown_by_the_name(self, browser, permohonan, headers):
        sign(browser, permohonan, drawing=DRAWN, headers=headers)
        (row,) = signatures()
        assert storage.store().open(row.drawing_key) == drawn_signature.picture(DRAWN)
        assert row.drawing_key in _named_keys()  # or the worker would sweep it
        image = soup(browser.get(page_url(permohonan))).select_one("img.sign")
        assert permohonan.asesi_name in image["alt"]
        answer = browser.get(image["src"])
        assert answer.content_type == "image/svg+xml"
        assert "sandbox" in answer.headers["Content-Security-Policy"]

    @pytest.mark.parametrize("drawing", ["", "1,1", "kacau", "9" * 50_000])
    def test_none_or_nonsense_signs_all_the_same(self, browser, permohonan, drawing):
        assert sign(browser, permohonan, drawing=drawing).status_code == 303
        (row,) = signatures()
        assert row.drawing_key is None
        assert soup(browser.get(page_url(permohonan))).select_one("img.sign") is None

    def test_a_store_that_does_not_answer_does_not_stand_in_the_way(
        self, browser, permohonan, monkeypatch
    ):
        def fails(_content):
            raise StoreUnavailable("away")

        monkeypatch.setattr(storage.store(), "put", fails)
        assert sign(browser, permohonan, drawing=DRAWN).status_code == 303
        assert signatures()[0].drawing_key is None

    def test_a_wrong_name_keeps_the_drawing_on_the_page_and_nothing_in_the_store(
        self, browser, permohonan
    ):
        answer = sign(browser, permohonan, typed_name="Orang Lain", drawing=DRAWN)
        assert answer.status_code == 422
        page = soup(answer)
        assert "persis seperti ini" in " ".join(errors(page).values())
        assert page.select_one("[data-sign] input")["value"] == DRAWN
        assert signatures() == []
        assert list(storage.store().list_keys()) == []

    def test_sent_twice_one_signature_and_one_picture_stand(self, browser, permohonan):
        where = url_for("asesi.sign", permohonan_id=permohonan.public_id, form_key="fr-apl-01")
        sent = filled(form(soup(browser.get(page_url(permohonan))), where))
        sent |= {"typed_name": permohonan.asesi_name, "drawing": DRAWN}
        for _ in range(2):
            assert browser.post(where, data=sent).status_code == 303
        assert len(signatures()) == 1
        assert list(storage.store().list_keys()) == [signatures()[0].drawing_key]


class TestThePage:
    def test_without_scripts_no_canvas_is_shown(self, browser, permohonan):
        page = soup(browser.get(page_url(permohonan)))
        (box,) = page.select("[data-sign]")
        assert box.has_attr("hidden")
        assert box.canvas.find_parent("form")["action"].endswith("fr-apl-01")

    def test_the_script_is_small_and_of_this_page_alone(self, browser, permohonan):
        assert (STATIC_FOLDER / "sign.js").stat().st_size <= 1_500
        assert "sign.js" in browser.get(page_url(permohonan)).text
        overview = url_for("asesi.fr_apl_01", permohonan_id=permohonan.public_id)
        assert "sign.js" not in browser.get(overview).text

    def test_the_admin_sees_it_by_the_name(self, browser, permohonan, sign_in):
        sign(browser, permohonan, drawing=DRAWN)
        case = db.session.get_one(Permohonan, permohonan.id)
        case.status, case.submitted_at = PermohonanStatus.SUBMITTED, clock.now()
        db.session.commit()
        admin = sign_in(Role.ADMIN)
        case = url_for("admin.permohonan", permohonan_id=permohonan.public_id)
        page = soup(admin.get(case))
        image = page.select_one("#apl-01 img.sign")
        assert permohonan.asesi_name in words(image.find_next("p"))
        assert admin.get(image["src"]).status_code == 200
