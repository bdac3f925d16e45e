"""Elemen without evidence on the asesor's pages: said where they are asked about, and drawn in by a press."""

from __future__ import annotations

import pytest

from lsp.database import db
from lsp.services import instruments
from lsp.vocabulary import InstrumentPaper
from tests.html import notices, soup, words
from tests.support.instruments import (
    elemen_of,
    leave_bare,
    name_evidence,
    portfolio_case,
    portfolio_cast,
    statements,
)
from tests.views.asesor.conftest import Desk, typed

CVP, PW = InstrumentPaper.CVP, InstrumentPaper.PW
BARE = "1 elemen dijawab K tanpa bukti"


def desk_of(cast, sign_in) -> Desk:
    """FR.IA.08 is open, and an elemen of the first unit has no evidence."""
    desk = Desk(portfolio_case(cast), cast, sign_in(cast.asesor))
    name_evidence(desk.case, "Surat kerja", [1, 2])
    leave_bare(desk.case, elemen_of(desk.case))
    desk.save("/fr-ia-08/mulai", {})
    return desk


@pytest.fixture
def desk(app, sign_in) -> Desk:
    return desk_of(portfolio_cast(codes=("CVP", "PW")), sign_in)


def questions(desk):
    db.session.expire_all()
    return instruments.newest_of(desk.case, PW).answers


def whole(desk, tail):
    """The form of the page as a browser without scripts would send it."""
    return typed(desk.get(tail).find("form", attrs={"method": "post", "data-guard": True}))


def sound(desk):
    """FR.IA.08 finished, with evidence that meets every rule."""
    data = whole(desk, "/fr-ia-08") | {"s-conclusion": "met", "aksi": "selesai"}
    data |= {f"c1-{rule}": "ya" for rule in ("valid", "authentic", "current", "sufficient")}
    desk.save("/fr-ia-08", data)


class TestWhatIsSaid:
    def test_on_fr_ia_08_and_in_the_order_of_the_meeting(self, desk):
        page = words(desk.get("/fr-ia-08"))
        assert f"{BARE}: ditanyakan di FR.IA.09." in page
        assert "menjawab K tanpa bukti" in page
        sound(desk)
        assert "Isi FR.IA.09" in words(desk.get().find(id="meeting-now"))
        [line] = desk.get("/instrumen").select('#instruments-panel li:-soup-contains("FR.IA.09")')
        assert f"{BARE}: ditanyakan di sini." in words(line)
        assert words(line.select_one(".badge")) == "belum dibuka"

    def test_where_the_plan_has_no_interview(self, app, sign_in):
        desk = desk_of(portfolio_cast(codes=("CVP",)), sign_in)
        assert f"{BARE}. Rencana asesmen ini tanpa wawancara" in words(desk.get("/fr-ia-08"))
        sound(desk)
        assert "Isi FR.AK.02" in words(desk.get().find(id="meeting-now"))
        assert f"{BARE}, dan rencana asesmen ini tanpa wawancara" in words(desk.get("/instrumen"))


class TestTheQuestions:
    def test_one_taken_away_is_missed_and_added_by_a_press(self, desk):
        desk.save("/fr-ia-09/mulai", {})
        assert "tanpa-bukti" not in str(desk.get("/fr-ia-09"))
        desk.save("/fr-ia-09", whole(desk, "/fr-ia-09") | {"aksi": "hapus-1"})
        page = desk.get("/fr-ia-09")
        assert f"{BARE} dan belum punya pertanyaan di sini." in words(page)
        assert page.select_one('button[name="aksi"][value="tanpa-bukti"]') is not None
        refused = desk.post("/fr-ia-09", whole(desk, "/fr-ia-09") | {"aksi": "selesai"})
        assert f"{BARE} belum ditanyakan: “unit 1, elemen 1 " in notices(soup(refused))[0]
        desk.save("/fr-ia-09", whole(desk, "/fr-ia-09") | {"aksi": "tanpa-bukti"})
        [question] = questions(desk)
        assert question.elemen_id == elemen_of(desk.case).id

    def test_they_cost_no_query_more_however_many(self, desk):
        desk.save("/fr-ia-09/mulai", {})
        address = desk.url("/fr-ia-09")
        desk.browser.get(address)
        few = len(statements(lambda: desk.browser.get(address)))
        every = [row for unit in desk.case.skema_version.units for row in unit.elements]
        leave_bare(desk.case, *every)
        assert len(statements(lambda: desk.browser.get(address))) == few
