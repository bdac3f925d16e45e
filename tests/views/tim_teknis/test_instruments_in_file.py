"""The FR.IA of a case in the file that the tim teknis reads."""

from __future__ import annotations

from flask import url_for
from sqlalchemy import select

from lsp.database import db
from lsp.models import PlenoCase
from lsp.vocabulary import InstrumentPaper, PermohonanStatus
from tests.html import soup, words
from tests.support.assessment import answer_a_question, make_instrument
from tests.workflow.cases import make_cast, make_permohonan


def test_they_are_read_without_their_keys(app, sign_in):
    cast = make_cast()
    case = make_permohonan(PermohonanStatus.RECOMMENDED, cast=cast)
    place = db.session.scalars(select(PlenoCase).where(PlenoCase.permohonan_id == case.id)).one()
    item = answer_a_question(case, make_instrument(cast.skema, InstrumentPaper.DPL))
    db.session.commit()
    address = url_for("tim_teknis.case", place_id=place.public_id)
    page = soup(sign_in(cast.chair).get(address))
    section = words(page.find(id="instrumen").find_parent("section"))
    assert "FR.IA.07 · Pertanyaan Lisan" in section
    assert item.text in section
    assert item.key not in words(page)
