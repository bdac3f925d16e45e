"""Guards of seats where one sentence does not tell all: face to face, moves, no seat, load in WIB."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lsp import clock
from lsp.database import db
from lsp.models import Jadwal
from lsp.vocabulary import MeetingKind, Mode, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards import meeting as guards
from tests.workflow.asking import answer, on
from tests.workflow.cases import actor_of, hold_seat, make_cast, make_permohonan
from tests.workflow.test_guards_meeting import (
    another_of_the_asesor_today,
    permission_over,
    setting,
    slot,
)

S = PermohonanStatus
PRE = S.PRE_SCHEDULED


class TestFaceToFace:
    """Luring asks for no permission, link or recording."""

    def test_needs_no_permission_and_no_link(self, app):
        cast = make_cast()
        case = make_permohonan(PRE, cast=cast, mode=Mode.LURING)
        permission_over(case, cast)
        db.session.flush()
        admin = cast.of(Role.ADMIN, case)
        assert dossier_of(case).booking.slot.meeting_url == ""
        for guard in (
            guards.remote_permission_in_force,
            guards.meeting_link_set,
            guards.remote_record_kept,
        ):
            assert answer(guard, case, admin) is None


class TestMoves:
    def test_admin_and_asesor_move_at_any_time(self, app):
        cast = make_cast()
        case = make_permohonan(PRE, cast=cast, asesi_moves=9)
        for role in (Role.ADMIN, Role.ASESOR):
            assert answer(guards.may_still_move, case, cast.of(role, case)) is None

    def test_admin_names_another_asesor_with_a_reason(self, app):
        cast = make_cast()
        case = make_permohonan(S.SCHEDULED, cast=cast)
        dossier_of(case).booking.slot.asesor_id = cast.second_asesor.id
        db.session.flush()
        admin = cast.of(Role.ADMIN, case)
        assert answer(guards.same_asesor_as_before, case, admin, "sakit") is not None
        assert answer(guards.same_asesor_as_before, case, admin, "Asesor pertama sakit.") is None

    def test_admin_moves_the_peserta_to_another_batch_with_a_reason(self, app):
        cast = make_cast()
        case = make_permohonan(S.SCHEDULED, cast=cast)
        admin = cast.of(Role.ADMIN, case)
        assert answer(guards.same_jadwal_as_before, case, admin) is None
        old = next(row for row in dossier_of(case).bookings if row.closed_at).slot
        own = {column.key: getattr(old.jadwal, column.key) for column in Jadwal.__table__.columns}
        other = Jadwal(
            **{key: own[key] for key in own if key not in ("id", "public_id", "version")}
        )
        db.session.add(other)
        db.session.flush()
        old.jadwal_id = other.id
        db.session.flush()
        db.session.expire_all()
        assert "jadwal yang sama" in answer(guards.same_jadwal_as_before, case, admin)
        assert answer(guards.same_jadwal_as_before, case, admin, "Pindah gelombang.") is None


class TestWithoutSeat:
    @pytest.mark.parametrize(
        "guard",
        [guards.absent_party_recorded, guards.both_attended, guards.conflict_declared, guards.appeal_right_explained,
         guards.remote_record_kept, guards.apl_02_reviewed(can_continue=True), guards.fr_ak_01_signed],
        ids=lambda guard: guard.__name__,
    )  # fmt: skip
    def test_record_of_a_meeting_that_nobody_holds_is_missing(self, app, guard):
        case = make_permohonan(S.PAID)
        assert answer(guard, case, actor_of(case.asesi)) is not None


def test_load_counts_the_day_in_wib(app):
    """23:30 and 00:30 in Jakarta are two days, though one day in UTC."""
    cast = make_cast()
    case = make_permohonan(PRE, cast=cast)
    setting("asesor_daily_load", 1)(case, cast)
    midnight = (clock.now().astimezone(clock.WIB) + timedelta(days=1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    late, early = midnight - timedelta(minutes=30), midnight + timedelta(minutes=30)
    on(slot, starts_at=early, ends_at=early + timedelta(minutes=20))(case, cast)
    db.session.flush()
    hold_seat(make_permohonan(S.PAID, cast=cast), MeetingKind.PRE_ASSESSMENT, cast, starts_at=late)
    admin = cast.of(Role.ADMIN, case)
    assert answer(guards.asesor_has_time_that_day, case, admin) is None
    later = early + timedelta(hours=20)
    hold_seat(make_permohonan(S.PAID, cast=cast), MeetingKind.PRE_ASSESSMENT, cast, starts_at=later)
    assert "1 asesi pada hari itu" in answer(guards.asesor_has_time_that_day, case, admin)


def test_seat_given_back_is_no_clash_and_no_load(app):
    cast = make_cast()
    case = make_permohonan(PRE, cast=cast)
    setting("asesor_daily_load", 1)(case, cast)
    another_of_the_asesor_today(case, cast)
    for seat in db.session.query(type(dossier_of(case).booking)).all():
        if seat.permohonan_id != case.id:
            seat.cancelled_at = clock.now()
    db.session.flush()
    admin = cast.of(Role.ADMIN, case)
    assert answer(guards.no_clash, case, admin) is None
    assert answer(guards.asesor_has_time_that_day, case, admin) is None
