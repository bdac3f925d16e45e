"""When an FR.IA is complete, and what is said of it while it is not."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import FilledInstrument
from lsp.services import fr_ia_08, fr_ia_questions, instrument_gaps, instruments
from lsp.services.instrument_list import standing_of
from lsp.vocabulary import Conclusion, InstrumentPaper
from tests.support.instruments import (
    YES,
    asesor_of,
    elemen_of,
    judged,
    name_evidence,
    portfolio_case,
    portfolio_cast,
)

CVP, PW, DPL = InstrumentPaper.CVP, InstrumentPaper.PW, InstrumentPaper.DPL
pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def cast(app):
    return portfolio_cast()


@pytest.fixture
def case(cast):
    return portfolio_case(cast)


@pytest.fixture
def actor(cast):
    return asesor_of(cast)


class TestFinishing:
    @pytest.fixture
    def paper(self, case, actor):
        name_evidence(case, "Surat kerja", [1])
        return instruments.open_instrument(actor, case, CVP)

    def test_it_says_everything_that_is_open(self, case, actor, paper):
        paper.checks[0].valid = False
        with pytest.raises(DomainError) as refusal:
            instrument_gaps.finish(actor, case, CVP)
        for words in (
            "V-A-T-M belum lengkap: “Surat kerja”, “Unit 2",
            "“Tidak” tanpa catatan",
            "Kesimpulan belum dipilih",
        ):
            assert words in str(refusal.value)

    def test_what_was_carried_waits_for_his_word(self, case, actor, paper):
        judged(paper)
        paper.conclusion, paper.checks[0].carried = Conclusion.MET, True
        assert "Masih dari pra-asesmen" in instrument_gaps.gaps_of(case, paper)[0]
        fr_ia_08.confirm(paper.checks)
        assert instrument_gaps.finish(actor, case, CVP).finished_at is not None

    def test_met_does_not_go_with_a_no_that_nothing_bears(self, case, actor, paper):
        judged(paper)
        fr_ia_08.judge(paper.checks[0], {**YES, "current": False}, "Tahun 2015")
        paper.conclusion = Conclusion.MET
        [gap] = instrument_gaps.gaps_of(case, paper)
        assert "unit 1, elemen 1 Mengenali bahaya 1" in gap
        paper.conclusion, paper.not_met = Conclusion.OTHER_METHOD, "Unit 1"
        assert instrument_gaps.gaps_of(case, paper) == []

    @pytest.mark.parametrize("how", ["an elemen to ask about", "other evidence in words"])
    def test_met_goes_with_a_no_where_another_piece_bears_the_elemen(self, case, actor, how):
        """And where the doubt leads somewhere: to the interview, or to what stands for it (panduan 5)."""
        name_evidence(case, "Surat kerja", [1])
        name_evidence(case, "Laporan", [1])
        paper = instruments.open_instrument(actor, case, CVP)
        judged(paper)
        fr_ia_08.judge(paper.checks[0], {**YES, "current": False}, "Tahun 2015")
        paper.conclusion = Conclusion.MET
        [gap] = instrument_gaps.gaps_of(case, paper)
        assert "“Tidak” pada “Surat kerja”, tetapi belum ada elemen" in gap
        if how == "an elemen to ask about":
            fr_ia_08.set_topics(actor, case, paper, {elemen_of(case).id: ""})
        else:
            paper.further_evidence = "Unit 1: keterangan penyelia."
        assert instrument_gaps.gaps_of(case, paper) == []

    def test_met_goes_with_a_no_that_the_interview_cleared(self, case, actor, paper):
        judged(paper)
        fr_ia_08.judge(paper.checks[0], {**YES, "current": False}, "Tahun 2015")
        fr_ia_08.set_topics(actor, case, paper, {elemen_of(case).id: ""})
        paper.conclusion = Conclusion.MET
        interview = instruments.open_instrument(actor, case, PW)
        assert instrument_gaps.gaps_of(case, paper)
        [row] = interview.answers
        fr_ia_questions.put(row, question=row.question, answer="Jelas", achieved=True)
        instrument_gaps.finish(actor, case, CVP)
        # And the portfolio comes open again when the interview no longer clears it.
        row.achieved = False
        db.session.flush()
        instrument_gaps.look_again(actor, case, interview)
        assert paper.finished_at is None

    def test_a_change_that_leaves_it_whole_leaves_it_finished(self, case, actor, paper):
        judged(paper)
        paper.conclusion = Conclusion.MET
        instrument_gaps.finish(actor, case, CVP)
        paper.checks[0].note = "Lagi"
        instrument_gaps.look_again(actor, case, paper)
        assert paper.finished_at is not None
        paper.checks[0].valid = None
        instrument_gaps.look_again(actor, case, paper)
        assert paper.finished_at is None

    def test_questions_speak_for_themselves(self, case, actor):
        paper = instruments.open_instrument(actor, case, DPL)
        with pytest.raises(DomainError, match="Belum ada pertanyaan"):
            instrument_gaps.finish(actor, case, DPL)
        fr_ia_questions.add(case, paper, "Apa tugas Anda?", None)
        [row] = paper.answers
        fr_ia_questions.put(row, question=row.question, answer="Lupa", achieved=False)
        with pytest.raises(DomainError, match="belum tercapai"):
            instrument_gaps.finish(actor, case, DPL)
        paper.not_met = "Unit 1"
        assert instrument_gaps.finish(actor, case, DPL).conclusion is Conclusion.NOT_MET
        row.achieved = True
        db.session.flush()
        instrument_gaps.look_again(actor, case, paper)
        assert (paper.conclusion, paper.finished_at is None) == (Conclusion.MET, False)

    def test_an_interview_without_questions_is_never_finished(self, case, actor, paper):
        """Where all evidence meets the rules nobody waits for it; where a piece does not, it asks something."""
        interview = instruments.open_instrument(actor, case, PW)
        with pytest.raises(DomainError, match="Tambahkan sedikitnya satu"):
            instrument_gaps.finish(actor, case, PW)
        judged(paper)
        paper.conclusion = Conclusion.MET
        instrument_gaps.finish(actor, case, CVP)
        with pytest.raises(DomainError, match="Tidak ada yang perlu ditanyakan"):
            instrument_gaps.finish(actor, case, PW)
        assert interview.conclusion is None
        assert interview_standing(case) == ("tidak diperlukan", None)
        fr_ia_08.judge(paper.checks[0], {**YES, "authentic": False}, "Bukan milik asesi")
        paper.further_evidence = "Unit 1: keterangan penyelia."
        paper.conclusion, paper.not_met = Conclusion.OTHER_METHOD, "Unit 1"
        db.session.flush()
        with pytest.raises(DomainError, match="Tambahkan sedikitnya satu"):
            instrument_gaps.finish(actor, case, PW)
        assert interview_standing(case) == ("0 dari 0", False)

    def test_an_interview_whose_questions_are_gone_is_open_again(self, case, actor, paper):
        judged(paper)
        fr_ia_08.judge(paper.checks[0], {**YES, "current": False}, "Tahun 2015")
        interview = instruments.open_instrument(actor, case, PW)
        fr_ia_questions.add(case, interview, "Apa pekerjaan Anda setahun terakhir?", None)
        [row] = interview.answers
        fr_ia_questions.put(row, question=row.question, answer="Petugas K3", achieved=True)
        assert instrument_gaps.finish(actor, case, PW).conclusion is Conclusion.MET
        with pytest.raises(DomainError, match="tidak dikosongkan"):
            fr_ia_questions.put(row, question=row.question, answer="", achieved=None)
        db.session.delete(row)  # as an older portal left it
        db.session.flush()
        db.session.expire(interview)
        instrument_gaps.look_again(actor, case, interview)
        assert (interview.finished_at, interview.conclusion) == (None, None)


def interview_standing(case):
    [found] = [row for row in standing_of(case) if row.paper is PW]
    return found.badge, found.done


def test_how_far_each_paper_is(case, actor):
    assert [(row.paper, row.badge) for row in standing_of(case)] == [
        (DPL, "belum dibuka"), (CVP, "belum dibuka"), (PW, "belum dibuka"),
    ]  # fmt: skip
    paper = instruments.open_instrument(actor, case, CVP)
    fr_ia_08.judge(paper.checks[0], YES, "")
    db.session.flush()
    states = {row.paper: row.badge for row in standing_of(case)}
    assert states[CVP] == "1 dari 2"
    paper.frozen_at = clock.now()
    db.session.flush()
    assert {row.paper: row.badge for row in standing_of(case)}[CVP] == "terkirim"
    assert len(db.session.scalars(select(FilledInstrument)).all()) == 1
