"""The last seat goes to exactly one of 64 who press at once, and nobody is in two places; on both databases."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from lsp import clock
from lsp.database import begin_write, db
from lsp.errors import DomainError, StaleCase
from lsp.models import Booking, Jadwal, Permohonan, Peserta, Slot, User
from lsp.services import hindrance, meetings, moving, schedule
from lsp.vocabulary import MeetingKind, PermohonanStatus, Role
from tests.support.meetings import make_jadwal, make_profile, make_slot
from tests.workflow.cases import actor_of, make_cast, make_permohonan, person

pytestmark = [pytest.mark.both, pytest.mark.timeout(300)]
MANY = 64
PAID = PermohonanStatus.PAID


def at_once(app: Flask, works: list[Callable[[], Any]]) -> list[str]:
    """Run each work in a thread of its own, all released together: "ok", or the name of what was raised."""
    gate, answers = threading.Barrier(len(works)), ["never ran"] * len(works)

    def run(number: int) -> None:
        with app.app_context():
            gate.wait(timeout=60)
            try:
                works[number]()
                answers[number] = "ok"
            except DomainError as refusal:
                answers[number] = (
                    "StaleCase" if isinstance(refusal, StaleCase) else type(refusal).__name__
                )
            except Exception as error:  # told to the test below
                answers[number] = repr(error)
            finally:
                db.session.remove()

    db.session.commit()
    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return answers


def book(case_id: int, slot_id: str) -> Callable[[], None]:
    """What the view does: begin, read, book, commit."""

    def work() -> None:
        begin_write()
        case = db.session.get_one(Permohonan, case_id)
        actor = actor_of(db.session.get_one(User, case.asesi_id))
        meetings.book(actor, case, slot_id, version=case.version)
        db.session.commit()

    return work


def test_the_last_seat_goes_to_exactly_one_of_64(app):
    cast = make_cast()
    slot = make_slot(cast.asesor, jadwal=make_jadwal(cast.asesor, skema=cast.skema))
    slot_id, public_id = slot.id, slot.public_id
    cases = [make_permohonan(PAID, cast=cast).id for _ in range(MANY)]

    answers = at_once(app, [book(case_id, public_id) for case_id in cases])

    assert Counter(answers) == {"ok": 1, "SlotFull": MANY - 1}
    assert db.session.scalar(select(func.count(Booking.id)).where(Booking.slot_id == slot_id)) == 1
    assert db.session.scalar(select(func.count(Peserta.id))) == 1, "the others left nothing behind"
    statuses = Counter(
        db.session.scalars(select(Permohonan.status).where(Permohonan.id.in_(cases)))
    )
    assert statuses == {PermohonanStatus.PRE_SCHEDULED: 1, PAID: MANY - 1}


def test_as_many_as_there_are_seats(app):
    cast = make_cast()
    slot = make_slot(cast.asesor, jadwal=make_jadwal(cast.asesor, skema=cast.skema), capacity=3)
    public_id = slot.public_id
    cases = [make_permohonan(PAID, cast=cast).id for _ in range(12)]
    answers = at_once(app, [book(case_id, public_id) for case_id in cases])
    assert Counter(answers) == {"ok": 3, "SlotFull": 9}
    assert sorted(db.session.scalars(select(Booking.seat))) == [1, 2, 3]


def move(case_id: int, slot_id: str, version: int | None = None) -> Callable[[], None]:
    """As `book`, from a seat that stands already."""

    def work() -> None:
        begin_write()
        case = db.session.get_one(Permohonan, case_id)
        actor = actor_of(db.session.get_one(User, case.asesi_id))
        moving.move(
            actor, case, slot_id, version=version or case.version, reason="Ada pekerjaan mendadak."
        )
        db.session.commit()

    return work


def seated(cast, jadwal, number: int, **columns: Any) -> Permohonan:
    """A case with a seat of its own, days apart from the others."""
    case = make_permohonan(PAID, cast=cast)
    begins = clock.now() + timedelta(days=3, hours=3 * number)
    slot = make_slot(jadwal.asesor_1, jadwal=jadwal, starts_at=begins, **columns)
    meetings.book(actor_of(case.asesi), case, slot.public_id, version=case.version)
    db.session.commit()
    return case


def slots_held(cases: list[int]) -> dict[int, int]:
    """Case -> the slot of its one standing seat."""
    rows = db.session.execute(
        select(Booking.permohonan_id, Booking.slot_id).where(
            Booking.permohonan_id.in_(cases), Booking.cancelled_at.is_(None)
        )
    ).all()
    assert len(rows) == len(cases), "everybody has exactly one seat"
    return {row.permohonan_id: row.slot_id for row in rows}


def test_64_move_to_the_last_seat_at_once(app):
    cast = make_cast()
    jadwal = make_jadwal(cast.asesor, skema=cast.skema)
    cases = [seated(cast, jadwal, number).id for number in range(MANY)]
    before = slots_held(cases)
    last = make_slot(cast.asesor, jadwal=jadwal, starts_at=clock.now() + timedelta(days=2))
    slot_id, public_id = last.id, last.public_id

    answers = at_once(app, [move(case_id, public_id) for case_id in cases])

    assert Counter(answers) == {"ok": 1, "SlotFull": MANY - 1}
    after = slots_held(cases)
    assert list(after.values()).count(slot_id) == 1
    assert sum(after[case] != before[case] for case in cases) == 1, "the others kept their seats"
    assert db.session.scalar(select(func.sum(Permohonan.asesi_moves))) == 1


def test_two_cannot_swap_by_moving_into_each_others_seats(app):
    cast = make_cast()
    jadwal = make_jadwal(cast.asesor, skema=cast.skema)
    first, second = (seated(cast, jadwal, number) for number in range(2))
    ids = [first.id, second.id]
    slots = {case.id: case_slot(case.id) for case in (first, second)}
    before = slots_held(ids)
    works = [move(ids[0], slots[ids[1]]), move(ids[1], slots[ids[0]])]
    assert Counter(at_once(app, works)) == {"SlotFull": 2}
    assert slots_held(ids) == before


def case_slot(case_id: int) -> str:
    return db.session.scalars(
        select(Slot.public_id)
        .join(Booking, Booking.slot_id == Slot.id)
        .where(Booking.permohonan_id == case_id, Booking.cancelled_at.is_(None))
    ).one()


def test_two_tabs_that_move_with_one_version(app):
    cast = make_cast()
    jadwal = make_jadwal(cast.asesor, skema=cast.skema)
    case = seated(cast, jadwal, 0)
    case_id, version = case.id, case.version
    wanted = [
        make_slot(
            cast.asesor, jadwal=jadwal, starts_at=clock.now() + timedelta(days=2, hours=2 * number)
        ).public_id
        for number in range(4)
    ]
    answers = at_once(app, [move(case_id, slot_id, version) for slot_id in wanted])
    assert Counter(answers) == {"ok": 1, "StaleCase": 3}
    assert db.session.get_one(Permohonan, case_id).asesi_moves == 1
    slots_held([case_id])


def test_an_asesi_who_moves_two_cases_to_one_hour_is_in_one_place(app):
    cast = make_cast()
    asesi = person(Role.ASESI)
    works = []
    begins = clock.now() + timedelta(days=6)
    for number, asesor in enumerate((cast.asesor, cast.second_asesor)):
        jadwal = make_jadwal(asesor, skema=cast.skema)
        case = make_permohonan(PAID, cast=cast, asesi=asesi)
        now = make_slot(asesor, jadwal=jadwal, starts_at=begins + timedelta(hours=3 + 3 * number))
        meetings.book(actor_of(asesi), case, now.public_id, version=case.version)
        target = make_slot(asesor, jadwal=jadwal, starts_at=begins + timedelta(minutes=number))
        works.append(move(case.id, target.public_id))
    assert Counter(at_once(app, works)) == {"ok": 1, "NotAllowed": 1}


def test_a_mass_action_pressed_by_many_at_once_is_done_once(app):
    """Each asesi is moved and told once, and a booking that comes between is never left behind in a closed slot."""
    cast = make_cast()
    jadwal = make_jadwal(cast.asesor, skema=cast.skema, asesor_2_id=cast.second_asesor.id)
    begins = clock.now() + timedelta(days=3)
    slot = make_slot(cast.asesor, jadwal=jadwal, starts_at=begins, capacity=4)
    public_id, admin_id = slot.public_id, cast.admin.id
    seats = []
    for _ in range(3):
        case = make_permohonan(PAID, cast=cast)
        seats.append(
            meetings.book(actor_of(case.asesi), case, public_id, version=case.version).public_id
        )
    late = make_permohonan(PAID, cast=cast).id
    versions = dict.fromkeys(seats, case.version)
    way = f"{hindrance.TAKE}{cast.second_asesor.public_id}"

    def press() -> None:
        begin_write()
        actor = actor_of(db.session.get_one(User, admin_id))
        slots = hindrance.slot_named(public_id)
        if not slots:
            raise DomainError("Slot ini sudah ditutup.")
        hindrance.settle(actor, slots, dict.fromkeys(seats, way), versions, reason="Asesor sakit.")
        db.session.commit()

    answers = at_once(app, [press, press, press, book(late, public_id)])

    assert not [each for each in answers if each.startswith(("Operational", "Integrity"))], answers
    held = db.session.execute(
        select(Slot.cancelled_at, Slot.asesor_id)
        .join(Booking, Booking.slot_id == Slot.id)
        .where(Booking.cancelled_at.is_(None))
    ).all()
    if "ok" in answers[:3]:
        assert answers[:3].count("ok") == 1
        assert len(held) == 3
        assert answers[3] != "ok"
    else:  # the booking came first: the page had not shown it, so nothing was done
        assert answers[3] == "ok"
        assert len(held) == 4
    assert all(row.cancelled_at is None for row in held), "nobody sits in a closed meeting"


@pytest.mark.parametrize("guarded", [True, False])
def test_the_index_is_what_guards_the_seat(app, guarded):
    """The canary: everybody has read that the seat is free before anybody takes it."""
    cast = make_cast()
    slot = make_slot(cast.asesor, jadwal=make_jadwal(cast.asesor, skema=cast.skema))
    cases = [make_permohonan(PAID, cast=cast) for _ in range(6)]
    rows = []
    for case in cases:
        peserta = Peserta(
            jadwal_id=slot.jadwal_id, permohonan_id=case.id, attempt=1, nik_index=f"index-{case.id}"
        )
        db.session.add(peserta)
        db.session.flush()
        rows.append((case.id, peserta.id, case.asesi_id))
    if not guarded:
        db.session.execute(text("DROP INDEX uq_booking_seat"))
    slot_id = slot.id
    db.session.commit()
    seen = threading.Barrier(len(rows))

    def take(case_id: int, peserta_id: int, asesi_id: int) -> Callable[[], None]:
        def work() -> None:
            seat = meetings._free_seat(db.session.get_one(Slot, slot_id))
            db.session.rollback()
            seen.wait(timeout=60)
            begin_write()
            db.session.add(
                Booking(
                    slot_id=slot_id, seat=seat, permohonan_id=case_id, peserta_id=peserta_id, attempt=1,
                    booked_by_id=asesi_id,
                )
            )  # fmt: skip
            try:
                db.session.commit()
            except IntegrityError as error:
                raise DomainError from error

        return work

    answers = Counter(at_once(app, [take(*row) for row in rows]))
    assert answers == ({"ok": 1, "DomainError": 5} if guarded else {"ok": 6})


def test_an_asesi_never_sits_in_two_meetings(app):
    cast = make_cast()
    jadwal = make_jadwal(cast.asesor, skema=cast.skema, asesor_2_id=cast.second_asesor.id)
    for number in range(4):
        begins = clock.now() + timedelta(hours=2 + 3 * number)
        asesi = person(Role.ASESI)
        works = []
        for asesor in (cast.asesor, cast.second_asesor):
            # Two permohonan of one person, in two batches: a NIK stands in a jadwal at most once anyway.
            own = jadwal if asesor is cast.asesor else make_jadwal(asesor, skema=cast.skema)
            slot = make_slot(asesor, jadwal=own, starts_at=begins + timedelta(minutes=len(works)))
            works.append(book(make_permohonan(PAID, cast=cast, asesi=asesi).id, slot.public_id))
        assert Counter(at_once(app, works)) == {"ok": 1, "NotAllowed": 1}


def test_an_asesor_never_opens_two_meetings_at_once(app):
    asesor = person(Role.ASESOR)
    make_profile(asesor)
    jadwal = make_jadwal(asesor)
    jadwal_id, asesor_id = jadwal.id, asesor.id
    for number in range(4):
        begins = clock.now() + timedelta(hours=2 + 3 * number)

        def open_at(shift: int, begins=begins) -> Callable[[], None]:
            def work() -> None:
                begin_write()
                actor = actor_of(db.session.get_one(User, asesor_id))
                schedule.open_slot(
                    actor,
                    db.session.get_one(Jadwal, jadwal_id),
                    kind=MeetingKind.PRE_ASSESSMENT,
                    starts_at=begins + timedelta(minutes=shift),
                    minutes=60,
                )
                db.session.commit()

            return work

        answers = Counter(at_once(app, [open_at(shift) for shift in range(0, 40, 5)]))
        assert answers == {"ok": 1, "DomainError": 7}


def test_a_mass_action_and_bookings_of_the_same_people_do_not_wait_for_each_other_in_a_ring(app):
    """Each locks cases, slots and people; in different orders PostgreSQL would have to end one of them."""
    cast = make_cast()
    jadwal = make_jadwal(cast.asesor, skema=cast.skema, asesor_2_id=cast.second_asesor.id)
    for number in range(3):
        day = clock.now() + timedelta(days=3 + number)
        slot = make_slot(cast.asesor, jadwal=jadwal, starts_at=day, capacity=3)
        free = make_slot(
            cast.second_asesor, jadwal=jadwal, starts_at=day + timedelta(hours=3), capacity=8
        )
        seated_here = [make_permohonan(PAID, cast=cast) for _ in range(3)]
        seats = {}
        for case in seated_here:
            seat = meetings.book(actor_of(case.asesi), case, slot.public_id, version=case.version)
            seats[seat.public_id] = case.version
        way = f"{hindrance.SLOT}{free.public_id}"
        works = [settle_for(cast.admin.id, slot.public_id, dict.fromkeys(seats, way), seats)]
        for case in seated_here:
            other = make_permohonan(PAID, cast=cast, asesi=case.asesi)
            elsewhere = make_jadwal(cast.second_asesor, skema=cast.skema)
            target = make_slot(
                cast.second_asesor,
                jadwal=elsewhere,
                starts_at=day + timedelta(hours=8 + len(works)),
                ends_at=day + timedelta(hours=8 + len(works), minutes=40),
            )
            works.append(book(other.id, target.public_id))
        assert Counter(at_once(app, works)) == {"ok": 4}


def settle_for(admin_id: int, slot_id: str, chosen: dict[str, str], versions: dict[str, int]):
    def work() -> None:
        begin_write()
        actor = actor_of(db.session.get_one(User, admin_id))
        slots = hindrance.slot_named(slot_id)
        hindrance.settle(actor, slots, chosen, versions, reason="Asesor sakit.")
        db.session.commit()

    return work
