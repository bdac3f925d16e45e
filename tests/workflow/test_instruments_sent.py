"""What `recommend` makes of the instruments: frozen, complete in the file, still signed after a return."""

from __future__ import annotations

import pytest

from lsp import clock
from lsp.database import db
from lsp.errors import NotAllowed
from lsp.models import FilledInstrument, InstrumentAnswer
from lsp.services import instruments as instruments_service, signing
from lsp.vocabulary import Conclusion, Form, InstrumentPaper, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.assessment import freeze_papers, open_new_edition, reopen_seat
from lsp.workflow.guards.decision import file_complete, missing_papers
from lsp.workflow.instruments import unsigned
from lsp.workflow.permohonan import PERMOHONAN
from tests.services.raw_sql import refuses
from tests.support.assessment import make_filled
from tests.support.instruments import statements
from tests.workflow.asking import answer
from tests.workflow.cases import actor_of, make_cast, make_permohonan, sign

S = PermohonanStatus
ANSWER = "Bukti unit kedua dibuka lagi pada menit ke-12 rekaman."
CVP, PW = InstrumentPaper.CVP, InstrumentPaper.PW


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def sent(cast):
    """Recommended by the real step."""
    case = make_permohonan(S.IN_ASSESSMENT, cast=cast)
    send(case, cast)
    return case


def send(case, cast):
    db.session.commit()
    db.session.expire_all()
    PERMOHONAN.perform(case, "recommend", actor_of(cast.asesor), version=case.version)
    db.session.commit()


def send_back(case, cast):
    """As the step writes it, without a pleno around it."""
    case.status = S.IN_ASSESSMENT
    open_new_edition(case, actor_of(cast.chair), "")
    reopen_seat(case, actor_of(cast.chair), "")
    db.session.commit()
    db.session.expire_all()


def instruments(case):
    db.session.expire_all()
    return dossier_of(case).instruments


@pytest.mark.both
def test_every_paper_is_frozen_with_fr_ak_02_and_the_database_keeps_it(sent):
    moments = {row.frozen_at for row in instruments(sent).values()}
    assert moments == {dossier_of(sent).fr_ak_02.frozen_at}
    paper = instruments(sent)[PW]
    refuses(
        f"UPDATE filled_instrument SET feedback = 'Lain' WHERE id = {paper.id}",
        "frozen: filled_instrument",
    )
    refuses(
        f"UPDATE instrument_answer SET answer = 'Lain' WHERE filled_id = {paper.id}",
        "frozen: instrument_answer",
    )


def test_one_that_nobody_asked_for_is_frozen_too(cast):
    case = make_permohonan(S.IN_ASSESSMENT, cast=cast)
    make_filled(case, InstrumentPaper.DPL)
    send(case, cast)
    assert instruments(case)[InstrumentPaper.DPL].frozen_at is not None


