"""Elemen called competent without evidence: which they are, which paper asks about them, and what was sent before."""

from __future__ import annotations

import pytest

from lsp import clock
from lsp.actor import SYSTEM
from lsp.database import db
from lsp.models import (
    Document,
    FrAk02,
    FrApl02Answer,
    InstrumentAnswer,
    InterviewTopic,
    PortfolioCheck,
)
from lsp.vocabulary import Answer, Conclusion, InstrumentPaper, PermohonanStatus
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.assessment import each_instrument_complete
from lsp.workflow.guards.decision import missing_papers
from lsp.workflow.instruments import (
    bare_and_passed_over,
    bare_for,
    bare_unanswered,
    open_papers,
    papers_needed,
)
from tests import factories
from tests.services.test_attempts import assessed_again, failed_of
from tests.support.assessment import make_filled
from tests.support.instruments import elemen_of, leave_bare, name_evidence
from tests.workflow.cases import make_cast, make_permohonan

CVP, PW, DPL = InstrumentPaper.CVP, InstrumentPaper.PW, InstrumentPaper.DPL
S = PermohonanStatus
ALL = {"valid": True, "authentic": True, "current": True, "sufficient": True}
DONE = {"conclusion": Conclusion.MET}


@pytest.fixture
def cast(app):
    return make_cast()


def under_assessment(cast, *codes):
    """A case whose plan asks for these, with FR.IA.08 finished over sound evidence and one elemen without any."""
    case = make_permohonan(S.IN_ASSESSMENT, cast=cast, work_done=False)
    dossier_of(case).plan.mapa = factories.make_mapa(cast.skema, codes=codes, version_number=2)
    leave_bare(case, elemen_of(case))
    portfolio(case)
    return case


def replan(case, cast, *codes):
    """The assessment was halted, and its asesor chose another MAPA before it went on."""
    plan = dossier_of(case).plan
    plan.mapa = factories.make_mapa(cast.skema, codes=codes, version_number=3)
    plan.mapa_chosen_at = clock.now()
    db.session.flush()
    db.session.expire_all()


def portfolio(case, **columns):
    made = make_filled(case, CVP, **(DONE | {"finished_at": clock.now()} | columns))
    db.session.add(PortfolioCheck(filled_id=made.id, position=1, title="Laporan", **ALL))
    db.session.flush()
    db.session.expire_all()
    return made


def asked(case, paper, elemen, *, finished=True, **columns):
    """A paper with one question about an elemen, answered where it is finished."""
    ready = DONE | {"finished_at": clock.now()} if finished else {}
    made = make_filled(case, paper, **(ready | columns))
    said = {"answer": "Saya catat dulu.", "achieved": True} if finished else {}
    db.session.add(
        InstrumentAnswer(
            filled_id=made.id, position=1, elemen_id=elemen.id, question="Bagaimana?", **said
        )
    )
    db.session.flush()
    db.session.expire_all()
    return made


def bare(case):
    db.session.expire_all()
    return dossier_of(case).bare_elements


class TestWhichTheyAre:
    @pytest.fixture
    def case(self, cast):
        return make_permohonan(S.IN_ASSESSMENT, cast=cast, work_done=False)

    def test_none_where_each_is_shown_by_words(self, case):
        assert bare(case) == set()

    def test_one_that_has_neither_words_nor_a_file(self, case):
        leave_bare(case, elemen_of(case, 2))
        assert bare(case) == {elemen_of(case, 2).id}

    def test_not_one_that_the_asesi_calls_not_yet_competent(self, case):
        leave_bare(case, elemen_of(case))
        answer = db.session.query(FrApl02Answer).filter_by(elemen_id=elemen_of(case).id).one()
        answer.answer = Answer.BK
        db.session.flush()
        assert bare(case) == set()

    @pytest.mark.parametrize("stands", [True, False])
    def test_a_file_shows_it_while_it_stands(self, case, stands):
        every = [row for unit in case.skema_version.units for row in unit.elements]
        leave_bare(case, *every)
        document = name_evidence(case, "Surat kerja", [1])
        if not stands:
            db.session.get_one(Document, document.id).replaced_at = clock.now()
            db.session.commit()
        shown = {row.id for row in case.skema_version.units[0].elements} if stands else set()
        assert bare(case) == {row.id for row in every} - shown

    def test_an_asesmen_ulang_looks_at_its_units_alone(self, cast):
        case = assessed_again(cast)
        firsts = [unit.elements[0] for unit in case.skema_version.units]
        leave_bare(case, *firsts)
        assert (
            bare(case)
            == {unit.elements[0].id for unit in failed_of(case)}
            < {row.id for row in firsts}
        )


