"""FR.IA papers of an attempt: what each is begun with, and its editions."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import AuditEvent
from lsp.services import fr_ia_08, fr_ia_questions, instruments
from lsp.services.instrument_list import standing_of
from lsp.vocabulary import Conclusion, InstrumentPaper, PermohonanStatus
from tests.support.assessment import make_filled, make_instrument
from tests.support.instruments import (
    asesor_of,
    elemen_of,
    judged,
    judged_before,
    name_evidence,
    portfolio_case,
    portfolio_cast,
)
from tests.workflow.cases import actor_of, upload

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


def rows_of(paper):
    return [(row.title, row.valid, row.note, row.carried) for row in paper.checks]


def about_elements(cast, case, version, *questions):
    """A version of FR.IA.09 in force, with a question about the first elemen of each of the first units."""
    muk = make_instrument(
        cast.skema, PW, questions=questions, in_force=False, version_number=version
    )
    for place, item in enumerate(muk.items, 1):
        item.elemen_id = elemen_of(case, place).id
    db.session.flush()
    muk.effective_from, muk.published_at = clock.today_wib(), clock.now()
    db.session.flush()


class TestOpening:
    def test_only_the_asesor_of_the_meeting(self, case, cast):
        with pytest.raises(DomainError, match="Hanya asesor rapat ini"):
            instruments.open_instrument(actor_of(cast.second_asesor), case, CVP)

    def test_only_while_it_is_assessed(self, case, actor):
        case.status = PermohonanStatus.SCHEDULED
        with pytest.raises(DomainError, match="saat asesmen berlangsung"):
            instruments.open_instrument(actor, case, CVP)

    def test_only_what_the_plan_asks_for(self, case, actor):
        with pytest.raises(DomainError, match=r"tidak meminta FR\.IA\.10"):
            instruments.open_instrument(actor, case, InstrumentPaper.VPK)

    def test_what_cannot_be_filled_here_says_so(self, actor, cast):
        cast = portfolio_cast(codes=("CL",))
        with pytest.raises(DomainError, match="belum dapat diisi"):
            instruments.open_instrument(asesor_of(cast), portfolio_case(cast), InstrumentPaper.CL)

    def test_fr_ia_09_where_fr_ia_08_asks_for_it(self):
        cast = portfolio_cast(codes=("CVP",))
        case, actor = portfolio_case(cast), asesor_of(cast)
        paper = instruments.open_instrument(actor, case, CVP)
        with pytest.raises(DomainError, match=r"tidak meminta FR\.IA\.09"):
            instruments.open_instrument(actor, case, PW)
        fr_ia_08.set_topics(actor, case, paper, {elemen_of(case).id: ""})
        assert instruments.open_instrument(actor, case, PW).answers
        asked_by = [row.unplanned for row in standing_of(case) if row.paper is PW]
        assert asked_by == ["diminta oleh FR.IA.08"]

    def test_twice_is_one_paper_and_one_note(self, case, actor):
        first = instruments.open_instrument(actor, case, CVP)
        assert instruments.open_instrument(actor, case, CVP) is first
        noted = db.session.scalars(select(AuditEvent.action)).all()
        assert noted.count("instrument.begin") == 1


class TestPrefill:
    def test_a_row_a_document_and_one_a_unit_with_words_alone(self, case, actor):
        name_evidence(case, "Surat kerja", [1])
        paper = instruments.open_instrument(actor, case, CVP)
        assert rows_of(paper) == [
            ("Surat kerja", None, "", False),
            ("Unit 2, tertulis: Laporan kerja 2024", None, "", False),
        ]

    def test_what_the_pre_assessment_said_is_carried(self, case, actor):
        letter = name_evidence(case, "Surat kerja", [1, 2])
        judged_before(case, letter, 1, note="Asli dilihat")
        judged_before(case, letter, 2, current=False, note="Tahun 2015")
        [row] = instruments.open_instrument(actor, case, CVP).checks
        assert (row.valid, row.current, row.carried) == (True, False, True)
        assert row.note == "Asli dilihat; Tahun 2015"

    def test_ya_only_where_it_is_ya_in_every_unit_that_was_judged(self, case, actor):
        letter = name_evidence(case, "Surat kerja", [1, 2])
        judged_before(case, letter, 1)
        judged_before(case, letter, 2, sufficient=None)
        [row] = instruments.open_instrument(actor, case, CVP).checks
        assert (row.valid, row.sufficient) == (True, None)

    def test_a_replaced_file_is_no_evidence(self, case, actor):
        name_evidence(case, "Lama", [1], replaced_at=clock.now())
        titles = [row.title for row in instruments.open_instrument(actor, case, CVP).checks]
        assert "Lama" not in titles

    def test_further_evidence_is_offered_and_added_once(self, case, actor):
        paper = instruments.open_instrument(actor, case, CVP)
        late = upload(case, "Foto susulan")
        offered = fr_ia_08.new_evidence(case, paper, fr_ia_08.evidence_now(case))
        assert [piece.label for piece in offered] == ["Foto susulan"]
        fr_ia_08.add_document(case, paper, late.public_id)
        assert paper.checks[-1].document_id == late.id
        with pytest.raises(DomainError, match="sudah ada di daftar"):
            fr_ia_08.add_document(case, paper, late.public_id)

    def test_questions_of_the_muk_of_these_units(self, case, actor, cast):
        muk = make_instrument(cast.skema, DPL, questions=("Apa itu bahaya?", "Apa itu risiko?"))
        make_instrument(cast.skema, DPL, questions=("Draf?",), in_force=False, version_number=2)
        paper = instruments.open_instrument(actor, case, DPL)
        assert [row.question for row in paper.answers] == ["Apa itu bahaya?", "Apa itu risiko?"]
        assert [row.item_id for row in paper.answers] == [item.id for item in muk.items]


class TestInterview:
    def test_from_the_kuk_where_the_muk_says_nothing(self, case, actor):
        letter = name_evidence(case, "Surat kerja", [1])
        portfolio = instruments.open_instrument(actor, case, CVP)
        judged(portfolio, current=False)
        fr_ia_08.set_topics(actor, case, portfolio, {elemen_of(case).id: ""})
        assert portfolio.topics[0].substance == "1.1 Bahaya 1 diidentifikasi."
        [row] = instruments.open_instrument(actor, case, PW).answers
        assert row.question.startswith("Jelaskan bagaimana Anda mengenali bahaya 1,")
        assert (row.elemen_id, row.document_id) == (elemen_of(case).id, letter.id)

    def test_of_the_muk_about_that_elemen(self, case, actor, cast):
        muk = make_instrument(
            cast.skema, PW, questions=("Tentang elemen?", "Tentang lain?"), in_force=False
        )
        muk.items[0].elemen_id = elemen_of(case).id
        muk.items[1].elemen_id = elemen_of(case, 2).id
        db.session.flush()
        muk.effective_from, muk.published_at = clock.today_wib(), clock.now()
        portfolio = instruments.open_instrument(actor, case, CVP)
        fr_ia_08.set_topics(actor, case, portfolio, {elemen_of(case).id: ""})
        paper = instruments.open_instrument(actor, case, PW)
        assert [row.question for row in paper.answers] == ["Tentang elemen?"]

    def test_what_the_muk_asks_in_every_interview(self, case, actor, cast):
        """About no unit, or a whole one: FR.IA.08 never ticks these, so they wait for no tick and go with none."""
        muk = make_instrument(cast.skema, PW, questions=("Umum?", "Unit dua?"), in_force=False)
        muk.items[1].unit_id = cast.skema.units[1].id
        other = make_instrument(
            cast.skema, PW, questions=("Bukan di sini?",), in_force=False, kelompok="Lain"
        )
        db.session.flush()
        for each in (muk, other):
            each.effective_from, each.published_at = clock.today_wib(), clock.now()
        paper = instruments.open_instrument(actor, case, PW)
        assert [row.question for row in paper.answers] == ["Umum?", "Unit dua?"]
        portfolio = instruments.open_instrument(actor, case, CVP)
        fr_ia_08.set_topics(actor, case, portfolio, {elemen_of(case).id: ""})
        fr_ia_08.set_topics(actor, case, portfolio, {elemen_of(case).id: None})
        assert [row.question for row in paper.answers] == ["Umum?", "Unit dua?"]

    @pytest.mark.parametrize("sent_once", [False, True])
    def test_a_paper_keeps_to_the_muk_that_it_began_with(self, case, actor, cast, sent_once):
        """Also where another version comes into force the same day, and in the edition after a send-back."""
        first, second = elemen_of(case).id, elemen_of(case, 2).id
        about_elements(cast, case, 1, "Versi satu?", "Versi satu lagi?")
        portfolio = instruments.open_instrument(actor, case, CVP)
        fr_ia_08.set_topics(actor, case, portfolio, {first: ""})
        paper = instruments.open_instrument(actor, case, PW)
        about_elements(cast, case, 2, "Versi dua?", "Versi dua lagi?")
        if sent_once:
            paper.finished_at = paper.frozen_at = clock.now()
            paper.conclusion = Conclusion.MET
            db.session.flush()
        fr_ia_08.set_topics(actor, case, portfolio, {second: ""})
        now = instruments.newest_of(case, PW)
        assert now.edition == (2 if sent_once else 1)
        assert [row.question for row in now.answers] == ["Versi satu?", "Versi satu lagi?"]

    def test_it_follows_the_ticks_and_keeps_what_was_answered(self, case, actor):
        first, second = elemen_of(case).id, elemen_of(case, 2).id
        portfolio = instruments.open_instrument(actor, case, CVP)
        fr_ia_08.set_topics(actor, case, portfolio, {first: "", second: ""})
        paper = instruments.open_instrument(actor, case, PW)
        row = next(each for each in paper.answers if each.elemen_id == first)
        fr_ia_questions.put(row, question=row.question, answer="Dijawab", achieved=True)
        fr_ia_08.set_topics(actor, case, portfolio, {first: None, second: None})
        assert [each.elemen_id for each in paper.answers] == [first]
        fr_ia_08.set_topics(actor, case, portfolio, {second: "Lagi"})
        assert {each.elemen_id for each in paper.answers} == {first, second}

    def test_a_question_of_his_own_and_only_an_unanswered_one_goes(self, case, actor):
        paper = instruments.open_instrument(actor, case, DPL)
        fr_ia_questions.add(case, paper, "Apa tugas Anda?", None)
        fr_ia_questions.add(case, paper, "Siapa atasan Anda?", elemen_of(case).id)
        fr_ia_questions.remove(paper, 1)
        row = fr_ia_questions.answer_at(paper, 2)
        fr_ia_questions.put(row, question=row.question, answer="Pak Rekaan", achieved=None)
        db.session.flush()
        with pytest.raises(DomainError, match="sudah dijawab"):
            fr_ia_questions.remove(paper, 2)


class TestEditions:
    def test_what_was_sent_is_copied_whole_by_the_first_change(self, case, actor):
        name_evidence(case, "Surat kerja", [1])
        paper = instruments.open_instrument(actor, case, CVP)
        judged(paper)
        fr_ia_08.set_topics(actor, case, paper, {elemen_of(case).id: "Bahaya"})
        paper.conclusion = Conclusion.MET
        paper.frozen_at = clock.now()
        db.session.flush()
        fresh = instruments.open_instrument(actor, case, CVP)
        assert (fresh.edition, fresh.frozen_at, fresh.conclusion) == (2, None, Conclusion.MET)
        assert rows_of(fresh) == rows_of(paper)
        assert [(row.position, row.unit_id) for row in fresh.checks] == [
            (row.position, row.unit_id) for row in paper.checks
        ]
        assert [row.substance for row in fresh.topics] == ["Bahaya"]

    def test_another_asesor_goes_on_in_an_edition_of_his_own(self, case, actor, cast):
        paper = make_filled(case)
        paper.asesor_id = cast.second_asesor.id
        db.session.flush()
        fresh = instruments.open_instrument(actor, case, CVP)
        assert (fresh.edition, fresh.asesor_id) == (2, cast.asesor.id)
