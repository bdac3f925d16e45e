"""Guards of the pleno and, as questions, of what follows; more of that: test_guards_result.py."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lsp import clock
from lsp.database import db
from lsp.errors import NotAllowed
from lsp.models import Invoice, Pleno, PlenoCase, Setting
from lsp.models.numbers import take_number
from lsp.services import assessment
from lsp.vocabulary import (
    Answer,
    InvoiceKind,
    InvoiceStatus,
    Mode,
    PermohonanStatus,
    Role,
)
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards import after_decision as after_guards, decision as guards
from lsp.workflow.permohonan import PERMOHONAN
from tests.workflow import stage_decision, stage_meetings
from tests.workflow.asking import Question, answer, in_turn, on, on_case
from tests.workflow.cases import (
    Story,
    make_cast,
    make_permohonan,
    put_on_agenda,
    tell,
    vote,
)

S = PermohonanStatus
BK_CASE = S.NOT_YET_COMPETENT


def place(dossier):
    return dossier.pleno_case


def new_place(case, cast):
    """The case goes to another pleno, where nobody has spoken yet."""
    old = dossier_of(case).pleno_case
    if old is not None:
        old.outcome, old.closed_at = "removed", clock.now()
        db.session.flush()
    return put_on_agenda(case, cast)


def votes(*agrees):
    def change(case, cast):
        agenda = new_place(case, cast)
        for member, word in zip(cast.members, agrees, strict=False):
            vote(agenda, member.id, agrees=word)

    return change


def setting(key, value):
    def change(case, cast):
        db.session.query(Setting).filter_by(key=key).one().value = value

    return change


def plan(dossier):
    return dossier.plan


def last_record(dossier):
    return dossier.bookings[-1].record


def invoice_of_reassessment(case, cast, *, status=InvoiceStatus.PAID, amount=500_000):
    db.session.add(
        Invoice(
            permohonan_id=case.id,
            kind=InvoiceKind.REASESMEN,
            number=take_number("invoice").text,
            amount=amount,
            status=status,
            due_on=clock.today_wib(),
            paid_at=clock.now() if status is InvoiceStatus.PAID else None,
        )
    )


def reassessed_once(case, cast):
    tell(case, "reassess", S.NOT_YET_COMPETENT, S.READY, cast, Role.ADMIN)


def long_decided(case, cast):
    case.decided_at = clock.now() - timedelta(days=181)


def mailed(**span):
    def change(case, cast):
        case.result_mailed_at = clock.now() - timedelta(**span)

    return change


def sk_unsigned(case, cast):
    """In a pleno of its own: a signed SK is frozen."""
    place = _last_place(case)
    other = Pleno(
        held_on=place.pleno.held_on,
        berita_acara_number="BA lain",
        chair_id=place.pleno.chair_id,
        opened_by_id=cast.admin.id,
        closed_at=place.pleno.closed_at,
    )
    db.session.add(other)
    db.session.flush()
    place.pleno_id = other.id
    db.session.flush()
    db.session.expire(place)


def _last_place(case):
    return (
        db.session.query(PlenoCase)
        .filter_by(permohonan_id=case.id)
        .order_by(PlenoCase.id.desc())
        .first()
    )


QUESTIONS = [
    Question(guards.quorum_and_rule_hold, S.RECOMMENDED, votes(True, True), "Baru 2 dari 3 anggota"),
    Question(guards.quorum_and_rule_hold, S.RECOMMENDED, votes(True, True, False), "tidak setuju"),
    Question(
        guards.quorum_and_rule_hold,
        S.RECOMMENDED,
        votes(True, False, False),
        "belum lebih dari separuh",
        prepare=in_turn(setting("pleno_rule", "majority"), votes(True, True, False)),
    ),
    Question(
        guards.quorum_and_rule_hold,
        S.RECOMMENDED,
        lambda case, cast: on(place, outcome="removed", closed_at=clock.now())(case, cast),
        "agenda pleno",
    ),
    Question(
        guards.someone_disagrees,
        S.RECOMMENDED,
        votes(True, True, True),
        "“tidak setuju”",
        prepare=votes(True, True, False),
    ),
    Question(
        guards.file_complete,
        S.RECOMMENDED,
        on(plan, fr_ak_07_at=None, mapa_chosen_at=None),
        "belum lengkap: FR.MAPA.01 dan FR.MAPA.02, FR.AK.07",
    ),
    Question(guards.file_complete, S.RECOMMENDED, on(plan, fr_ak_01_at=None), "FR.AK.01"),
    Question(guards.file_complete, S.RECOMMENDED, on(last_record, recording_reference=""), "rekaman asesmen"),
    Question(
        guards.file_complete, S.RECOMMENDED, on(last_record, screenshot_document_id=None), "tangkapan layar asesmen"
    ),
    Question(
        after_guards.inside_appeal_window,
        BK_CASE,
        lambda case, cast: on_case(result_opened_at=clock.now() - timedelta(days=40))(case, cast),
        "sudah lewat",
        role=Role.ASESI,
    ),
    Question(
        after_guards.first_appeal_of_decision,
        BK_CASE,
        lambda case, cast: tell(case, "appeal", S.NOT_YET_COMPETENT, S.APPEALED, cast, Role.ASESI),
        "sudah pernah dibanding",
        role=Role.ASESI,
    ),
    Question(after_guards.reassessment_left, BK_CASE, reassessed_once, "paling banyak 2 kali", prepare=reassessed_once),
    Question(after_guards.reassessment_left, BK_CASE, long_decided, "dalam 180 hari"),
    Question(
        after_guards.reassessment_paid, BK_CASE, reassessed_once, "belum lunas", prepare=invoice_of_reassessment
    ),
    Question(guards.sk_signed, S.COMPETENT, sk_unsigned, "SK penetapan"),
]  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_guard(app, question):
    question.ask()


class TestRecommendationIs:
    @pytest.mark.parametrize("recommended", list(Answer))
    @pytest.mark.parametrize("asked", list(Answer))
    def test_pleno_follows_the_asesor_or_sends_back(self, app, recommended, asked):
        cast = make_cast()
        case = make_permohonan(S.RECOMMENDED, cast=cast, recommendation=recommended)
        said = answer(guards.recommendation_is(asked), case, cast.of(Role.TIM_TEKNIS, case))
        if recommended is asked:
            assert said is None
        else:
            assert f"bukan {asked.label}" in said

    @pytest.mark.parametrize(
        ("agree", "found"),
        [
            ((True, True, True), Answer.BK),
            ((False, False, False), Answer.K),
            ((True, False, False), None),
        ],
    )
    def test_after_granted_redecision_the_members_find(self, app, agree, found):
        cast = make_cast()
        case = make_permohonan(S.RECOMMENDED, cast=cast, recommendation=Answer.BK)
        chair = cast.of(Role.TIM_TEKNIS, case)
        tell(case, "grant_redecision", S.APPEALED, S.RECOMMENDED)
        votes(*agree)(case, cast)
        rule = answer(guards.quorum_and_rule_hold, case, chair)
        assert (rule is None) is (found is not None)
        for asked in Answer if found else ():
            said = answer(guards.recommendation_is(asked), case, chair)
            assert (said is None) is (asked is found), said
        assert found or "terbagi" in rule

    def test_by_the_majority_where_the_lsp_says_so(self, app):
        cast = make_cast()
        case = make_permohonan(S.RECOMMENDED, cast=cast, recommendation=Answer.BK)
        chair = cast.of(Role.TIM_TEKNIS, case)
        tell(case, "grant_redecision", S.APPEALED, S.RECOMMENDED)
        in_turn(setting("pleno_rule", "majority"), votes(True, False, False))(case, cast)
        assert answer(guards.quorum_and_rule_hold, case, chair) is None
        assert answer(guards.recommendation_is(Answer.K), case, chair) is None

    @pytest.mark.parametrize(
        ("agree", "may"),
        [((False,), False), ((False, False, False), False), ((True, False, False), True)],
    )
    def test_what_is_decided_anew_goes_back_where_the_members_are_divided_alone(
        self, app, agree, may
    ):
        cast = make_cast()
        case = make_permohonan(S.RECOMMENDED, cast=cast, recommendation=Answer.BK)
        chair = cast.of(Role.TIM_TEKNIS, case)
        tell(case, "grant_redecision", S.APPEALED, S.RECOMMENDED)
        votes(*agree)(case, cast)
        assert (answer(guards.someone_disagrees, case, chair) is None) is may

    def test_an_annulled_finding_is_found_anew_by_the_same_rule(self, app):
        cast = make_cast()
        case = make_permohonan(S.RECOMMENDED, cast=cast, recommendation=Answer.BK)
        chair = cast.of(Role.TIM_TEKNIS, case)
        tell(case, "grant_redecision", S.APPEALED, S.RECOMMENDED)
        tell(case, "annul", S.COMPETENT, S.RECOMMENDED)
        votes(False, False, False)(case, cast)
        assert answer(guards.recommendation_is(Answer.K), case, chair) is None

    def test_sent_back_after_a_redecision_the_asesor_counts_again(self, app):
        cast = make_cast()
        case = make_permohonan(S.RECOMMENDED, cast=cast, recommendation=Answer.BK)
        chair = cast.of(Role.TIM_TEKNIS, case)
        tell(case, "grant_redecision", S.APPEALED, S.RECOMMENDED)
        votes(False, False, False)(case, cast)
        # Sent back and recommended anew, the word of the asesor counts again.
        tell(case, "recommend", S.IN_ASSESSMENT, S.RECOMMENDED)
        assert answer(guards.recommendation_is(Answer.K), case, chair) is not None


class TestFile:
    def test_face_to_face_has_no_recording(self, app):
        case = make_permohonan(S.RECOMMENDED, mode=Mode.LURING)
        on(last_record, recording_reference="", screenshot_document_id=None)(case, None)
        db.session.flush()
        assert guards.missing_papers(case) == []

    def test_a_remote_meeting_keeps_its_recording_when_the_mode_changes(self, app):
        case = make_permohonan(S.RECOMMENDED)
        case.mode = Mode.LURING
        on(last_record, recording_reference="")(case, None)
        db.session.flush()
        assert guards.missing_papers(case) == ["rekaman asesmen"]

    def test_a_meeting_face_to_face_needs_none_when_the_mode_changes(self, app):
        case = make_permohonan(S.RECOMMENDED, mode=Mode.LURING)
        case.mode = Mode.DARING
        on(last_record, recording_reference="", screenshot_document_id=None)(case, None)
        db.session.flush()
        assert guards.missing_papers(case) == []

    def test_every_paper_is_named(self, app):
        case = make_permohonan(S.PAID)
        assert guards.missing_papers(case) == [
            "FR.MAPA.01 dan FR.MAPA.02",
            "FR.AK.07",
            "FR.AK.01",
            "FR.AK.02",
        ]

    def stopped(self, cast):
        """A case that `recommend_not_continue` brought before the pleno."""
        case = make_permohonan(S.PRE_SCHEDULED, cast=cast, work_done=False, evidence_rounds=2)
        story = Story(cast, Answer.BK)
        stage_meetings.ask_evidence(case, story)
        stage_meetings.assess(case, story)
        asesor = cast.of(Role.ASESOR, case)
        record = dossier_of(case).booking.record
        record.recording_reference = "https://contoh.id/rekaman"
        record.screenshot_document_id = dossier_of(case).documents[0].id
        record.started_at = clock.now()
        db.session.flush()
        PERMOHONAN.perform(case, "recommend_not_continue", asesor, version=case.version)
        return case

    def test_sent_back_it_goes_on_in_its_pre_assessment(self, app):
        """In IN_ASSESSMENT nobody could plan any more what was never planned."""
        cast = make_cast()
        case = self.stopped(cast)
        votes(True, True, False)(case, cast)
        chair, asesor = cast.of(Role.TIM_TEKNIS, case), cast.of(Role.ASESOR, case)
        reason = "Bukti tambahan kedua menjawab unit 1; lanjutkan asesmennya."
        said = answer(guards.assessment_was_held, case, chair)
        assert "berhenti di pra-asesmen" in said
        assert answer(guards.only_pre_assessment_was_held, case, chair) is None
        with pytest.raises(NotAllowed, match="berhenti di pra-asesmen"):
            PERMOHONAN.perform(case, "send_back", chair, version=case.version, note=reason)
        PERMOHONAN.perform(case, "send_back_pre", chair, version=case.version, note=reason)
        db.session.commit()
        assert case.status is S.PRE_SCHEDULED
        assessment.review_apl_02(asesor, case, can_continue=True, missing_evidence="", note="")
        assessment.choose_plan(asesor, case, mapa=cast.mapa)
        assert dossier_of(case).plan.mapa_chosen_at is not None

    def test_an_assessed_case_goes_back_into_its_assessment(self, app):
        cast = make_cast()
        case = make_permohonan(S.RECOMMENDED, cast=cast)
        chair = cast.of(Role.TIM_TEKNIS, case)
        assert answer(guards.assessment_was_held, case, chair) is None
        assert "sudah berlangsung" in answer(guards.only_pre_assessment_was_held, case, chair)

    def test_case_that_stopped_at_the_pre_assessment_can_be_decided(self, app):
        """No assessment was planned for it; asked for FR.MAPA and FR.AK.01 it would stand before the pleno for ever."""
        cast = make_cast()
        case = self.stopped(cast)
        chair, story = cast.of(Role.TIM_TEKNIS, case), Story(cast, Answer.BK)
        stage_decision.all_agree(case, story)
        db.session.flush()
        assert dossier_of(case).plan is None
        PERMOHONAN.perform(case, "decide_not_yet", chair, version=case.version)
        db.session.commit()
        assert case.status is S.NOT_YET_COMPETENT
