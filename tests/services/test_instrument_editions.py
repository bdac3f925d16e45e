"""Papers that lean on one another, and papers in other hands: what was sent or written before stays as it was."""

from __future__ import annotations

import pytest

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.services import (
    fr_ia_08,
    fr_ia_questions,
    instrument_gaps,
    instruments,
    third_party,
    third_party_judging,
)
from lsp.services.third_party import Person
from lsp.services.third_party_judging import Judgement
from lsp.vocabulary import Conclusion, InstrumentPaper, PermohonanStatus
from lsp.workflow.dossier import dossier_of
from tests.support.instruments import (
    YES,
    asesor_of,
    name_evidence,
    portfolio_case,
    portfolio_cast,
)
from tests.support.third_party import answered, ask
from tests.workflow.cases import actor_of, make_cast, make_permohonan

CVP, PW, VPK = InstrumentPaper.CVP, InstrumentPaper.PW, InstrumentPaper.VPK
pytestmark = pytest.mark.usefixtures("app")


class TestSentAndComeBack:
    """FR.IA.08 says MET because the interview cleared what was doubtful; both were sent and come back."""

    @pytest.fixture
    def sent(self):
        cast = portfolio_cast()
        case, actor = portfolio_case(cast), asesor_of(cast)
        name_evidence(case, "Surat kerja", [1])
        paper = instruments.open_instrument(actor, case, CVP)
        for row in paper.checks:
            fr_ia_08.judge(row, YES, "")
        fr_ia_08.judge(paper.checks[0], {**YES, "current": False}, "Tahun 2015")
        elemen = case.skema_version.units[0].elements[0]
        fr_ia_08.set_topics(actor, case, paper, {elemen.id: ""})
        paper.conclusion = Conclusion.MET
        [row] = instruments.open_instrument(actor, case, PW).answers
        fr_ia_questions.put(row, question=row.question, answer="Jelas", achieved=True)
        for each in (CVP, PW):
            instrument_gaps.finish(actor, case, each).frozen_at = clock.now()
        db.session.commit()
        return case, actor

    def answer(self, case, actor, *, achieved):
        interview = instruments.open_instrument(actor, case, PW)
        [row] = interview.answers
        fr_ia_questions.put(row, question=row.question, answer="Lain", achieved=achieved)
        db.session.flush()
        instrument_gaps.look_again(actor, case, interview)

    def test_the_portfolio_comes_open_in_an_edition_of_its_own(self, sent):
        case, actor = sent
        self.answer(case, actor, achieved=False)
        now = instruments.newest_of(case, CVP)
        assert (now.edition, now.finished_at, now.frozen_at) == (2, None, None)

    def test_what_still_holds_is_not_touched(self, sent):
        case, actor = sent
        self.answer(case, actor, achieved=True)
        now = instruments.newest_of(case, CVP)
        assert now.edition == 1
        assert now.finished_at is not None


def test_nothing_at_all_meets_no_rule():
    cast = portfolio_cast()
    case, actor = portfolio_case(cast), asesor_of(cast)
    paper = instruments.open_instrument(actor, case, CVP)
    for row in list(paper.checks):
        fr_ia_08.remove(paper, str(row.position))
    paper.conclusion = Conclusion.MET
    with pytest.raises(DomainError, match="perlu bukti di daftar"):
        instrument_gaps.finish(actor, case, CVP)
    paper.conclusion, paper.not_met = Conclusion.OTHER_METHOD, "Semua unit."
    assert instrument_gaps.finish(actor, case, CVP).finished_at is not None


class TestEveryLetterIsJudged:
    """FR.IA.10 is complete while no answer waits for the asesor's word."""

    SAID = Judgement(True, "Sesuai dengan bukti proyek.", Conclusion.MET)

    @pytest.fixture
    def judged(self):
        cast = make_cast()
        case = make_permohonan(PermohonanStatus.READY, cast=cast)
        second, _token = ask(case, cast, Person("Mandor Rekaan", phone="0812 9999 0002"))
        paper = third_party_judging.judge(actor_of(cast.asesor), answered(case, cast), self.SAID)
        assert paper.finished_at is not None
        return case, cast, paper, second

    def test_an_answer_that_comes_later_opens_it_again(self, judged):
        _case, cast, paper, second = judged
        third_party.answer(second, {"open": {"lainnya": "Belum pernah memimpin."}})
        assert paper.finished_at is None
        third_party_judging.judge(actor_of(cast.asesor), second, self.SAID)
        assert paper.finished_at is not None

    def test_one_of_two_is_not_all(self, judged):
        case, cast, paper, second = judged
        third_party.answer(second, {"open": {"lainnya": "Belum pernah memimpin."}})
        first = third_party.of_case(case)[-1]
        third_party_judging.judge(actor_of(cast.asesor), first, self.SAID)
        assert (paper.conclusion, paper.finished_at) == (Conclusion.MET, None)

    def test_what_was_sent_stays(self, judged):
        _case, _cast, paper, second = judged
        paper.frozen_at = clock.now()
        db.session.flush()
        third_party.answer(second, {"open": {"lainnya": "Belum pernah memimpin."}})
        assert paper.finished_at is not None


def test_another_asesor_judges_a_letter_on_an_edition_of_his_own():
    cast = make_cast()
    case = make_permohonan(PermohonanStatus.READY, cast=cast)
    row = answered(case, cast)
    said = Judgement(True, "Sesuai dengan bukti proyek.", Conclusion.MET)
    first = third_party_judging.judge(actor_of(cast.asesor), row, said)
    dossier_of(case).bookings[-1].slot.asesor_id = cast.second_asesor.id
    db.session.commit()
    second = third_party_judging.judge(actor_of(cast.second_asesor), row, said)
    assert (first.edition, first.asesor_id) == (1, cast.asesor.id)
    assert (second.edition, second.asesor_id) == (2, cast.second_asesor.id)
