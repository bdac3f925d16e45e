"""Guards after the decision: receipt, appeal, re-assessment, closing and SK."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import time_machine

from lsp import clock
from lsp.actor import SYSTEM
from lsp.database import db
from lsp.models import Holiday
from lsp.vocabulary import (
    Answer,
    InvoiceStatus,
    MeetingKind,
    PermohonanStatus,
    Role,
)
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards import after_decision as after_guards, decision as guards
from lsp.workflow.permohonan import PERMOHONAN
from tests.workflow import stage_decision
from tests.workflow.asking import answer
from tests.workflow.cases import (
    Story,
    actor_of,
    hold_seat,
    make_cast,
    make_permohonan,
    tell,
)
from tests.workflow.test_guards_decision import BK_CASE, invoice_of_reassessment

S = PermohonanStatus


class TestReceiptAndWindow:
    """Receipt: first opening while signed in, or three days after the mail went; then 14 working days."""

    def test_opening_counts_before_the_mail(self, app):
        case = make_permohonan(BK_CASE)
        opened = datetime(2026, 3, 2, 3, 0, tzinfo=clock.WIB)
        case.result_mailed_at, case.result_opened_at = opened - timedelta(days=1), opened
        assert after_guards.receipt_of(case) == opened

    def test_mail_counts_after_three_days(self, app):
        case = make_permohonan(BK_CASE)
        mailed_at = datetime(2026, 3, 2, 3, 0, tzinfo=clock.WIB)
        case.result_mailed_at, case.result_opened_at = mailed_at, mailed_at + timedelta(days=9)
        assert after_guards.receipt_of(case) == mailed_at + timedelta(days=3)

    def test_window_skips_weekends_and_holidays(self, app):
        case = make_permohonan(BK_CASE)
        db.session.query(Holiday).delete()
        case.result_opened_at = datetime(2026, 3, 2, 10, 0, tzinfo=clock.WIB)  # a Monday
        db.session.flush()
        assert after_guards.appeal_until(case) == date(2026, 3, 20)
        db.session.add(Holiday(day=date(2026, 3, 20), name="Libur rekaan"))
        db.session.flush()
        assert after_guards.appeal_until(case) == date(2026, 3, 23)

    @pytest.mark.parametrize(
        ("day", "open_"), [(date(2026, 3, 20), True), (date(2026, 3, 21), False)]
    )
    def test_last_day_is_in(self, app, day, open_):
        case = make_permohonan(BK_CASE)
        db.session.query(Holiday).delete()
        case.result_opened_at = datetime(2026, 3, 2, 10, 0, tzinfo=clock.WIB)
        db.session.flush()
        asesi = actor_of(case.asesi)
        with time_machine.travel(
            datetime(day.year, day.month, day.day, 23, 59, tzinfo=clock.WIB), tick=False
        ):
            said = answer(after_guards.inside_appeal_window, case, asesi)
        assert (said is None) is open_

    def test_result_that_nobody_received_keeps_the_window_open(self, app):
        case = make_permohonan(BK_CASE)
        case.result_mailed_at = None
        assert after_guards.appeal_until(case) is None
        assert answer(after_guards.inside_appeal_window, case, actor_of(case.asesi)) is None
        assert answer(after_guards.windows_over_or_declined, case, SYSTEM) is not None


class TestAppeal:
    def test_decision_taken_anew_may_be_appealed_again(self, app):
        cast = make_cast()
        case = make_permohonan(S.APPEALED, cast=cast)
        asesi = actor_of(case.asesi)
        assert answer(after_guards.first_appeal_of_decision, case, asesi) is not None
        tell(case, "grant_redecision", S.APPEALED, S.RECOMMENDED)
        tell(case, "decide_not_yet", S.RECOMMENDED, S.NOT_YET_COMPETENT)
        assert answer(after_guards.first_appeal_of_decision, case, asesi) is None

    def test_upheld_decision_is_not_appealed_twice(self, app):
        case = make_permohonan(S.APPEALED)
        tell(case, "uphold", S.APPEALED, S.NOT_YET_COMPETENT)
        assert answer(after_guards.first_appeal_of_decision, case, actor_of(case.asesi)) is not None


class TestReassessment:
    def test_each_one_has_its_own_invoice(self, app):
        cast = make_cast()
        case = make_permohonan(BK_CASE, cast=cast)
        admin = cast.of(Role.ADMIN, case)
        assert (
            answer(after_guards.reassessment_paid, case, admin)
            == "Tagihan asesmen ulang belum lunas."
        )
        invoice_of_reassessment(case, cast)
        db.session.flush()
        PERMOHONAN.perform(case, "reassess", admin, version=case.version)
        assert case.attempt == 2
        assert answer(after_guards.reassessment_paid, case, admin) is not None
        invoice_of_reassessment(case, cast)
        db.session.flush()
        assert answer(after_guards.reassessment_paid, case, admin) is None

    def test_an_attempt_that_a_banding_granted_is_not_counted(self, app):
        cast = make_cast()
        case = make_permohonan(BK_CASE, cast=cast, attempt=5)
        for _ in range(3):
            tell(case, "grant_reassessment", S.APPEALED, S.READY)
        assert answer(after_guards.reassessment_left, case, cast.of(Role.ADMIN, case)) is None

    @pytest.mark.parametrize(
        ("status", "amount", "holds"),
        [
            (InvoiceStatus.OPEN, 500_000, False),
            (InvoiceStatus.VOID, 500_000, False),
            (InvoiceStatus.LAPSED, 500_000, False),
            (InvoiceStatus.OPEN, 0, True),
            (InvoiceStatus.VOID, 0, False),
        ],
    )
    def test_paid_or_over_nothing(self, app, status, amount, holds):
        cast = make_cast()
        case = make_permohonan(BK_CASE, cast=cast)
        invoice_of_reassessment(case, cast, status=status, amount=amount)
        db.session.flush()
        said = answer(after_guards.reassessment_paid, case, cast.of(Role.ADMIN, case))
        assert (said is None) is holds

    def test_new_attempt_leaves_the_old_papers_as_they_were(self, app):
        cast = make_cast()
        case = make_permohonan(BK_CASE, cast=cast)
        old = dossier_of(case).fr_ak_02
        invoice_of_reassessment(case, cast)
        db.session.flush()
        PERMOHONAN.perform(case, "reassess", cast.of(Role.ADMIN, case), version=case.version)
        db.session.commit()
        assert (case.recommendation, case.decision, case.decided_at) == (None, None, None)
        assert old.frozen_at is not None
        assert dossier_of(case).fr_ak_02 is None
        assert dossier_of(case).plan is None
        hold_seat(case, MeetingKind.ASSESSMENT, cast)


class TestClosing:
    @pytest.mark.parametrize(
        ("mailed_days", "decided_days", "over"), [(60, 200, True), (60, 10, False), (1, 200, False)]
    )
    def test_clock_closes_when_both_windows_are_over(self, app, mailed_days, decided_days, over):
        case = make_permohonan(BK_CASE)
        case.result_mailed_at = clock.now() - timedelta(days=mailed_days)
        case.decided_at = clock.now() - timedelta(days=decided_days)
        said = answer(after_guards.windows_over_or_declined, case, SYSTEM)
        assert (said is None) is over
        if said:
            assert "masih berjalan" in said

    def test_asesi_may_decline_at_once(self, app):
        case = make_permohonan(BK_CASE)
        assert answer(after_guards.windows_over_or_declined, case, actor_of(case.asesi)) is None


class TestSk:
    def test_sk_of_an_annulled_decision_does_not_count(self, app):
        cast = make_cast()
        case = make_permohonan(S.COMPETENT, cast=cast)
        case.annulment_proposed_by_id = cast.chair.id
        db.session.flush()
        PERMOHONAN.perform(
            case,
            "annul",
            cast.of(Role.KETUA, case),
            version=case.version,
            note="Rekaman asesmen tertukar.",
        )
        stage_decision.all_agree(case, Story(cast, Answer.K))
        PERMOHONAN.perform(
            case, "decide_competent", cast.of(Role.TIM_TEKNIS, case), version=case.version
        )
        db.session.commit()
        admin = cast.of(Role.ADMIN, case)
        assert "SK penetapan" in answer(guards.sk_signed, case, admin)
        stage_decision.sign_sk(case, Story(cast, Answer.K))
        db.session.flush()
        assert answer(guards.sk_signed, case, admin) is None
