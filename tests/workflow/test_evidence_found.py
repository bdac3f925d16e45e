"""The evidence that filled instruments give to each unit."""

from __future__ import annotations

import pytest

from lsp import clock
from lsp.database import db
from lsp.models import (
    FrApl02Answer,
    FrApl02Evidence,
    InstrumentAnswer,
    InstrumentItem,
    PortfolioCheck,
)
from lsp.vocabulary import Conclusion, EvidenceKind, InstrumentPaper, PermohonanStatus
from lsp.workflow.dossier import dossier_of
from lsp.workflow.evidence_found import evidence_found, ticks_follow
from lsp.workflow.mapa import kind_of_paper, units_asking
from tests import factories
from tests.support.assessment import make_filled, make_instrument, make_third_party
from tests.test_pages import count_queries
from tests.workflow.cases import make_cast, make_permohonan

CVP, PW, DPL, VPK = (
    InstrumentPaper.CVP,
    InstrumentPaper.PW,
    InstrumentPaper.DPL,
    InstrumentPaper.VPK,
)
S = PermohonanStatus
ALL = {"valid": True, "authentic": True, "current": True, "sufficient": True}


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def case(cast):
    return make_permohonan(S.IN_ASSESSMENT, cast=cast, work_done=False)


@pytest.fixture
def first(cast):
    return cast.skema.units[0]


@pytest.fixture
def second(cast):
    return cast.skema.units[1]


def found(case):
    db.session.flush()
    return evidence_found(dossier_of(case))


def finished(case, paper, **columns):
    ready = {"conclusion": Conclusion.MET, "finished_at": clock.now()}
    return make_filled(case, paper, **(ready | columns))


def check(case, paper, *units, **rules):
    """A document that FR.APL.02 names for these units, judged."""
    document = dossier_of(case).documents[len(paper.checks)]
    for unit in units:
        answer = db.session.query(FrApl02Answer).filter_by(
            permohonan_id=case.id, elemen_id=unit.elements[0].id
        )
        db.session.add(FrApl02Evidence(answer_id=answer.one().id, document_id=document.id))
    db.session.add(
        PortfolioCheck(
            filled_id=paper.id,
            position=len(paper.checks) + 1,
            document_id=document.id,
            title=document.label,
            **(ALL | rules),
        )
    )
    db.session.flush()
    db.session.refresh(paper)


def ask(paper, *, achieved=True, **about):
    db.session.add(
        InstrumentAnswer(
            filled_id=paper.id, position=1, question="Bagaimana?", achieved=achieved, **about
        )
    )


class TestPortfolio:
    def test_a_document_that_meets_all_rules_counts_for_the_units_that_name_it(self, case, first):
        check(case, finished(case, CVP), first)
        assert found(case) == {first.id: {EvidenceKind.PORTOFOLIO}}

    @pytest.mark.parametrize("rule", ALL)
    @pytest.mark.parametrize("word", [False, None])
    def test_one_rule_less_and_it_counts_for_none(self, case, first, rule, word):
        check(case, finished(case, CVP), first, **{rule: word})
        assert found(case) == {}

    def test_one_good_document_is_enough(self, case, first, second):
        paper = finished(case, CVP)
        check(case, paper, first, second, valid=False)
        check(case, paper, first)
        assert found(case) == {first.id: {EvidenceKind.PORTOFOLIO}}

    def test_a_document_that_no_unit_names_counts_for_none(self, case):
        check(case, finished(case, CVP))
        assert found(case) == {}

    def test_not_by_the_answers_of_another_case(self, case, cast, first):
        other = make_permohonan(S.IN_ASSESSMENT, cast=cast, work_done=False)
        paper = finished(case, CVP)
        check(case, paper)
        answer = db.session.query(FrApl02Answer).filter_by(permohonan_id=other.id).first()
        document = paper.checks[0].document_id
        db.session.add(FrApl02Evidence(answer_id=answer.id, document_id=document))
        assert found(case) == {}

    def test_an_unfinished_paper_says_nothing_yet(self, case, first):
        check(case, make_filled(case, CVP), first)
        assert found(case) == {}