class TestSentBack:
    def test_unchanged_instruments_stay_signed_and_are_sent_again(self, sent, cast):
        before = {paper: (row.id, row.frozen_at) for paper, row in instruments(sent).items()}
        send_back(sent, cast)
        assert unsigned(dossier_of(sent), Role.ASESI) == [Form.FR_AK_02]
        assert unsigned(dossier_of(sent), Role.ASESOR, cast.asesor.id) == [Form.FR_AK_02]
        dossier_of(sent).fr_ak_02.comment = ANSWER
        db.session.flush()
        sign(sent, Form.FR_AK_02, sent.asesi, Role.ASESI)
        sign(sent, Form.FR_AK_02, cast.asesor, Role.ASESOR)
        send(sent, cast)
        assert sent.status is S.RECOMMENDED
        assert {p: (row.id, row.frozen_at) for p, row in instruments(sent).items()} == before

    def test_as_it_was_it_is_neither_signed_nor_sent(self, sent, cast):
        send_back(sent, cast)
        assert dossier_of(sent).awaits_rework
        asesor, asesi = actor_of(cast.asesor), actor_of(sent.asesi)
        assert "belum ada yang Anda ubah" in signing.result_missing(sent, asesor)
        assert signing.refusal(asesi, sent, Form.FR_AK_02, Role.ASESI) == signing.NOT_NOW
        for person, role in ((sent.asesi, Role.ASESI), (cast.asesor, Role.ASESOR)):
            sign(sent, Form.FR_AK_02, person, role)
        with pytest.raises(NotAllowed, match="jawab alasannya di Komentar"):
            send(sent, cast)

    def test_an_instrument_opened_and_left_as_it_was_is_no_mend(self, sent, cast):
        send_back(sent, cast)
        fresh = instruments_service.open_instrument(actor_of(cast.asesor), sent, PW)
        assert fresh.edition == 2
        assert dossier_of(sent).awaits_rework
        fresh.answers[0].answer = ANSWER
        db.session.flush()
        assert not dossier_of(sent).awaits_rework

    def test_the_editions_that_were_sent_are_read_in_one_go(self, cast):
        """However many papers are worked on: those of before, and three tables of rows."""
        case = make_permohonan(S.IN_ASSESSMENT, cast=cast)
        papers = (InstrumentPaper.CVP, PW, InstrumentPaper.DPL)
        make_filled(case, InstrumentPaper.DPL)
        send(case, cast)
        send_back(case, cast)
        for each in papers:
            instruments_service.open_instrument(actor_of(cast.asesor), case, each)
        db.session.expire_all()
        dossier = dossier_of(case)
        assert all(dossier.instruments[each].frozen_at is None for each in papers)
        assert dossier.returned_record is not None
        reads = [each for each in statements(lambda: dossier.is_reworked) if "filled" in each]
        assert len(reads) == 4

    def test_an_instrument_opened_only_since_then_is_no_mend(self, cast):
        case = make_permohonan(S.IN_ASSESSMENT, cast=cast)
        send(case, cast)
        send_back(case, cast)
        made = make_filled(case, InstrumentPaper.DPL)
        db.session.expire_all()
        assert dossier_of(case).awaits_rework
        made.conclusion, made.finished_at = Conclusion.MET, clock.now()
        db.session.commit()
        db.session.expire_all()
        assert not dossier_of(case).awaits_rework

    def test_the_second_return_asks_for_another_answer(self, sent, cast):
        send_back(sent, cast)
        dossier_of(sent).fr_ak_02.comment = ANSWER
        db.session.flush()
        assert not dossier_of(sent).awaits_rework
        freeze_papers(sent, actor_of(cast.asesor), "")
        send_back(sent, cast)
        assert dossier_of(sent).awaits_rework

    def test_a_changed_one_is_signed_and_frozen_anew(self, sent, cast):
        send_back(sent, cast)
        old = instruments(sent)[PW]
        fresh = make_filled(
            sent,
            PW,
            edition=2,
            conclusion=old.conclusion,
            finished_at=clock.now(),
            feedback="Baru.",
        )
        for row in old.answers:
            db.session.add(
                InstrumentAnswer(
                    filled_id=fresh.id, position=row.position, elemen_id=row.elemen_id,
                    question=row.question, answer=row.answer, achieved=row.achieved,
                )
            )  # fmt: skip
        db.session.flush()
        db.session.expire_all()
        assert unsigned(dossier_of(sent), Role.ASESI) == [Form.FR_IA_09, Form.FR_AK_02]
        for form in (Form.FR_IA_09, Form.FR_AK_02):
            sign(sent, form, sent.asesi, Role.ASESI)
            sign(sent, form, cast.asesor, Role.ASESOR)
        send(sent, cast)
        assert instruments(sent)[PW].id == fresh.id
        assert instruments(sent)[PW].frozen_at is not None
        assert db.session.get(FilledInstrument, old.id).frozen_at < fresh.frozen_at


class TestFile:
    def test_complete_after_the_step(self, sent, cast):
        db.session.expire_all()
        names = [name for name in missing_papers(sent) if name.startswith("FR.")]
        assert names == []

    @pytest.mark.parametrize("paper", [CVP, PW])
    def test_each_needed_instrument_is_named(self, cast, paper):
        case = make_permohonan(S.RECOMMENDED, cast=cast)
        chair = actor_of(cast.chair)
        assert answer(file_complete, case, chair) is None
        row = dossier_of(case).instruments[paper]
        make_filled(case, paper, edition=2, conclusion=row.conclusion, finished_at=clock.now())
        assert answer(file_complete, case, chair) == f"Berkas belum lengkap: {paper.value}."

    def test_a_case_recommended_before_instruments_is_not_locked(self, cast):
        case = make_permohonan(S.RECOMMENDED, cast=cast)
        for row in dossier_of(case).instruments.values():
            assert row.attempt == 1
        plan = dossier_of(case).plan
        plan.methods, plan.mapa = ["observasi", "lisan"], None
        db.session.flush()
        assert {"FR.IA.01", "FR.IA.07"} <= set(missing_papers(case))
        plan.papers_outside = True
        db.session.flush()
        assert missing_papers(case) == []


def test_frozen_once(sent):
    paper = dossier_of(sent).fr_ak_02
    frozen_at = paper.frozen_at
    freeze_papers(sent, actor_of(sent.asesi), "")
    assert paper.frozen_at == frozen_at
