"""Questions about elemen that the asesi calls competent without evidence: drawn in, asked for, told of."""

from __future__ import annotations

import pytest

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.services import fr_ia_08, fr_ia_questions, instrument_gaps, instruments
from lsp.services.case_papers import case_papers
from lsp.services.instrument_list import standing_of
from lsp.services.instrument_questions import ask_bare
from lsp.vocabulary import Conclusion, InstrumentPaper, PaperState
from lsp.workflow.dossier import dossier_of
from tests.support.assessment import make_instrument
from tests.support.instruments import (
    asesor_of,
    elemen_of,
    judged,
    leave_bare,
    name_evidence,
    portfolio_case,
    portfolio_cast,
)

CVP, PW, DPL = InstrumentPaper.CVP, InstrumentPaper.PW, InstrumentPaper.DPL
BARE = "1 elemen dijawab K tanpa bukti"


@pytest.fixture
def cast(app):
    return portfolio_cast(codes=("CVP", "PW"))


@pytest.fixture
def actor(cast):
    return asesor_of(cast)


def case_of(cast):
    """One elemen of the first unit has nothing to show for it."""
    case = portfolio_case(cast)
    name_evidence(case, "Surat kerja", [1, 2])
    leave_bare(case, elemen_of(case))
    return case


@pytest.fixture
def case(cast):
    return case_of(cast)


def about(paper):
    return [row.elemen_id for row in paper.answers]


def sound_portfolio(actor, case):
    paper = instruments.open_instrument(actor, case, CVP)
    judged(paper)
    paper.conclusion = Conclusion.MET
    instrument_gaps.finish(actor, case, CVP)
    return paper


def standing(case, paper):
    db.session.expire_all()
    return next(row for row in standing_of(case) if row.paper is paper)


def entry(case, paper):
    db.session.expire_all()
    return next(
        row for phase in case_papers(case) for row in phase.papers if row.key == paper.value
    )


class TestQuestions:
    @pytest.mark.parametrize("first", [CVP, PW])
    def test_the_interview_begins_with_them_in_either_order(self, case, actor, first):
        instruments.open_instrument(actor, case, first)
        paper = instruments.open_instrument(actor, case, PW)
        assert about(paper) == [elemen_of(case).id]
        assert paper.answers[0].question.startswith("Jelaskan bagaimana Anda ")

    def test_a_ticked_elemen_beside_them_is_asked_about_too_and_they_stay_when_it_goes(
        self, case, actor
    ):
        portfolio = instruments.open_instrument(actor, case, CVP)
        paper = instruments.open_instrument(actor, case, PW)
        other = elemen_of(case, 2).id
        fr_ia_08.set_topics(actor, case, portfolio, {other: ""})
        assert about(paper) == [elemen_of(case).id, other]
        fr_ia_08.set_topics(actor, case, portfolio, {other: None})
        assert about(paper) == [elemen_of(case).id]

    def test_fr_ia_07_asks_where_the_plan_has_no_interview_and_what_the_muk_does_not(self, app):
        cast = portfolio_cast(codes=("CVP", "DPL"))
        case = case_of(cast)
        leave_bare(case, elemen_of(case, 2))
        muk = make_instrument(cast.skema, DPL, questions=("Apa bahayanya?",), in_force=False)
        muk.items[0].elemen_id = elemen_of(case).id
        db.session.flush()
        muk.effective_from, muk.published_at = clock.today_wib(), clock.now()
        db.session.flush()
        paper = instruments.open_instrument(asesor_of(cast), case, DPL)
        assert about(paper) == [elemen_of(case).id, elemen_of(case, 2).id]

    def test_fr_ia_07_leaves_them_to_the_interview_of_the_plan(self, app):
        cast = portfolio_cast(codes=("CVP", "DPL", "PW"))
        paper = instruments.open_instrument(asesor_of(cast), case_of(cast), DPL)
        assert about(paper) == []

    def test_one_that_was_taken_away_is_missed_and_drawn_in_again(self, case, actor):
        paper = instruments.open_instrument(actor, case, PW)
        fr_ia_questions.remove(paper, 1)
        fr_ia_questions.add(case, paper, "Apa saja tugas Anda?", None)
        row = paper.answers[0]
        row.answer, row.achieved = "Memeriksa alat.", True
        db.session.flush()
        with pytest.raises(DomainError, match=rf"{BARE} belum ditanyakan: “unit 1, elemen "):
            instrument_gaps.finish(actor, case, PW)
        assert [ask_bare(case, paper), ask_bare(case, paper)] == [1, 0]
        assert about(paper) == [None, elemen_of(case).id]

    def test_the_whole_way(self, case, actor):
        sound_portfolio(actor, case)
        paper = instruments.open_instrument(actor, case, PW)
        paper.answers[0].answer, paper.answers[0].achieved = "Saya periksa dulu.", True
        instrument_gaps.finish(actor, case, PW)
        assert paper.conclusion is Conclusion.MET


