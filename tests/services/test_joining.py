"""Going into a meeting: when the link shows, to whom, and what is written."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import AuditEvent, MeetingJoin
from lsp.services import joining, meetings
from lsp.vocabulary import MeetingKind, Mode, PermohonanStatus, Role
from tests import factories
from tests.support.recordings import watch
from tests.workflow.cases import actor_of, hold_seat, make_cast, make_permohonan

S = PermohonanStatus


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def seat(cast):
    """A pre-assessment in an hour, two hours long."""
    case = make_permohonan(S.PAID, cast=cast)
    made = hold_seat(
        case, MeetingKind.PRE_ASSESSMENT, cast, starts_at=clock.now() + timedelta(hours=1)
    )
    case.status = S.PRE_SCHEDULED
    db.session.flush()
    return made


def refusal_at(seat, minutes):
    with time_machine.travel(seat.slot.starts_at + timedelta(minutes=minutes), tick=False):
        return joining.window().refusal(seat)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(-31, "30 menit sebelum"), (-30, None), (0, None), (120, None), (121, "sudah selesai")],
)
def test_the_door_is_open_from_half_an_hour_before_until_the_end(seat, minutes, words):
    said = refusal_at(seat, minutes)
    assert said is None if words is None else words in said


def test_who_fell_out_of_a_meeting_that_runs_over_comes_back_in(seat, cast):
    actor = actor_of(cast.asesor)
    with time_machine.travel(seat.slot.starts_at, tick=False):
        for item in ("asesor", "asesi"):
            meetings.tick(actor, seat.permohonan, item)
    assert refusal_at(seat, 121) is None
    assert "sudah selesai" in refusal_at(seat, 241)
    with time_machine.travel(seat.slot.starts_at + timedelta(minutes=90), tick=False):
        meetings.end_meeting(actor, seat.permohonan)
    assert "sudah selesai" in refusal_at(seat, 100)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda seat: setattr(seat.slot.jadwal, "mode", Mode.LURING), "tatap muka"),
        (lambda seat: setattr(seat.slot, "meeting_url", ""), "belum diisi"),
        (lambda seat: setattr(seat, "cancelled_at", clock.now()), "dibatalkan"),
        (lambda seat: setattr(seat, "closed_at", clock.now()), "sudah selesai"),
    ],
)
def test_no_door_where_there_is_no_meeting_to_go_into(seat, spoil, words):
    spoil(seat)
    assert words in refusal_at(seat, 0)


class TestEntering:
    def test_each_is_written_down_as_what_he_is(self, seat, cast):
        penyelia = factories.make_user(Role.PENYELIA)
        watch(penyelia, seat)
        people = {"asesi": seat.permohonan.asesi, "asesor": cast.asesor, "penyelia": penyelia}
        with time_machine.travel(seat.slot.starts_at, tick=False):
            rooms = {
                joining.enter(actor_of(person), seat, door=party)
                for party, person in people.items()
            }
        assert rooms == {seat.slot.meeting_url}
        joins = joining.joins_of([seat])[seat.id]
        assert [(join.user_id, join.party) for join in joins] == [
            (person.id, party) for party, person in people.items()
        ]
        assert {join.at for join in joins} == {seat.slot.starts_at}
        assert db.session.query(AuditEvent).filter_by(action="meeting.join").count() == 3

    def test_presses_that_follow_closely_are_one_and_coming_back_is_another(self, seat):
        actor = actor_of(seat.permohonan.asesi)
        for seconds in (0, 20, 59, 300):
            moment = seat.slot.starts_at + timedelta(seconds=seconds)
            with time_machine.travel(moment, tick=False):
                joining.enter(actor, seat, door="asesi")
        assert len(joining.joins_of([seat])[seat.id]) == 2

    def test_before_the_door_opens_nothing_is_written(self, seat):
        with pytest.raises(DomainError, match="30 menit"):
            joining.enter(actor_of(seat.permohonan.asesi), seat, door="asesi")
        assert joining.joins_of([seat]) == {}

    @pytest.mark.parametrize(
        "roles",
        [
            (Role.ASESI,), (Role.ASESOR,), (Role.ADMIN,), (Role.TIM_TEKNIS,), (Role.PENYELIA,),
            (Role.ASESOR, Role.PENYELIA),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("door", ["asesi", "asesor", "penyelia"])
    def test_nobody_else_is_let_in(self, seat, roles, door):
        stranger = factories.make_user(*roles)
        with (
            time_machine.travel(seat.slot.starts_at, tick=False),
            pytest.raises(DomainError, match="tidak diundang"),
        ):
            joining.enter(actor_of(stranger), seat, door=door)

    def test_a_naming_lets_into_that_meeting_by_the_penyelias_own_page(self, seat, cast):
        both = factories.make_user(Role.ASESOR, Role.PENYELIA)
        elsewhere = hold_seat(
            make_permohonan(S.PAID, cast=cast), MeetingKind.PRE_ASSESSMENT, cast,
            starts_at=seat.slot.starts_at + timedelta(hours=3),
        )  # fmt: skip
        named = watch(both, elsewhere, only=True)
        assert joining.party_of(actor_of(both), seat) is None
        actor = actor_of(both)
        assert joining.party_of(actor, elsewhere) == "penyelia"
        with (
            time_machine.travel(seat.slot.starts_at, tick=False),
            pytest.raises(DomainError, match="tidak diundang"),
        ):
            joining.enter(actor, elsewhere, door="asesor")
        named.ended_at = clock.now()
        assert joining.party_of(actor, elsewhere) is None

    def test_asesor_2_of_the_batch_is_invited(self, seat):
        second = factories.make_user(Role.ASESOR)
        seat.slot.jadwal.asesor_2_id = second.id
        assert joining.party_of(actor_of(second), seat) == "asesor"


@pytest.mark.both
def test_what_was_written_stays(seat):
    db.session.add(MeetingJoin(booking_id=seat.id, user_id=seat.permohonan.asesi_id, party="asesi"))
    db.session.commit()
    with pytest.raises(IntegrityError):
        db.session.execute(text("UPDATE meeting_join SET party = 'asesor'"))