class TestQuestions:
    @pytest.mark.parametrize(
        ("paper", "kind"), [(PW, EvidenceKind.WAWANCARA), (DPL, EvidenceKind.LISAN)]
    )
    def test_answered_well(self, case, second, paper, kind):
        ask(finished(case, paper), elemen_id=second.elements[0].id)
        assert found(case) == {second.id: {kind}}

    @pytest.mark.parametrize("achieved", [False, None])
    def test_not_answered_well(self, case, first, achieved):
        ask(finished(case, PW), elemen_id=first.elements[0].id, achieved=achieved)
        assert found(case) == {}

    def test_a_question_about_the_whole_unit(self, case, cast, first):
        item = make_instrument(cast.skema, in_force=False).items[0]
        item.unit_id = first.id
        ask(finished(case, PW), item_id=item.id)
        assert found(case) == {first.id: {EvidenceKind.WAWANCARA}}

    def test_a_question_about_no_unit(self, case, cast):
        item = make_instrument(cast.skema, in_force=False).items[0]
        assert isinstance(item, InstrumentItem)
        ask(finished(case, PW), item_id=item.id)
        assert found(case) == {}

    def test_the_newest_edition_speaks_though_it_is_not_finished(self, case, first):
        ask(finished(case, PW), elemen_id=first.elements[0].id)
        make_filled(case, PW, edition=2)
        assert found(case) == {}

    def test_an_earlier_attempt_is_silent(self, case, first):
        ask(finished(case, PW), elemen_id=first.elements[0].id)
        case.attempt = 2
        assert found(case) == {}


class TestThirdParty:
    def test_counts_for_every_unit_where_the_plan_names_none(self, case, first, second):
        finished(case, VPK)
        make_third_party(case, supports=True, judged_at=clock.now())
        assert found(case) == {unit.id: {EvidenceKind.PIHAK_KETIGA} for unit in (first, second)}

    def test_counts_for_the_units_of_the_plan(self, case, cast, first):
        mapa = factories.make_mapa(cast.skema, draft=True, version_number=2)
        key = str(first.id)
        mapa.matrix = mapa.matrix | {key: mapa.matrix[key] | {"codes": ["VPK"]}}
        dossier_of(case).plan.mapa = mapa
        finished(case, VPK)
        make_third_party(case, supports=True, judged_at=clock.now())
        assert found(case) == {first.id: {EvidenceKind.PIHAK_KETIGA}}
        assert units_asking(mapa, "FR.IA.10") == {first.id}

    @pytest.mark.parametrize(
        "words", [{"supports": False}, {"supports": True, "withdrawn_at": 1}, {}]
    )
    def test_not_where_nobody_supports_him(self, case, words):
        if "withdrawn_at" in words:
            words = words | {"withdrawn_at": clock.now()}
        finished(case, VPK)
        make_third_party(case, **words)
        assert found(case) == {}


def test_several_papers_add_up_in_one_query(case, first, second):
    check(case, finished(case, CVP, conclusion=Conclusion.OTHER_METHOD), first)
    ask(finished(case, PW), elemen_id=first.elements[0].id)
    ask(finished(case, DPL), elemen_id=second.elements[0].id)
    db.session.commit()
    dossier = dossier_of(case)
    assert dossier.permohonan.attempt == 1  # read again after the commit
    assert count_queries(lambda: dossier.findings) == 1
    assert dossier.findings.kinds(first.id) == ["portofolio", "wawancara"]
    assert dossier.findings.kinds(second.id) == ["lisan"]
    assert dossier.findings.papers[first.id][EvidenceKind.PORTOFOLIO] == [CVP]
    assert dossier.findings.concluded == {
        CVP: Conclusion.OTHER_METHOD,
        PW: Conclusion.MET,
        DPL: Conclusion.MET,
    }


def test_each_paper_has_one_column():
    kinds = {paper: kind_of_paper(paper.value) for paper in (CVP, PW, DPL, VPK)}
    assert kinds == {
        CVP: EvidenceKind.PORTOFOLIO,
        PW: EvidenceKind.WAWANCARA,
        DPL: EvidenceKind.LISAN,
        VPK: EvidenceKind.PIHAK_KETIGA,
    }


def test_ticks_follow_in_an_assessment_planned_since_instruments_are_filled_here(case, cast):
    assert ticks_follow(dossier_of(case))
    dossier_of(case).plan.papers_outside = True
    assert not ticks_follow(dossier_of(case))
    assert not ticks_follow(dossier_of(make_permohonan(S.PRE_SCHEDULED, cast=cast)))
    assert not ticks_follow(dossier_of(make_permohonan(S.RECOMMENDED, cast=cast)))
