"""Another time for a meeting: one step, one mail each, and the old seat only for the new one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError, NotAllowed, StaleCase
from lsp.models import Booking, OutboxMessage
from lsp.services import meetings, moving, offers
from lsp.vocabulary import Channel, MeetingKind, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests.services.test_meetings import book, slot_for
from tests.support.meetings import make_jadwal
from tests.workflow.cases import actor_of, make_cast, make_permohonan, person

S = PermohonanStatus
WHY = "Ada pekerjaan mendadak di lapangan."


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def case(cast):
    """A case with a seat in thirty hours; what was mailed for it lies behind."""
    case = make_permohonan(S.PAID, cast=cast)
    book(case, slot_for(case, cast))
    db.session.commit()
    return case


def move(case, slot, *, actor=None, reason=WHY):
    return moving.move(
        actor or actor_of(case.asesi), case, slot.public_id, version=case.version, reason=reason
    )


def mails(*kinds):
    rows = db.session.query(OutboxMessage).filter_by(channel=Channel.MAIL, done_at=None)
    return [row for row in rows.order_by(OutboxMessage.id) if row.kind in kinds]


def held(case) -> Booking:
    seat = dossier_of(case).booking
    assert seat is not None
    return seat


class TestMoving:
    def test_the_seat_is_another_and_knows_which_it_was(self, case, cast):
        old = dossier_of(case).booking
        new = move(case, slot_for(case, cast, hours=60))
        assert (case.status, new.moved_from_id, old.cancel_reason) == (S.PRE_SCHEDULED, old.id, WHY)
        assert old.cancelled_at is not None
        steps = [event.transition for event in case.events][-2:]
        assert steps == ["cancel_pre", "book_pre"]

    def test_each_gets_one_mail_that_says_both_hours(self, case, cast):
        old = dossier_of(case).booking
        new = move(case, slot_for(case, cast, hours=60))
        told = mails("meeting_moved", "meeting_moved_asesor")
        assert [row.payload["to"] for row in told] == [case.asesi.email, cast.asesor.email]
        assert not mails("meeting_cancelled")
        assert len(mails("meeting_invitation", "meeting_invitation_asesor")) == 2, (
            "of the first time"
        )
        for row, by in zip(told, ("Anda", case.asesi_name), strict=True):
            facts = row.payload["context"]
            assert facts["booking"] == new.public_id
            assert facts["old_starts_at"] == old.slot.starts_at.isoformat()
            assert facts["starts_at"] == new.slot.starts_at.isoformat()
            assert (facts["reason"], facts["by"]) == (WHY, by)

    def test_reminders_follow(self, case, cast):
        new = move(case, slot_for(case, cast, hours=60))
        waiting = mails("meeting_reminder")
        assert {row.payload["context"]["booking"] for row in waiting} == {new.public_id}
        assert len(waiting) == 4

    def test_a_full_meeting_leaves_everything_as_it_was(self, case, cast):
        old, full = dossier_of(case).booking.id, slot_for(case, cast, hours=60)
        book(make_permohonan(S.PAID, cast=cast), full)
        db.session.commit()
        with pytest.raises(meetings.SlotFull):
            move(case, full)
        db.session.rollback()
        assert (case.status, dossier_of(case).booking.id) == (S.PRE_SCHEDULED, old)
        assert case.asesi_moves == 0
        assert not mails("meeting_cancelled", "meeting_moved")

    def test_only_his_own_moves_count(self, case, cast):
        move(case, slot_for(case, cast, hours=60), actor=actor_of(cast.admin))
        assert case.asesi_moves == 0
        move(case, slot_for(case, cast, hours=70), actor=actor_of(cast.asesor))
        assert case.asesi_moves == 0
        move(case, slot_for(case, cast, hours=80))
        assert case.asesi_moves == 1

    def test_a_meeting_that_runs_already_is_offered_to_nobody_who_has_a_seat(self, case, cast):
        running = slot_for(case, cast, hours=-0.2)
        later = slot_for(case, cast, hours=60)
        db.session.flush()
        for for_admin in (False, True):
            found = [row.public_id for row in offers.offers_for(case, for_admin=for_admin)]
            assert found == [later.public_id]
        first = make_permohonan(S.PAID, cast=cast)
        assert running.public_id in [row.public_id for row in offers.offers_for(first)]

    def test_the_third_move_is_refused_with_the_way_out(self, case, cast):
        case.asesi_moves = 2
        db.session.flush()
        with pytest.raises(NotAllowed, match="semua kesempatan"):
            move(case, slot_for(case, cast, hours=60))

    def test_two_tabs(self, case, cast):
        seen = case.version
        move(case, slot_for(case, cast, hours=60))
        with pytest.raises(StaleCase):
            moving.move(
                actor_of(case.asesi),
                case,
                slot_for(case, cast, hours=70).public_id,
                version=seen,
                reason=WHY,
            )

    @pytest.mark.parametrize(
        ("slot", "sentence"),
        [
            (lambda case, cast: held(case).slot, "waktu rapat yang sekarang"),
            (lambda case, cast: slot_for(case, cast, hours=-5), "sudah lewat"),
            (lambda case, cast: slot_for(case, cast, cancelled_at=clock.now()), "sudah tidak ada"),
            (
                lambda case, cast: slot_for(case, cast, jadwal=make_jadwal(cast.asesor)),
                "tidak sesuai",
            ),
            (
                lambda case, cast: slot_for(case, cast, kind=MeetingKind.ASSESSMENT),
                "tidak sesuai",
            ),
        ],
        ids=["the same", "over", "cancelled", "another skema", "another kind"],
    )
    def test_a_meeting_that_cannot_be(self, case, cast, slot, sentence):
        wanted = slot(case, cast)
        if sentence == "tidak sesuai":
            wanted.starts_at += timedelta(hours=30)
            wanted.ends_at += timedelta(hours=30)
            db.session.commit()
        with pytest.raises(DomainError, match=sentence):
            move(case, wanted)

    def test_a_reason_too_short(self, case, cast):
        with pytest.raises(NotAllowed, match="sedikitnya 10 huruf"):
            move(case, slot_for(case, cast, hours=60), reason="sakit")

    def test_nothing_stands(self, cast):
        case = make_permohonan(S.PAID, cast=cast)
        with pytest.raises(DomainError, match="Tidak ada rapat"):
            move(case, slot_for(case, cast))


class TestAnotherAsesor:
    def test_the_old_one_hears_that_it_is_no_longer_his(self, case, cast):
        old = dossier_of(case).booking
        jadwal = make_jadwal(cast.second_asesor, skema=cast.skema)
        slot = slot_for(case, cast, asesor=cast.second_asesor, jadwal=jadwal, hours=60)
        new = move(case, slot, actor=actor_of(cast.admin))
        [gone] = mails("meeting_cancelled")
        assert gone.payload["to"] == cast.asesor.email
        assert gone.payload["context"]["booking"] == old.public_id
        assert gone.payload["context"]["handed_to"] == cast.second_asesor.name
        invited = [
            row
            for row in mails("meeting_invitation_asesor")
            if row.payload["to"] == cast.second_asesor.email
        ]
        assert [row.payload["context"]["booking"] for row in invited] == [new.public_id]

    def test_an_asesor_moves_into_his_own_hours_alone(self, case, cast):
        jadwal = make_jadwal(cast.second_asesor, skema=cast.skema)
        slot = slot_for(case, cast, asesor=cast.second_asesor, jadwal=jadwal, hours=60)
        with pytest.raises(NotAllowed, match="memindahkan rapatnya sendiri"):
            move(case, slot, actor=actor_of(cast.asesor))

    def test_an_asesor_does_not_book_for_an_asesi(self, cast):
        case = make_permohonan(S.PAID, cast=cast)
        with pytest.raises(NotAllowed, match="memindahkan rapatnya sendiri"):
            book(case, slot_for(case, cast), actor=actor_of(cast.asesor))

    def test_another_asesor_moves_nothing_of_his(self, case, cast):
        with pytest.raises(NotAllowed):
            move(case, slot_for(case, cast, hours=60), actor=actor_of(cast.second_asesor))


def test_moves_left_and_until_when(cast):
    case = make_permohonan(S.PAID, cast=cast, asesi=person(Role.ASESI))
    book(case, slot_for(case, cast))
    found = offers.moves_of(case)
    seat = db.session.query(Booking).filter_by(permohonan_id=case.id).one()
    assert (found.left, found.until) == (2, seat.slot.starts_at - timedelta(hours=24))