class TestWhoAsks:
    def test_the_interview_though_every_document_meets_the_rules(self, cast):
        case = under_assessment(cast, "CVP", "PW")
        assert papers_needed(dossier_of(case)) == [CVP, PW]
        assert each_instrument_complete(case, SYSTEM, "") == (
            "FR.IA.09 belum selesai. 1 elemen dijawab K tanpa bukti: tanyakan di FR.IA.09."
        )

    def test_an_answer_about_another_elemen_is_not_enough(self, cast):
        case = under_assessment(cast, "CVP", "PW")
        asked(case, PW, elemen_of(case, 2))
        assert open_papers(dossier_of(case)) == [PW]
        assert "1 elemen dijawab K tanpa bukti" in each_instrument_complete(case, SYSTEM, "")

    def test_an_answer_about_it_is(self, cast):
        case = under_assessment(cast, "CVP", "PW")
        asked(case, PW, elemen_of(case))
        assert open_papers(dossier_of(case)) == []
        assert each_instrument_complete(case, SYSTEM, "") is None

    @pytest.mark.parametrize("answered", [True, False])
    def test_what_fr_ia_07_has_an_answer_on_is_not_asked_again(self, cast, answered):
        case = under_assessment(cast, "CVP", "PW", "DPL")
        asked(case, DPL, elemen_of(case), finished=answered)
        needed = [DPL, CVP] if answered else [DPL, CVP, PW]
        assert papers_needed(dossier_of(case)) == needed

    def test_what_a_fr_ia_07_of_another_mapa_has_an_answer_on_is_asked_unless_it_is_finished(
        self, cast
    ):
        """Nobody waits for that paper any more, so an answer in it that nobody signs and concludes is none."""
        case = under_assessment(cast, "CVP", "DPL")
        paper = asked(case, DPL, elemen_of(case), finished_at=None)
        replan(case, cast, "CVP", "PW")
        assert open_papers(dossier_of(case)) == [PW]
        assert bare_for(dossier_of(case), PW) == {elemen_of(case).id}
        paper.finished_at = clock.now()
        db.session.flush()
        db.session.expire_all()
        assert papers_needed(dossier_of(case)) == [DPL, CVP]
        assert each_instrument_complete(case, SYSTEM, "") is None

    def test_an_answer_in_a_fr_ia_07_that_was_left_lying_hides_nothing_from_the_pleno(self, cast):
        case = under_assessment(cast, "CVP", "DPL")
        asked(case, DPL, elemen_of(case), finished_at=None)
        replan(case, cast, "CVP")
        assert bare_and_passed_over(dossier_of(case)) == {elemen_of(case).id}

    def test_fr_ia_07_where_it_is_the_paper_of_questions(self, cast):
        case = under_assessment(cast, "CVP", "DPL")
        asked(case, DPL, elemen_of(case, 2))
        assert papers_needed(dossier_of(case)) == [DPL, CVP]
        assert each_instrument_complete(case, SYSTEM, "") == (
            "FR.IA.07 belum selesai. 1 elemen dijawab K tanpa bukti: tanyakan di FR.IA.07."
        )
        asked(case, DPL, elemen_of(case))
        assert each_instrument_complete(case, SYSTEM, "") is None

    def test_a_plan_without_questions_is_not_held_up(self, cast):
        case = under_assessment(cast, "CVP")
        assert papers_needed(dossier_of(case)) == [CVP]
        assert each_instrument_complete(case, SYSTEM, "") is None
        assert bare_and_passed_over(dossier_of(case)) == {elemen_of(case).id}

    def test_there_a_tick_in_fr_ia_08_brings_the_interview(self, cast):
        case = under_assessment(cast, "CVP")
        paper = dossier_of(case).instruments[CVP]
        db.session.add(
            InterviewTopic(filled_id=paper.id, elemen_id=elemen_of(case).id, substance="Bahaya")
        )
        db.session.flush()
        db.session.expire_all()
        assert papers_needed(dossier_of(case)) == [CVP, PW]
        assert bare_and_passed_over(dossier_of(case)) == set()


class TestSentBefore:
    """Before elemen without evidence were asked about, FR.IA.08 waived the interview over them."""

    @pytest.fixture
    def case(self, cast):
        case = under_assessment(cast, "CVP", "PW")
        dossier_of(case).instruments[CVP].frozen_at = clock.now()
        case.status = S.RECOMMENDED
        db.session.flush()
        db.session.expire_all()
        return case

    def test_the_pleno_decides_on_it(self, case):
        assert papers_needed(dossier_of(case)) == [CVP]
        assert not {"FR.IA.08", "FR.IA.09"} & set(missing_papers(case))
        assert bare_and_passed_over(dossier_of(case)) == {elemen_of(case).id}

    def test_it_is_sent_again_as_it_was(self, case):
        case.status = S.IN_ASSESSMENT
        assert each_instrument_complete(case, SYSTEM, "") is None

    def test_but_a_new_edition_of_fr_ia_08_asks_for_the_interview(self, case):
        case.status = S.IN_ASSESSMENT
        portfolio(case)
        assert open_papers(dossier_of(case)) == [PW]

    def test_but_a_mapa_chosen_since_asks_for_the_interview(self, case, cast):
        case.status = S.IN_ASSESSMENT
        replan(case, cast, "CVP", "PW")
        assert open_papers(dossier_of(case)) == [PW]

    def test_nor_does_it_hold_up_a_file_that_was_sent_with_it(self, case, cast):
        replan(case, cast, "CVP", "PW")
        filled, seat = dossier_of(case).instruments[CVP], dossier_of(case).booking
        db.session.add(
            FrAk02(
                permohonan_id=case.id,
                booking_id=seat.id,
                attempt=case.attempt,
                asesor_id=filled.asesor_id,
                edition=2,
                recommendation=Answer.K,
                frozen_at=clock.now(),
            )
        )
        db.session.flush()
        db.session.expire_all()
        assert not {"FR.IA.08", "FR.IA.09"} & set(missing_papers(case))

    def test_an_interview_that_was_sent_stays_finished(self, case):
        asked(case, PW, elemen_of(case, 2))
        assert open_papers(dossier_of(case)) == [PW], "while it is not sent"
        dossier_of(case).instruments[PW].frozen_at = clock.now()
        db.session.flush()
        db.session.expire_all()
        assert (bare_for(dossier_of(case), PW), open_papers(dossier_of(case))) == (set(), [])
        assert bare_unanswered(dossier_of(case), PW) == set()
        assert not {"FR.IA.08", "FR.IA.09"} & set(missing_papers(case))
