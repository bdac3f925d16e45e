"""FR.AK.03: who is asked and until when, what the clock does, and sums that name nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import FrAk03, OutboxMessage, Permohonan
from lsp.models.inforce import setting
from lsp.services import clocks, feedback_sums, fr_ak_03
from lsp.services.feedback_sums import Wanted
from lsp.vocabulary import PermohonanStatus, Role
from lsp.workflow.permohonan import PERMOHONAN
from tests.support.assessment import make_fr_ak_03
from tests.support.reports import next_edition
from tests.workflow.cases import actor_of, make_cast, make_permohonan, tell

S = PermohonanStatus
ALL_YES = {str(number): fr_ak_03.Answer(yes=True, note="") for number in range(1, 11)}


def later(days):
    return time_machine.travel(clock.now() + timedelta(days=days), tick=False)


def decided(status=S.COMPETENT, **wanted):
    """A case whose asesi has just read his result."""
    return make_permohonan(status, result_opened_at=clock.now(), **wanted)


def give(case, answers=ALL_YES, comment=""):
    paper = fr_ak_03.give(actor_of(case.asesi), case, answers=answers, comment=comment)
    db.session.commit()
    return paper


def reminders(case):
    rows = db.session.query(OutboxMessage).filter_by(permohonan_id=case.id, kind=fr_ak_03.REMINDER)
    return rows.count()


def paper_of(case):
    db.session.expire_all()
    return fr_ak_03.paper_of(case, 1)


class TestWhoIsAsked:
    @pytest.mark.parametrize("status", list(S))
    def test_only_after_a_decision_he_has_read(self, app, status):
        case = decided(status)
        assert fr_ak_03.is_asked(case) is (status in fr_ak_03.ASKED)

    def test_an_unread_result_is_not_given_away(self, app):
        case = make_permohonan(S.NOT_YET_COMPETENT)
        assert not fr_ak_03.is_asked(case)
        with pytest.raises(DomainError, match="hasil asesmen Anda buka"):
            give(case)

    def test_nobody_else_answers_for_him(self, app):
        case = decided()
        with pytest.raises(DomainError, match="Hanya asesi"):
            fr_ak_03.give(actor_of(make_cast().admin), case, answers=ALL_YES, comment="")

    def test_in_the_next_attempt_he_may_still_answer_for_the_one_before(self, app):
        cast = make_cast()
        cast.skema.reassess_failed_units_only = False
        case = decided(S.NOT_YET_COMPETENT, cast=cast)
        case.attempt, case.status = 2, S.PAID
        case.decision = case.decided_at = None
        db.session.commit()
        assert fr_ak_03.is_asked(case)
        assert give(case).attempt == 1


class TestGiving:
    def test_all_ten_are_wanted(self, app):
        few = {number: answer for number, answer in ALL_YES.items() if number != "7"}
        with pytest.raises(DomainError, match="belum dijawab"):
            give(decided(), few)

    def test_he_changes_it_within_its_days_and_not_after(self, app):
        case = decided()
        give(case, comment="Baik")
        changed = ALL_YES | {"4": fr_ak_03.Answer(yes=False, note="Bukti 2 tidak dibuka")}
        with later(int(setting("ak03_days")) - 1):
            give(case, changed)
        assert paper_of(case).answers["4"] == {"yes": False, "note": "Bukti 2 tidak dibuka"}
        with later(int(setting("ak03_days")) + 1):
            give(case, changed)  # the same once more changes nothing and refuses nothing
            with pytest.raises(DomainError, match="sudah lewat"):
                give(case, ALL_YES)

    def test_what_comes_late_is_taken_once(self, app):
        case = decided()
        with later(int(setting("ak03_days")) + 1):
            assert clocks.follow_up_feedback() == 1
            assert paper_of(case).left_empty_at is not None
            paper = give(case)
            assert (paper.left_empty_at, paper.given_at) == (None, clock.now())
            with pytest.raises(DomainError, match="sudah lewat"):
                give(case, ALL_YES, comment="Satu lagi")


class TestTheClock:
    @pytest.mark.both
    def test_it_reminds_on_each_day_once_and_then_notes_that_nothing_came(self, app):
        case = decided()
        counted = []
        for day in (1, 3.1, 3.2, 9, 10.1, 13.9):
            with later(day):
                clocks.follow_up_feedback()
                counted.append(reminders(case))
        assert counted == [0, 1, 1, 1, 2, 2]
        assert paper_of(case) is None
        with later(int(setting("ak03_days")) + 0.1):
            assert clocks.follow_up_feedback() == 1
            assert clocks.follow_up_feedback() == 0
        assert paper_of(case).left_empty_at is not None
        assert reminders(case) == 2

    def test_who_answered_is_left_alone(self, app):
        case = decided()
        give(case)
        with later(20):
            assert clocks.follow_up_feedback() == 0
        assert reminders(case) == 0

    def test_the_time_runs_from_the_receipt(self, app):
        """Opened late: his days begin then."""
        case = make_permohonan(S.COMPETENT, result_mailed_at=None)
        case.result_mailed_at = None
        db.session.commit()
        with later(10):
            db.session.get_one(Permohonan, case.id).result_opened_at = clock.now()
            db.session.commit()
        with later(20):
            clocks.follow_up_feedback()
        assert paper_of(case) is None
        with later(25):
            clocks.follow_up_feedback()
        assert paper_of(case).left_empty_at is not None

    def test_an_attempt_that_another_followed_is_closed_too(self, app):
        case = decided(S.NOT_YET_COMPETENT)
        tell(case, "reassess", S.NOT_YET_COMPETENT, S.PAID)
        case.attempt, case.status = 2, S.PAID
        case.decision = case.decided_at = None
        db.session.commit()
        with later(13):
            clocks.follow_up_feedback()
            assert paper_of(case) is None, "its days began anew with the next attempt"
        with later(15):
            assert clocks.follow_up_feedback() == 1
        assert paper_of(case).left_empty_at is not None

    def test_it_stops_nothing(self, app):
        """A case without FR.AK.03 goes its way to the certificate."""
        cast = make_cast()
        case = make_permohonan(S.COMPETENT, cast=cast)
        PERMOHONAN.perform(case, "request_blanko", cast.of(Role.ADMIN, case), version=case.version)
        assert case.status is S.BLANKO_REQUESTED


class TestSums:
    @pytest.fixture
    def cast(self, app):
        return make_cast()

    def answered(self, cast, yes=True, note="", days_ago=20, comment=""):
        case = decided(cast=cast)
        answers = {number: {"yes": True, "note": ""} for number in ALL_YES}
        answers["3"] = {"yes": yes, "note": note}
        make_fr_ak_03(
            case, answers=answers, comment=comment, given_at=clock.now() - timedelta(days=days_ago)
        )
        db.session.commit()
        return case

    def wanted(self, **changes):
        today = clock.today_wib()
        return Wanted(**({"since": today - timedelta(days=30), "until": today} | changes))

    def test_the_lsp_counts_ya_and_tidak_and_reads_notes_without_names(self, cast):
        cases = [
            self.answered(cast, yes=False, note="Waktunya terlalu singkat"),
            self.answered(cast, comment="Terima kasih"),
        ]
        self.answered(cast, days_ago=60)
        sums = feedback_sums.of_period(actor_of(cast.admin), self.wanted())
        third = sums.items[2]
        assert (sums.count, third.yes, third.no) == (2, 1, 1)
        assert (third.notes, sums.comments) == (["Waktunya terlalu singkat"], ["Terima kasih"])
        text = feedback_sums.as_csv(actor_of(cast.admin), self.wanted()).decode("utf-8-sig")
        assert "3;" in text
        assert "Waktunya terlalu singkat" in text
        assert not [case for case in cases if case.asesi_name in text]

    @pytest.mark.both
    def test_by_asesor_and_what_was_left_empty(self, cast):
        self.answered(cast)
        self.answered(make_cast())
        make_fr_ak_03(decided(cast=cast), left_empty_at=clock.now())
        db.session.commit()
        sums = feedback_sums.of_period(
            actor_of(cast.admin), self.wanted(asesor=cast.asesor.public_id)
        )
        assert (sums.count, sums.left_empty) == (1, 1)
        assert (cast.asesor.public_id, cast.asesor.name) in feedback_sums.asesor_with_feedback()

    def test_an_asesor_reads_from_three_on_and_only_what_is_fixed(self, cast):
        for note in ("c", "a"):
            self.answered(cast, yes=False, note=note)
        self.answered(cast, note="b", days_ago=2)
        assert feedback_sums.of_asesor(cast.asesor.id) is None
        self.answered(cast, yes=False, note="b")
        sums = feedback_sums.of_asesor(cast.asesor.id)
        assert sums is not None
        assert (sums.count, sums.items[2].no) == (3, 3)
        assert sums.items[2].notes == ["a", "b", "c"], "not in the order of their coming"
        assert feedback_sums.of_asesor(cast.second_asesor.id) is None

    def test_an_admin_who_is_asesor_too_does_not_read_of_himself(self, cast):
        self.answered(cast)
        assert feedback_sums.of_period(actor_of(cast.asesor), self.wanted()).count == 0

    def test_an_answer_of_its_own_attempt_is_counted_once(self, cast):
        """FR.AK.02 has an edition more after a send-back."""
        case = self.answered(cast)
        next_edition(case)
        assert db.session.query(FrAk03).count() == 1
        assert feedback_sums.of_period(actor_of(cast.admin), self.wanted()).count == 1
