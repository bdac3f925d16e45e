"""Which FR.IA an attempt needs: what the plan asks for, and what FR.IA.08 makes of the interview."""

from __future__ import annotations

import pytest

from lsp import clock
from lsp.database import db
from lsp.models import InstrumentAnswer, InterviewTopic, PortfolioCheck
from lsp.vocabulary import Conclusion, InstrumentPaper, PermohonanStatus
from lsp.workflow.dossier import dossier_of
from lsp.workflow.instruments import open_papers, papers_needed
from tests import factories
from tests.support.assessment import make_filled
from tests.workflow.cases import make_cast, make_permohonan

CVP, PW, DPL = InstrumentPaper.CVP, InstrumentPaper.PW, InstrumentPaper.DPL
ALL = {"valid": True, "authentic": True, "current": True, "sufficient": True}


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def case(cast):
    made = make_permohonan(PermohonanStatus.IN_ASSESSMENT, cast=cast, work_done=False)
    plan_of(made).mapa = factories.make_mapa(cast.skema, version_number=2)
    db.session.flush()
    return made


def plan_of(case):
    return dossier_of(case).plan


def needed(case):
    db.session.flush()
    return papers_needed(dossier_of(case))


def portfolio(case, *, finished=True, **rules):
    """FR.IA.08 with one document judged by these rules."""
    ready = {"finished_at": clock.now(), "conclusion": Conclusion.MET} if finished else {}
    made = make_filled(case, CVP, **ready)
    db.session.add(PortfolioCheck(filled_id=made.id, position=1, title="Laporan", **(ALL | rules)))
    return made


def tick_topic(cast, paper):
    elemen = cast.skema.units[0].elements[0]
    db.session.add(InterviewTopic(filled_id=paper.id, elemen_id=elemen.id, substance="Bahaya"))
    db.session.flush()
    db.session.expire_all()


def test_what_the_plan_asks_for(case):
    assert needed(case) == [CVP, PW]


def test_no_plan_needs_nothing(case):
    plan_of(case).mapa = None
    plan_of(case).methods = []
    assert needed(case) == []


def test_no_interview_where_all_documents_meet_the_rules(case):
    portfolio(case)
    assert needed(case) == [CVP]


@pytest.mark.parametrize(
    ("said", "asked"),
    [({}, []), ({"answer": "Tidak tahu."}, [PW]), ({"achieved": False}, [PW])],
)
def test_what_was_answered_in_an_interview_is_not_left_lying(case, said, asked):
    """Also where the documents came to meet all the rules; a question nobody answered is no interview."""
    portfolio(case)
    paper = make_filled(case, PW)
    db.session.add(
        InstrumentAnswer(filled_id=paper.id, position=1, question="Apa bahayanya?", **said)
    )
    db.session.flush()
    db.session.expire_all()
    assert needed(case) == [CVP, *asked]


@pytest.mark.parametrize("rule", ["valid", "authentic", "current", "sufficient"])
@pytest.mark.parametrize("word", [False, None])
def test_a_rule_that_is_not_met_asks_for_the_interview(case, rule, word):
    portfolio(case, **{rule: word})
    assert needed(case) == [CVP, PW]


@pytest.mark.parametrize("asked", [False, True])
def test_an_interview_in_which_nothing_was_asked_is_open_however_it_stands(case, asked):
    """Such a paper stood as finished and met in an older portal; a piece in doubt still waits for a question."""
    portfolio(case, authentic=False)
    paper = make_filled(case, PW, finished_at=clock.now(), conclusion=Conclusion.MET)
    if asked:
        db.session.add(
            InstrumentAnswer(
                filled_id=paper.id,
                position=1,
                question="Milik siapa?",
                answer="Saya.",
                achieved=True,
            )
        )
    db.session.flush()
    db.session.expire_all()
    assert needed(case) == [CVP, PW]
    assert open_papers(dossier_of(case)) == ([] if asked else [PW])


def test_an_unfinished_portfolio_waives_nothing(case):
    portfolio(case, finished=False)
    assert needed(case) == [CVP, PW]


def test_a_finished_portfolio_without_a_document_waives_nothing(case):
    make_filled(case, CVP, finished_at=clock.now(), conclusion=Conclusion.MET)
    assert needed(case) == [CVP, PW]


def test_a_topic_asks_for_the_interview_though_all_documents_meet_the_rules(case, cast):
    tick_topic(cast, portfolio(case))
    assert needed(case) == [CVP, PW]


def test_a_topic_asks_for_an_interview_that_the_plan_does_not_name(case, cast):
    plan_of(case).mapa = factories.make_mapa(cast.skema, codes=("CVP",), version_number=3)
    assert needed(case) == [CVP]
    tick_topic(cast, portfolio(case, finished=False))
    assert needed(case) == [CVP, PW]


def test_a_unit_that_is_assessed_by_interview_alone_keeps_it(case, cast):
    mapa = factories.make_mapa(cast.skema, draft=True, version_number=3)
    first = str(cast.skema.units[0].id)
    mapa.matrix = mapa.matrix | {first: mapa.matrix[first] | {"codes": ["PW"]}}
    plan_of(case).mapa = mapa
    portfolio(case)
    assert needed(case) == [CVP, PW]


def test_methods_without_a_mapa_mean_their_papers(case):
    plan_of(case).mapa = None
    plan_of(case).methods = ["portofolio", "wawancara"]
    assert needed(case) == [CVP, PW]
    portfolio(case)
    assert needed(case) == [CVP]


def test_a_paper_finished_unasked_counts(case):
    make_filled(case, DPL)
    assert needed(case) == [CVP, PW]
    make_filled(case, DPL, edition=2, finished_at=clock.now(), conclusion=Conclusion.MET)
    assert needed(case) == [DPL, CVP, PW]
