"""What the access table visits of meetings: their jadwal, their seats, the cases of their asesor."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from lsp import clock, ids
from lsp.database import db
from lsp.models import CalendarFeed, Jadwal, Permohonan, Slot, User
from lsp.vocabulary import PermohonanStatus, Role
from tests import factories
from tests.support.meetings import make_day_off, make_slot


def booking(_person: User, own: bool) -> str:
    if not own:
        return ids.public_id()
    from tests.workflow import cases

    return cases.seat_of(cases.make_permohonan(PermohonanStatus.PRE_SCHEDULED)).public_id


def booked_case(person: User, own: bool) -> str:
    """A case of the person (own), or of another asesi, that holds a seat."""
    from tests.workflow import cases

    asesi = person if own else None
    return cases.make_permohonan(PermohonanStatus.PRE_SCHEDULED, asesi=asesi).public_id


def feed_token(_person: User, own: bool) -> str:
    """Of an asesor's calendar: whoever holds the address reads it."""
    token = ids.secret_token()
    if own:
        asesor = factories.make_user(Role.ASESOR)
        factories.saved(CalendarFeed(user_id=asesor.id, token_digest=ids.digest(token)))
    return token


#: The case that was made last for a person, where an address names both a case and something of it.
_MADE: dict[int, str] = {}


def met_case(person: User, own: bool) -> str:
    """A case whose pre-assessment this person holds as its asesor (own), or another asesor."""
    from tests.workflow import cases

    cast = cases.make_cast()
    if own:
        cast.asesor = person
    return cases.make_permohonan(PermohonanStatus.PRE_SCHEDULED, cast=cast).public_id


def filled_case(person: User, own: bool) -> str:
    """A case in this person's assessment (own), or in another's, with FR.IA.08 begun."""
    from tests.support.assessment import make_filled
    from tests.workflow import cases

    cast = cases.make_cast()
    if own:
        cast.asesor = person
    case = cases.make_permohonan(PermohonanStatus.IN_ASSESSMENT, cast=cast)
    make_filled(case)
    db.session.commit()
    return case.public_id


def met_booking(person: User, own: bool) -> str:
    """A meeting of such a case; `case_of_booking` then names the case."""
    _MADE[person.id] = case_id = met_case(person, own)
    case = db.session.scalars(select(Permohonan).where(Permohonan.public_id == case_id)).one()
    from tests.workflow import cases

    return cases.seat_of(case).public_id


def case_of_booking(person: User, _own: bool) -> str:
    return _MADE.pop(person.id)


def open_meeting(person: User, own: bool) -> str:
    """An empty meeting of this asesor (own), or of another."""
    return make_slot(person if own else factories.make_user(Role.ASESOR)).public_id


def jadwal(_person: User, own: bool) -> str:
    return make_slot(factories.make_user(Role.ASESOR)).jadwal.public_id if own else ids.public_id()


def meeting_of_jadwal(person: User, own: bool) -> str:
    """Made after `jadwal_remembered` (arguments come in the order of their names)."""
    jadwal_id = _MADE.pop(person.id)
    slot = db.session.scalars(
        select(Slot).join(Jadwal, Jadwal.id == Slot.jadwal_id).where(Jadwal.public_id == jadwal_id)
    ).one()
    return slot.public_id if own else ids.public_id()


def jadwal_remembered(person: User, _own: bool) -> str:
    _MADE[person.id] = jadwal_id = jadwal(person, True)
    return jadwal_id


def day_off(person: User, own: bool) -> str:
    """Of this asesor (own), or of another."""
    return make_day_off(person if own else factories.make_user(Role.ASESOR)).public_id


def day_off_remembered(person: User, own: bool) -> str:
    """Of a colleague, whom `asesor_of_day_off` then names; else one that is nobody's."""
    asesor = factories.make_user(Role.ASESOR)
    _MADE[person.id] = asesor.public_id
    return make_day_off(asesor).public_id if own else ids.public_id()


def asesor_of_day_off(person: User, _own: bool) -> str:
    return _MADE.pop(person.id)


def permission(_person: User, own: bool) -> str:
    if not own:
        return "999999"
    return str(factories.make_remote_permission(factories.make_skema().skema).id)


def holiday(_person: User, own: bool) -> str:
    return f"{clock.today_wib().year + 1}-{'12-25' if own else '12-24'}"


def watched_booking(person: User, own: bool) -> str:
    """A meeting this person was named to watch (own), or one he was not named for."""
    from tests.support.recordings import watch
    from tests.workflow import cases

    seat = cases.seat_of(cases.make_permohonan(PermohonanStatus.PRE_SCHEDULED))
    if own:
        watch(person, seat)
    return seat.public_id


def forget_jadwal(person: User) -> str:
    """The jadwal that `jadwal_remembered` made."""
    return _MADE.pop(person.id)


def met_case_remembered(person: User, own: bool) -> str:
    """As `met_case`; `asked_party` is then one who was asked about it."""
    _MADE[person.id] = met_case(person, own)
    return _MADE[person.id]


def asked_party(person: User, _own: bool) -> str:
    """Made after `met_case_remembered` (arguments come in the order of their names)."""
    from tests.support.assessment import make_third_party

    case_id = _MADE.pop(person.id)
    case = db.session.scalars(select(Permohonan).where(Permohonan.public_id == case_id)).one()
    return make_third_party(case).public_id


def letter_token(_person: User, own: bool) -> str:
    """Of a third party's link: whoever holds it answers."""
    from tests.support.assessment import make_third_party
    from tests.workflow import cases

    token = ids.secret_token()
    if own:
        case = cases.make_permohonan(PermohonanStatus.PRE_SCHEDULED)
        ends = clock.now() + timedelta(days=1)
        make_third_party(case, token_digest=ids.digest(token), expires_at=ends)
    return token
