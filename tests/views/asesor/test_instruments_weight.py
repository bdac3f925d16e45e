"""How light FR.IA.08 and FR.IA.09 stay with a real skema: queries and bytes of a page."""

from __future__ import annotations

import gzip

import pytest

from lsp.database import db
from lsp.services import apl02_texts, fr_ia_08, instruments
from lsp.vocabulary import InstrumentPaper
from tests.support.instruments import (
    asesor_of,
    judged_before,
    name_evidence,
    portfolio_case,
    portfolio_cast,
    statements,
)
from tests.views.asesor.conftest import Desk

CVP, PW = InstrumentPaper.CVP, InstrumentPaper.PW


class TestARealSkema:
    """9 units, 27 elemen, 91 KUK; 24 files, each named in one to three units."""

    @pytest.fixture
    def nine(self, sign_in):
        cast = portfolio_cast(real=True)
        case = portfolio_case(cast)
        for number in range(24):
            places = [number % 9 + 1, *((number + 1) % 9 + 1,) * (number % 3 > 0)]
            document = name_evidence(case, f"Laporan K3 nomor {number + 1}", places)
            judged_before(case, document, places[0])
        desk = Desk(case, cast, sign_in(cast.asesor))
        actor = asesor_of(cast)
        paper = instruments.open_instrument(actor, case, CVP)
        elements = [each.id for unit in cast.skema.units for each in unit.elements]
        fr_ia_08.set_topics(actor, case, paper, dict.fromkeys(elements[::3], ""))
        instruments.open_instrument(actor, case, PW)
        db.session.commit()
        return desk

    @pytest.mark.parametrize(("tail", "most"), [("/fr-ia-08", 14_000), ("/fr-ia-09", 14_000)])
    def test_a_page_takes_few_queries_and_few_bytes(self, nine, tail, most):
        apl02_texts.texts_of(nine.case.skema_version)
        db.session.rollback()
        answers, address = [], nine.url(tail)
        sent = statements(lambda: answers.append(nine.browser.get(address)))
        assert answers[0].status_code == 200
        assert len(sent) <= 11, "\n".join(sent)
        assert len(gzip.compress(answers[0].get_data())) <= most

    def test_the_order_of_the_meeting_stays_light(self, nine):
        address = nine.url("/instrumen")
        nine.browser.get(address)
        assert len(statements(lambda: nine.browser.get(address))) <= 18
