"""A pleno is not held before its cases wait for it; its day can be changed until it is over."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import AuditEvent, Pleno
from lsp.services import pleno, pleno_day
from lsp.vocabulary import Answer, PermohonanStatus as S
from lsp.vocabulary.dates import day_words
from tests.services.plenos import REASON, all_vote, call, waiting
from tests.workflow.cases import actor_of, make_cast, tell

DAY = timedelta(days=1)


def call_for(cast, days, *cases):
    return pleno.open_pleno(
        actor_of(cast.admin),
        held_on=clock.today_wib() + days * DAY,
        member_ids=[each.id for each in cast.members],
        chair_id=cast.chair.id,
        cases=cases,
    )


def move(cast, made, day):
    """From a page that shows the day as it stands."""
    pleno_day.move(actor_of(cast.admin), made, day, seen=pleno_day.drawn_from(made))


def since(case, days):
    """The case waits since so many days."""
    case.status_at = clock.now() - days * DAY
    db.session.flush()


class TestCalling:
    def test_not_before_the_recommendation(self, app):
        cast = make_cast()
        old, fresh = waiting(cast), waiting(cast)
        since(old, 9)
        with pytest.raises(DomainError, match="sebelum permohonannya menunggu") as refusal:
            call_for(cast, -3, old, fresh)
        assert refusal.value.field == "held_on"
        assert fresh.asesi_name in str(refusal.value)
        assert old.asesi_name not in str(refusal.value)
        assert db.session.scalars(select(Pleno)).all() == [], "no number of a berita acara is taken"

    def test_on_the_day_itself_and_for_a_day_to_come(self, app):
        cast = make_cast()
        assert call_for(cast, 0, waiting(cast)).cases
        assert call_for(cast, 5, waiting(cast)).cases

    def test_a_case_put_on_the_agenda_of_a_pleno_called_before(self, app):
        cast = make_cast()
        old = waiting(cast)
        since(old, 9)
        made = call_for(cast, -3, old)
        with pytest.raises(DomainError, match="menunggu penetapan"):
            pleno.put_on_agenda(actor_of(cast.admin), made, waiting(cast))


class TestVoting:
    @pytest.mark.parametrize("agrees", [True, False])
    def test_not_before_the_day(self, app, agrees):
        cast = make_cast()
        place = call_for(cast, 2, waiting(cast)).cases[0]
        words = {"agrees": agrees, "note": "" if agrees else REASON, "declared": True}
        with pytest.raises(DomainError, match="mulai hari itu"):
            pleno.vote(actor_of(cast.chair), place, **words)
        place.pleno.held_on = clock.today_wib()
        assert pleno.vote(actor_of(cast.chair), place, **words).agrees is agrees

    def test_not_on_a_pleno_dated_before_the_recommendation(self, app):
        """Of one that was called before the day was checked."""
        cast = make_cast()
        place = call_for(cast, 0, waiting(cast)).cases[0]
        place.pleno.held_on -= DAY
        with pytest.raises(DomainError, match="Minta admin membetulkan"):
            pleno.vote(actor_of(cast.chair), place, agrees=True, note="", declared=True)


class TestMoving:
    def test_it_is_written_down_with_the_old_day(self, app):
        cast = make_cast()
        made = call_for(cast, 5, waiting(cast))
        was, now = made.held_on, made.held_on - 5 * DAY
        move(cast, made, now)
        assert made.held_on == now
        sealed = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "pleno.move")
        ).one()
        assert json.loads(sealed.details) == {"was": was.isoformat(), "now": now.isoformat()}

    def test_the_later_of_two_is_asked_first(self, app):
        """Each from the same page: the second reads the day that stands, and moves it knowingly."""
        cast = make_cast()
        made = call_for(cast, 5, waiting(cast))
        seen, first, second = pleno_day.drawn_from(made), made.held_on - DAY, made.held_on + DAY
        actor = actor_of(cast.admin)
        pleno_day.move(actor, made, first, seen=seen)
        with pytest.raises(pleno_day.MovedElsewhere, match=day_words(first)) as refusal:
            pleno_day.move(actor, made, second, seen=seen)
        assert refusal.value.field == "held_on"
        assert made.held_on == first
        pleno_day.move(actor, made, first, seen=seen)
        pleno_day.move(actor, made, second, seen=pleno_day.drawn_from(made))
        assert made.held_on == second

    def test_not_before_a_case_that_still_waits(self, app):
        cast = make_cast()
        made = call_for(cast, 0, waiting(cast))
        with pytest.raises(DomainError, match="menunggu penetapan"):
            move(cast, made, made.held_on - DAY)

    def test_a_case_taken_off_does_not_hold_it(self, app):
        cast = make_cast()
        old, fresh = waiting(cast), waiting(cast)
        since(old, 9)
        made = call_for(cast, 0, old, fresh)
        place = next(each for each in made.cases if each.permohonan_id == fresh.id)
        pleno.take_off_agenda(actor_of(cast.admin), place)
        move(cast, made, made.held_on - 3 * DAY)

    def test_not_after_the_first_vote(self, app):
        cast = make_cast()
        made = call(cast, waiting(cast), waiting(cast))
        all_vote(cast, made.cases[0])
        db.session.flush()
        with pytest.raises(DomainError, match="Suara pertama sudah masuk"):
            move(cast, made, made.held_on + DAY)

    def test_not_before_what_it_has_settled_already(self, app):
        cast = make_cast()
        old, fresh = waiting(cast), waiting(cast)
        since(old, 9)
        made = call_for(cast, 0, old, fresh)
        place = next(each for each in made.cases if each.permohonan_id == fresh.id)
        all_vote(cast, place)
        pleno.settle(actor_of(cast.chair), place, "decide_competent", version=fresh.version)
        with pytest.raises(DomainError, match="sudah memutus permohonan yang menunggu penetapan"):
            move(cast, made, made.held_on - DAY)

    def test_what_a_banding_brought_back_is_counted_from_then(self, app):
        """Recommended twelve days ago, sent to another pleno four days ago."""
        cast, now = make_cast(), clock.now()
        with clock.pretend(now - 12 * DAY):
            case, other = waiting(cast, recommendation=Answer.BK), waiting(cast)
        with clock.pretend(now - 4 * DAY):
            tell(case, "grant_redecision", S.APPEALED, S.RECOMMENDED)
        since(case, 4)
        made = call_for(cast, -3, case, other)
        place = next(each for each in made.cases if each.permohonan_id == case.id)
        all_vote(cast, place)
        pleno.settle(actor_of(cast.chair), place, "decide_not_yet", version=case.version)
        with clock.pretend(now + DAY):  # what comes after the decision is another pleno's
            tell(case, "grant_redecision", S.APPEALED, S.RECOMMENDED)
        with pytest.raises(DomainError, match="menunggu penetapan") as refusal:
            move(cast, made, clock.today_wib() - 5 * DAY)
        assert day_words(clock.today_wib() - 4 * DAY) in str(refusal.value)
        move(cast, made, clock.today_wib() - 4 * DAY)

    def test_not_once_it_is_over(self, app):
        cast = make_cast()
        made = call(cast, waiting(cast))
        pleno.take_off_agenda(actor_of(cast.admin), made.cases[0])
        with pytest.raises(DomainError, match="sudah selesai"):
            move(cast, made, made.held_on + DAY)
