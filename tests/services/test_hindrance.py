"""An asesor who cannot come: a way for everybody with a seat, all at once or not at all."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import AsesorProfile, AuditEvent, OutboxMessage, Setting, Slot
from lsp.services import hindrance, offers
from lsp.services.hindrance import RowRefused
from lsp.services.ways_out import BACK, SLOT, TAKE, Away
from lsp.vocabulary import Channel, InvoiceKind, MeetingKind, PermohonanStatus
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.payment import new_invoice
from tests.services.test_meetings import book, slot_for
from tests.support.meetings import make_day_off, make_jadwal
from tests.test_pages import count_queries
from tests.workflow.cases import actor_of, hold_seat, make_cast, make_permohonan

S = PermohonanStatus
WHY = "Asesor sakit sampai akhir pekan."


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def jadwal(cast):
    """A batch of both asesor."""
    return make_jadwal(cast.asesor, skema=cast.skema, asesor_2_id=cast.second_asesor.id)


@pytest.fixture
def slot(cast, jadwal):
    return slot_for(make_permohonan(S.PAID, cast=cast), cast, jadwal=jadwal, capacity=3)


@pytest.fixture
def cases(cast, slot):
    """Three who sit in it."""
    made = [make_permohonan(S.PAID, cast=cast) for _ in range(3)]
    for case in made:
        book(case, slot)
    db.session.commit()
    return made


def proposals(slot):
    return {
        each.seat.permohonan_id: each for each in hindrance.touched_by(hindrance.slot_named(slot))
    }


def settle(cast, slot, chosen, *, cases, versions=None):
    by_seat = {dossier_of(case).booking.public_id: case for case in cases}
    return hindrance.settle(
        actor_of(cast.admin),
        hindrance.slot_named(slot.public_id),
        {key: chosen[case.id] for key, case in by_seat.items()},
        versions or {key: case.version for key, case in by_seat.items()},
        reason=WHY,
    )


def mails(case, *kinds):
    rows = db.session.query(OutboxMessage).filter_by(channel=Channel.MAIL, permohonan_id=case.id)
    return [(row.kind, row.payload["to"]) for row in rows if row.kind in kinds and not row.done_at]


class TestProposals:
    def test_the_other_asesor_of_the_batch_at_the_same_hour(self, cast, slot, cases):
        for each in proposals(slot.public_id).values():
            assert each.proposal == f"{TAKE}{cast.second_asesor.public_id}"

    def test_a_substitute_is_judged_as_an_offered_meeting_is(self, cast, slot, cases, monkeypatch):
        """So whatever guard an offer learns of, it bars him too."""
        judged = []

        def bar(judge, meeting):
            judged.append((judge.permohonan.id, meeting.asesor_id, meeting.starts_at))
            return "Tidak."

        monkeypatch.setattr(offers.Judge, "bar", bar)
        found = proposals(slot.public_id)
        assert all(found[case.id].substitutes == [] for case in cases)
        wanted = {(case.id, cast.second_asesor.id, slot.starts_at) for case in cases}
        assert wanted <= set(judged)

    @pytest.mark.parametrize(
        "columns",
        [{"met_valid_until": clock.today_wib()}, {"scope": ["SI99"]}, {"jenjang": 1}],
        ids=["met", "scope", "jenjang"],
    )
    def test_a_substitute_the_guards_would_refuse_is_not_proposed(self, cast, slot, cases, columns):
        profile = db.session.get(AsesorProfile, cast.second_asesor.id)
        for name, value in columns.items():
            setattr(profile, name, value)
        db.session.commit()
        assert proposals(slot.public_id)[cases[0].id].substitutes == []
        ways = {case.id: BACK for case in cases}
        ways[cases[0].id] = f"{TAKE}{cast.second_asesor.public_id}"
        with pytest.raises(RowRefused):
            settle(cast, slot, ways, cases=cases)

    def test_where_he_is_busy_the_next_free_time(self, cast, jadwal, slot, cases):
        slot_for(cases[0], cast, asesor=cast.second_asesor, jadwal=jadwal, hours=30.5)
        later = slot_for(cases[0], cast, jadwal=jadwal, hours=90, capacity=3)
        found = proposals(slot.public_id)
        times = [offer.public_id for offer in found[cases[0].id].times]
        assert later.public_id in times
        assert found[cases[0].id].proposal == f"{SLOT}{times[0]}"

    def test_a_time_is_not_promised_to_more_than_it_seats(self, cast, jadwal, slot, cases):
        """As they are proposed, one press does them all; who finds nothing left chooses himself."""
        busy = slot_for(cases[0], cast, asesor=cast.second_asesor, jadwal=jadwal, hours=30.5)
        two = (busy, slot_for(cases[0], cast, jadwal=jadwal, hours=90))
        found = proposals(slot.public_id)
        ways = [f"{SLOT}{each.public_id}" for each in two] + [BACK]
        assert [found[case.id].proposal for case in cases] == ways
        settle(cast, slot, dict(zip((case.id for case in cases), ways, strict=True)), cases=cases)
        assert [case.status for case in cases] == [S.PRE_SCHEDULED, S.PRE_SCHEDULED, S.PAID]

    def test_nobody_and_nothing_leaves_him_the_choice(self, cast, slot, cases):
        cast.second_asesor.disabled_at = clock.now()
        db.session.commit()
        assert {each.proposal for each in proposals(slot.public_id).values()} == {BACK}

    def test_pressed_as_proposed_none_is_refused(self, cast, jadwal, slot, cases):
        """One free chair is proposed to one of them, and a full day to nobody."""
        day = slot.starts_at.astimezone(clock.WIB).date()
        make_day_off(cast.second_asesor, starts_on=day)
        near, far = (slot_for(cases[0], cast, jadwal=jadwal, hours=hours) for hours in (60, 90))
        found = proposals(slot.public_id)
        ways = [found[case.id].proposal for case in cases]
        assert ways == [f"{SLOT}{near.public_id}", f"{SLOT}{far.public_id}", BACK]
        chosen = {case.id: way for case, way in zip(cases, ways, strict=True)}
        assert settle(cast, slot, chosen, cases=cases) == 3

    def test_a_substitute_gets_no_more_asesi_a_day_than_the_lsp_allows(self, cast, jadwal):
        db.session.query(Setting).filter_by(key="asesor_daily_load").one().value = 3
        start = clock.now().replace(hour=2, minute=0, second=0, microsecond=0)
        slots = []
        for hour in (0, 2):
            case = make_permohonan(S.PAID, cast=cast)
            slot = slot_for(case, cast, jadwal=jadwal, capacity=2)
            slot.starts_at = start + timedelta(days=2, hours=hour)
            slot.ends_at = slot.starts_at + timedelta(hours=1)
            book(case, slot)
            slots.append(slot)
        db.session.commit()
        ways = [each.proposal for each in hindrance.touched_by(slots)]
        assert ways == [f"{TAKE}{cast.second_asesor.public_id}", BACK]

    def test_a_colleagues_open_meeting_at_that_hour_before_his_own_later(
        self, cast, jadwal, slot, cases
    ):
        slot_for(cases[0], cast, jadwal=jadwal, hours=60, capacity=3)
        same = slot_for(cases[0], cast, asesor=cast.second_asesor, jadwal=jadwal, capacity=3)
        same.starts_at, same.ends_at = slot.starts_at, slot.ends_at
        db.session.commit()
        assert {each.proposal for each in proposals(slot.public_id).values()} == {
            f"{SLOT}{same.public_id}"
        }

    def test_the_asesor_himself_is_not_proposed_while_he_is_away(self, cast, jadwal, slot, cases):
        cast.second_asesor.disabled_at = clock.now()
        away, back = (
            slot_for(cases[0], cast, jadwal=jadwal, hours=hours, capacity=3) for hours in (60, 200)
        )
        day = slot.starts_at.astimezone(clock.WIB).date()
        span = Away(cast.asesor.id, day, day + timedelta(days=3))
        for each in hindrance.touched_by([slot], span):
            assert [offer.public_id for offer in each.times] == [back.public_id]
        called_off = hindrance.touched_by([slot])[0].times
        assert away.public_id in [offer.public_id for offer in called_off]

    def test_nothing_while_a_difference_is_owed(self, cast, slot, cases):
        new_invoice(cases[1], InvoiceKind.SELISIH, 200_000)
        db.session.commit()
        found = proposals(slot.public_id)
        assert [found[case.id].proposal == BACK for case in cases] == [False, True, False]

    def test_however_many_seats_the_queries_are_the_same(self, cast, slot, cases):
        def asked() -> int:
            db.session.commit()
            return count_queries(lambda: hindrance.touched_by(hindrance.slot_named(slot.public_id)))

        few = asked()
        slot.capacity = 9
        for _ in range(6):
            book(make_permohonan(S.PAID, cast=cast), slot)
        assert asked() == few <= 30

    def test_one_of_another_batch_who_is_eligible(self, cast):
        case = make_permohonan(S.PAID, cast=cast)
        alone = make_jadwal(cast.asesor, skema=cast.skema)
        seat = book(case, slot_for(case, cast, jadwal=alone))
        other = make_jadwal(cast.second_asesor, skema=cast.skema)
        [found] = hindrance.touched_by(hindrance.slot_named(seat.slot.public_id))
        assert [each.jadwal.id for each in found.substitutes] == [other.id]

    def test_his_meetings_of_those_days_and_no_others(self, cast, jadwal):
        case = make_permohonan(S.PAID, cast=cast)
        near, far = (slot_for(case, cast, jadwal=jadwal, hours=hours) for hours in (30, 200))
        slot_for(case, cast, asesor=cast.second_asesor, jadwal=jadwal, hours=31)
        day = near.starts_at.astimezone(clock.WIB).date()
        found = hindrance.slots_of(cast.asesor.id, day, day)
        assert near in found
        assert far not in found
        assert {slot.asesor_id for slot in found} == {cast.asesor.id}


class TestSettling:
    def test_each_goes_his_own_way_in_one_press(self, cast, jadwal, slot, cases):
        later = slot_for(cases[0], cast, jadwal=jadwal, hours=90)
        chosen = {
            cases[0].id: f"{TAKE}{cast.second_asesor.public_id}",
            cases[1].id: f"{SLOT}{later.public_id}",
            cases[2].id: BACK,
        }
        assert settle(cast, slot, chosen, cases=cases) == 3
        [noted] = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "slot.hindered"))
        assert (noted.object_id, json.loads(noted.details)) == (slot.public_id, {"count": 1})
        taken, moved = (dossier_of(case).booking for case in cases[:2])
        assert taken.slot.asesor_id == cast.second_asesor.id
        assert (taken.slot.starts_at, taken.slot.kind) == (slot.starts_at, slot.kind)
        assert taken.slot.capacity == slot.capacity
        assert taken.slot.meeting_url not in ("", slot.meeting_url)
        assert moved.slot_id == later.id
        assert [case.status for case in cases] == [S.PRE_SCHEDULED, S.PRE_SCHEDULED, S.PAID]
        assert [case.asesi_moves for case in cases] == [0, 0, 0]
        assert slot.cancelled_at is not None

    def test_each_asesi_gets_one_mail(self, cast, jadwal, slot, cases):
        chosen = dict.fromkeys((case.id for case in cases), BACK)
        chosen[cases[0].id] = f"{TAKE}{cast.second_asesor.public_id}"
        settle(cast, slot, chosen, cases=cases)
        kinds = ("meeting_moved", "meeting_moved_asesor", "meeting_cancelled")
        assert mails(cases[0], *kinds) == [
            ("meeting_moved", cases[0].asesi.email),
            ("meeting_cancelled", cast.asesor.email),
        ]
        told = [kind for kind, to in mails(cases[1], *kinds) if to == cases[1].asesi.email]
        assert told == ["meeting_cancelled"]

    def test_those_who_stay_together_share_one_meeting(self, cast, slot, cases):
        way = f"{TAKE}{cast.second_asesor.public_id}"
        settle(cast, slot, dict.fromkeys((case.id for case in cases), way), cases=cases)
        held = {dossier_of(case).booking.slot_id for case in cases}
        assert len(held) == 1

    def test_what_became_impossible_is_named_and_nothing_is_half_done(self, cast, slot, cases):
        way = f"{TAKE}{cast.second_asesor.public_id}"
        chosen = {cases[0].id: way, cases[1].id: f"{SLOT}GONE", cases[2].id: BACK}
        before = [dossier_of(case).booking.id for case in cases]
        second = dossier_of(cases[1]).booking.public_id
        with pytest.raises(RowRefused, match="sudah tidak ada") as refused:
            settle(cast, slot, chosen, cases=cases)
        assert refused.value.booking == second
        db.session.rollback()
        assert [dossier_of(case).booking.id for case in cases] == before
        assert db.session.query(Slot).filter_by(asesor_id=cast.second_asesor.id).count() == 0
        assert slot.cancelled_at is None
        assert not mails(cases[0], "meeting_moved", "meeting_cancelled")

    def test_a_seat_taken_meanwhile_is_asked_about(self, cast, slot, cases):
        with pytest.raises(RowRefused, match="baru dipesan"):
            settle(cast, slot, {case.id: BACK for case in cases[:2]}, cases=cases[:2])

    def test_an_old_version_names_its_row(self, cast, slot, cases):
        versions = {dossier_of(case).booking.public_id: case.version for case in cases}
        last = dossier_of(cases[2]).booking.public_id
        versions[last] -= 1
        chosen = dict.fromkeys((case.id for case in cases), BACK)
        with pytest.raises(RowRefused) as refused:
            settle(cast, slot, chosen, cases=cases, versions=versions)
        assert refused.value.booking == last

    def test_pressed_twice(self, cast, slot, cases):
        chosen = {dossier_of(case).booking.public_id: BACK for case in cases}
        versions = {dossier_of(case).booking.public_id: case.version for case in cases}
        slots = hindrance.slot_named(slot.public_id)
        admin = actor_of(cast.admin)
        hindrance.settle(admin, slots, chosen, versions, reason=WHY)
        with pytest.raises(DomainError, match="sudah ditutup"):
            hindrance.settle(admin, slots, chosen, versions, reason=WHY)

    def test_an_assessment_with_another_asesor_carries_the_reason(self, cast):
        """Guard same_asesor_as_before: the admin's reason is the note."""
        case = make_permohonan(S.READY, cast=cast)
        jadwal = cast.jadwal[case.mode]
        jadwal.asesor_2_id = cast.second_asesor.id
        db.session.commit()
        seat = book(case, slot_for(case, cast, jadwal=jadwal, kind=MeetingKind.ASSESSMENT))
        db.session.commit()
        way = {case.id: f"{TAKE}{cast.second_asesor.public_id}"}
        settle(cast, seat.slot, way, cases=[case])
        assert dossier_of(case).booking.slot.asesor_id == cast.second_asesor.id
        assert case.events[-1].note == WHY


