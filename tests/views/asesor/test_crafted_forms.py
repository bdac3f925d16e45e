"""Forms of the asesor's papers as no page of ours draws them: refused or ignored, and nothing of them is kept."""

from __future__ import annotations

import pytest

from lsp.services import instruments
from lsp.vocabulary import InstrumentPaper
from tests.html import notices, soup
from tests.support.instruments import name_evidence, portfolio_case, portfolio_cast
from tests.views.asesor.conftest import Desk

CVP, DPL = InstrumentPaper.CVP, InstrumentPaper.DPL


@pytest.fixture
def desk(app, sign_in) -> Desk:
    cast = portfolio_cast()
    desk = Desk(portfolio_case(cast), cast, sign_in(cast.asesor))
    name_evidence(desk.case, "Surat kerja", [1, 2])
    return desk


@pytest.mark.parametrize("name", ["t1abc", "t²", "t1²", "t" + "9" * 20, "c1abc", "c²"])
def test_a_name_that_is_no_number_is_nobodys_row(desk, name):
    desk.save("/fr-ia-08/mulai", {})
    answer = desk.post("/fr-ia-08", {name: "1", f"{name}-seen": "", f"{name}-valid": "ya"})
    assert answer.status_code == 303
    paper = instruments.newest_of(desk.case, CVP)
    assert paper is not None
    assert (paper.topics, paper.checks[0].valid) == ([], None)


def test_a_question_of_his_own_has_the_length_of_every_other(desk):
    desk.save("/fr-ia-07/mulai", {})
    answer = desk.post("/fr-ia-07", {"aksi": "tambah", "baru": "x" * 2001})
    assert answer.status_code == 409
    assert "Paling panjang 2000 huruf" in notices(soup(answer))[0]
    paper = instruments.newest_of(desk.case, DPL)
    assert paper is not None
    assert paper.answers == []