@pytest.mark.parametrize("places", [[], [1], [1, 2]])
def test_the_evidence_of_fr_ia_08_lacks_the_same_elemen(case, places):
    """Read there with the pieces, and in the dossier by itself: one rule."""
    every = [row for unit in case.skema_version.units for row in unit.elements]
    leave_bare(case, *every)
    if places:
        name_evidence(case, "Surat kerja", places)
        replaced = name_evidence(case, "Laporan lama", [1])
        replaced.replaced_at = clock.now()
        db.session.commit()
    shown = {row.id for row in every if row.unit.position in places}
    found = fr_ia_08.evidence_now(case).bare
    assert found == dossier_of(case).bare_elements == {row.id for row in every} - shown


class TestWhatIsTold:
    def test_in_the_order_of_the_meeting(self, case, actor):
        sound_portfolio(actor, case)
        found = standing(case, PW)
        assert (found.done, found.bare) == (False, f"{BARE}: ditanyakan di sini.")
        paper = instruments.open_instrument(actor, case, PW)
        paper.answers[0].answer, paper.answers[0].achieved = "Saya periksa dulu.", True
        instrument_gaps.finish(actor, case, PW)
        found = standing(case, PW)
        assert (found.done, found.bare) == (True, "")

    def test_an_interview_finished_without_them_is_not_done(self, case, actor):
        """As it may stand from before they were asked about."""
        paper = instruments.open_instrument(actor, case, PW)
        row = paper.answers[0]
        row.elemen_id, row.answer, row.achieved = elemen_of(case, 2).id, "Saya catat.", True
        paper.finished_at, paper.conclusion = clock.now(), Conclusion.MET
        db.session.flush()
        found = standing(case, PW)
        assert (found.done, found.badge) == (False, "belum semua ditanyakan")
        assert BARE in found.bare

    def test_under_fr_ia_08_where_the_plan_asks_nothing(self, app):
        cast = portfolio_cast(codes=("CVP",))
        case = case_of(cast)
        paper = instruments.open_instrument(asesor_of(cast), case, CVP)
        assert "tanpa wawancara. Centang di sini" in standing(case, CVP).bare
        fr_ia_08.set_topics(asesor_of(cast), case, paper, {elemen_of(case).id: ""})
        assert standing(case, CVP).bare == ""

    def test_in_the_list_of_papers(self, case, actor):
        sound_portfolio(actor, case)
        found = entry(case, PW)
        assert (found.state, found.needed) == (PaperState.WAITING, True)
        assert found.words == f"Diisi asesor dalam asesmen. {BARE}: ditanyakan di sini."

    def test_there_of_a_file_that_was_sent_without(self, case, actor):
        sound_portfolio(actor, case).frozen_at = clock.now()
        db.session.flush()
        found = entry(case, PW)
        assert found.state is PaperState.NOT_NEEDED
        assert found.words == (
            f"Semua bukti di FR.IA.08 memenuhi aturan bukti. {BARE}, tidak ditanyakan."
        )

    def test_there_of_a_plan_without_questions(self, app):
        case = case_of(portfolio_cast(codes=("CVP",)))
        assert entry(case, PW).words == f"Tidak diminta rencana asesmen. {BARE}, tidak ditanyakan."
