"""When nobody of a pleno can settle a case any more, so that it may be put before another one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lsp import clock
from lsp.database import db
from lsp.models import UserRole
from lsp.vocabulary import Answer, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards import another_pleno as guards
from tests.workflow.asking import Question, answer
from tests.workflow.cases import make_cast, make_permohonan, tell, vote
from tests.workflow.rows import put_on_agenda

S = PermohonanStatus


def close_account(user):
    user.disabled_at = clock.now()
    db.session.flush()


def leave_tim_teknis(user):
    user.roles = [UserRole(role=Role.ASESI, granted_at=clock.now())]
    db.session.flush()


def chair_gone(case, cast):
    close_account(cast.chair)


def chair_back(case, cast):
    cast.chair.disabled_at = None


def off_the_agenda(case, cast):
    place = dossier_of(case).pleno_case
    place.outcome, place.closed_at = "removed", clock.now()


QUESTIONS = [
    Question(guards.pleno_cannot_settle, S.RECOMMENDED, chair_back, "masih dapat memutus", prepare=chair_gone),
    Question(guards.pleno_cannot_settle, S.RECOMMENDED, off_the_agenda, "agenda pleno", prepare=chair_gone),
]  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda each: each.id)
def test_it_holds_and_then_says_why_not(app, question):
    question.ask()


class TestMembers:
    """Decided anew after a banding, where no vote is taken off the table while the pleno can go on."""

    @pytest.fixture
    def cast(self, app):
        return make_cast()

    @pytest.fixture
    def case(self, cast):
        case = make_permohonan(S.RECOMMENDED, cast=cast, work_done=False, recommendation=Answer.BK)
        tell(case, "grant_redecision", S.APPEALED, S.RECOMMENDED)
        self.place = put_on_agenda(case, cast)
        return case

    def said(self, cast, case):
        return answer(guards.pleno_cannot_settle, case, cast.of(Role.ADMIN, case))

    def bar(self, case):
        def verify(user):
            case.verifier_id = user.id
            db.session.flush()

        return verify

    @pytest.mark.parametrize("how", [close_account, leave_tim_teknis, "verified"])
    def test_one_too_few(self, cast, case, how: Callable[..., None] | str):
        vote(self.place, cast.chair.id, answer=Answer.BK)
        assert "masih dapat memutus" in self.said(cast, case)
        (how if callable(how) else self.bar(case))(cast.members[2])
        assert self.said(cast, case) is None

    def test_who_has_spoken_is_not_missed(self, cast, case):
        vote(self.place, cast.members[2].id, answer=Answer.BK)
        close_account(cast.members[2])
        assert "masih dapat memutus" in self.said(cast, case)

    def test_where_they_are_divided_the_chair_sends_it_back(self, cast, case):
        vote(self.place, cast.chair.id, answer=Answer.BK)
        vote(self.place, cast.members[1].id, agrees=False, answer=Answer.BK)
        close_account(cast.members[2])
        assert "mengembalikan permohonan ini ke asesor" in self.said(cast, case)
        close_account(cast.chair)
        assert self.said(cast, case) is None, "nobody is left to press"
