"""What BNSP is told when a pleno decides anew after a banding: the decision, where it is not what was reported."""

from __future__ import annotations

import pytest

from lsp.actor import SYSTEM
from lsp.database import db
from lsp.models import OutboxMessage
from lsp.models.queue import TO_CORRECT_AT_BNSP
from lsp.services import outbox_answers, pleno
from lsp.services.outbox_words import fault_of
from lsp.vocabulary import PermohonanStatus, Role
from lsp.workflow.effects.assessment import RESULT, report_result_to_bnsp, take_back_result
from lsp.workflow.permohonan import PERMOHONAN
from tests.services import plenos
from tests.workflow.cases import actor_of, make_cast, make_permohonan, person

S = PermohonanStatus
K, BK = 1, 2


@pytest.fixture
def cast(app):
    made = make_cast()
    made.others = [person(Role.TIM_TEKNIS) for _ in range(3)]
    return made


@pytest.fixture
def case(cast):
    """Recommended and reported BK, contested with success."""
    made = make_permohonan(S.APPEALED, cast=cast)
    report_result_to_bnsp(made, SYSTEM, "")
    db.session.commit()
    return made


def perform(case, name, actor, **more):
    PERMOHONAN.perform(case, name, actor, version=case.version, **more)
    db.session.commit()


def decide(cast, case, *, agrees):
    """Another pleno: who does not agree with the recommended BK finds the asesi competent."""
    made = plenos.call(cast, case, members=cast.others, chair=cast.others[0])
    for member in cast.others:
        note = "" if agrees else plenos.REASON
        pleno.vote(actor_of(member), made.cases[0], agrees=agrees, note=note, declared=True)
    name = "decide_not_yet" if agrees else "decide_competent"
    perform(case, name, actor_of(cast.others[0]))


def rows(kind):
    db.session.expire_all()
    return db.session.query(OutboxMessage).filter_by(kind=kind).order_by("id").all()


def told(kind):
    """Of each row: what it says, and what became of it; empty while it waits."""
    return [(row.payload["kompeten"], row.done_how) for row in rows(kind)]


def tell(cast, kind=RESULT):
    outbox_answers.answer(actor_of(cast.admin), rows(kind)[-1], None, {})
    db.session.commit()


def test_a_result_that_waits_is_replaced_by_the_decision(cast, case):
    perform(case, "grant_redecision", SYSTEM)
    decide(cast, case, agrees=False)
    assert told(RESULT) == [(BK, "cancelled"), (K, "")]
    assert rows(TO_CORRECT_AT_BNSP) == []
    error = rows(RESULT)[0].error
    assert error == "Replaced: redecided"
    assert "pleno menetapkan hasil lain" in fault_of(error)


@pytest.mark.parametrize("when", ["before the banding", "before the decision"])
def test_a_result_that_was_told_is_corrected(cast, case, when):
    if when == "before the banding":
        tell(cast)
    perform(case, "grant_redecision", SYSTEM)
    if when == "before the decision":
        tell(cast)
    decide(cast, case, agrees=False)
    assert told(RESULT) == [(BK, "by_hand")], (
        "what was done is not rewritten, and K is no result of its own"
    )
    (row,) = rows(TO_CORRECT_AT_BNSP)
    assert row.done_at is None
    said = {name: row.payload[name] for name in ("dilaporkan", "kompeten", "keterangan")}
    assert said == {"dilaporkan": BK, "kompeten": K, "keterangan": "ditetapkan kompeten"}


@pytest.mark.parametrize("was_told", [True, False])
def test_the_same_decision_again_writes_nothing(cast, case, was_told):
    if was_told:
        tell(cast)
    perform(case, "grant_redecision", SYSTEM)
    decide(cast, case, agrees=True)
    assert told(RESULT) == [(BK, "by_hand" if was_told else "")]
    assert rows(TO_CORRECT_AT_BNSP) == []


def annulled(cast, case):
    plenos.annul(cast, case)
    db.session.commit()


class TestAnnulledAfterwards:
    """K after the banding, annulled, and then BK."""

    def decided(self, cast, case):
        perform(case, "grant_redecision", SYSTEM)
        decide(cast, case, agrees=False)

    def back_to_bk(self, cast, case):
        annulled(cast, case)
        decide(cast, case, agrees=True)

    def test_nothing_was_told_yet(self, cast, case):
        self.decided(cast, case)
        self.back_to_bk(cast, case)
        assert told(RESULT) == [(BK, "cancelled"), (K, "cancelled"), (BK, "")]
        assert rows(TO_CORRECT_AT_BNSP) == []

    def test_bk_was_told_and_its_correction_waits(self, cast, case):
        tell(cast)
        self.decided(cast, case)
        self.back_to_bk(cast, case)
        assert told(RESULT) == [(BK, "by_hand")]
        assert told(TO_CORRECT_AT_BNSP) == [(K, "cancelled")]

    def test_the_correction_was_told_too(self, cast, case):
        tell(cast)
        self.decided(cast, case)
        tell(cast, TO_CORRECT_AT_BNSP)
        self.back_to_bk(cast, case)
        assert told(TO_CORRECT_AT_BNSP) == [(K, "by_hand"), (BK, "")]
        assert rows(TO_CORRECT_AT_BNSP)[-1].payload["dilaporkan"] == K

    def test_what_is_taken_back_is_what_bnsp_was_told_last(self, cast, case):
        tell(cast)
        self.decided(cast, case)
        tell(cast, TO_CORRECT_AT_BNSP)
        take_back_result("sent_back")(case, SYSTEM, "")
        assert rows(TO_CORRECT_AT_BNSP)[-1].payload["dilaporkan"] == K


def test_a_result_that_was_taken_back_before_is_not_what_bnsp_goes_by(cast, case):
    """K was told and taken back, BK reported anew and not told: BNSP gets K as a result, not as a correction."""
    first = rows(RESULT)[0]
    first.payload = first.payload | {"kompeten": K}
    db.session.commit()
    tell(cast)
    take_back_result("sent_back")(case, SYSTEM, "")
    case.version += 1
    report_result_to_bnsp(case, SYSTEM, "")
    db.session.commit()
    perform(case, "grant_redecision", SYSTEM)
    decide(cast, case, agrees=False)
    assert told(RESULT) == [(K, "by_hand"), (BK, "cancelled"), (K, "")]
    assert len(rows(TO_CORRECT_AT_BNSP)) == 1