class TestTheAsesorHimself:
    def test_everybody_chooses_again(self, cast, slot, cases):
        assert hindrance.let_go(actor_of(cast.asesor), slot, reason=WHY) == 3
        assert [case.status for case in cases] == [S.PAID] * 3
        assert [case.asesi_moves for case in cases] == [0, 0, 0]
        assert slot.cancelled_at is not None

    def test_not_once_it_has_begun(self, cast, slot, cases):
        slot.starts_at = clock.now() - timedelta(minutes=5)
        db.session.commit()
        with pytest.raises(DomainError, match="sudah mulai"):
            hindrance.let_go(actor_of(cast.asesor), slot, reason=WHY)

    def test_not_once_somebody_is_assessed_in_it(self, cast):
        """Begun before its hour: the sentence names what he can do."""
        case = make_permohonan(S.IN_ASSESSMENT, cast=cast)
        seat = dossier_of(case).booking or hold_seat(case, MeetingKind.ASSESSMENT, cast)
        seat.slot.starts_at = clock.now() + timedelta(minutes=20)
        seat.slot.ends_at = clock.now() + timedelta(hours=2)
        db.session.commit()
        with pytest.raises(DomainError, match="sudah dimulai lebih awal"):
            hindrance.let_go(actor_of(cast.asesor), seat.slot, reason=WHY)
