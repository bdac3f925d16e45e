"""What was said of a case in a pleno that could settle it no more: an admin finds no other that says what he likes."""

from __future__ import annotations

import pytest

from lsp.database import db
from lsp.errors import NotAllowed
from lsp.services import accounts, pleno
from lsp.vocabulary import Answer, PermohonanStatus, Role
from lsp.workflow.permohonan import PERMOHONAN
from tests.services.plenos import REASON, annul, call, waiting
from tests.workflow.cases import actor_of, make_cast, make_permohonan, person, tell

S = PermohonanStatus


@pytest.fixture
def cast(app):
    made = make_cast()
    made.others = [person(Role.TIM_TEKNIS) for _ in range(3)]
    return made


def say(place, members, *words):
    for member, agrees in zip(members, words, strict=False):
        note = "" if agrees else REASON
        pleno.vote(actor_of(member), place, agrees=agrees, note=note, declared=True)
    db.session.commit()


def leave(cast, place, *, closes):
    """The admin closes the account of the chair, and so may put the case before another pleno."""
    accounts.disable(actor_of(cast.admin), closes)
    case = place.permohonan
    pleno.settle(actor_of(cast.admin), place, "change_pleno", version=case.version, note=REASON)
    db.session.commit()


def settle(place, step, by):
    case = place.permohonan
    pleno.settle(actor_of(by), place, step, version=case.version, note=REASON)
    db.session.commit()


@pytest.fixture
def case(cast):
    return waiting(cast)


@pytest.fixture
def moved(cast, case):
    """One of three disagreed; three others sit over it now, and all of them agree."""
    first = call(cast, case).cases[0]
    say(first, cast.members, True, True, False)
    leave(cast, first, closes=cast.chair)
    second = call(cast, case, members=[*cast.others, cast.members[2]], chair=cast.others[0])
    say(second.cases[0], cast.others, True, True, True)
    return second.cases[0]


def test_a_dissent_goes_with_the_case_and_the_new_chair_sends_it_back(cast, case, moved):
    with pytest.raises(NotAllowed, match="tidak setuju di sini atau di rapat sebelumnya"):
        settle(moved, "decide_competent", cast.others[0])
    settle(moved, "send_back", cast.others[0])
    assert case.status is S.IN_ASSESSMENT


def test_until_who_gave_it_votes_again(cast, case, moved):
    say(moved, [cast.members[2]], True)
    settle(moved, "decide_competent", cast.others[0])
    assert case.status is S.COMPETENT


def test_or_is_barred_from_the_case_by_now(cast, case, moved):
    case.verifier_id = cast.members[2].id
    db.session.commit()
    settle(moved, "decide_competent", cast.others[0])
    assert case.status is S.COMPETENT


def test_two_plenos_on_it_still_goes_with_it(cast, case, moved):
    pleno.take_off_agenda(actor_of(cast.admin), moved)
    fresh = call(cast, case, members=cast.others, chair=cast.others[1]).cases[0]
    say(fresh, cast.others, True, True, True)
    with pytest.raises(NotAllowed, match="di rapat sebelumnya"):
        settle(fresh, "decide_competent", cast.others[1])


def test_who_agreed_there_makes_no_quorum_here(cast, case):
    first = call(cast, case).cases[0]
    say(first, cast.members, True, True)
    leave(cast, first, closes=cast.chair)
    second = call(cast, case, members=cast.others, chair=cast.others[0]).cases[0]
    say(second, cast.others, True, True)
    with pytest.raises(NotAllowed, match="Baru 2 dari 3"):
        settle(second, "decide_competent", cast.others[0])
    say(second, cast.others[2:], True)
    settle(second, "decide_competent", cast.others[0])
    assert case.status is S.COMPETENT


def test_once_it_was_decided_it_counts_no_more(cast, case, moved):
    say(moved, [cast.members[2]], True)
    settle(moved, "decide_competent", cast.others[0])
    cast.chair = cast.others[0]
    annul(cast, case)
    fresh = call(cast, case, members=cast.others, chair=cast.others[1]).cases[0]
    say(fresh, cast.others, True, True, True)
    settle(fresh, "decide_competent", cast.others[1])
    assert case.status is S.COMPETENT


class TestAnew:
    """After a banding: who does not agree with the recommended BK finds the asesi competent."""

    @pytest.fixture
    def case(self, cast):
        made = make_permohonan(S.RECOMMENDED, cast=cast, work_done=False, recommendation=Answer.BK)
        tell(made, "grant_redecision", S.APPEALED, S.RECOMMENDED)
        return made

    @pytest.mark.parametrize(("here", "ends"), [(True, "send_back"), (False, "decide_competent")])
    def test_what_one_pleno_found_another_does_not_turn_round(self, cast, case, here, ends):
        first = call(cast, case).cases[0]
        say(first, cast.members, False, False)
        leave(cast, first, closes=cast.chair)
        second = call(cast, case, members=cast.others, chair=cast.others[0]).cases[0]
        say(second, cast.others, here, here, here)
        choices = PERMOHONAN.available(case, actor_of(cast.others[0]))
        possible = {choice.name for choice in choices if choice.possible}
        assert possible & {"send_back", "decide_competent", "decide_not_yet"} == {ends}
