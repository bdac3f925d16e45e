"""What the access table visits of reports: a jadwal of an asesor, signed FR.AK.05 and FR.AK.06, FR.AK.03 of a case."""

from __future__ import annotations

from sqlalchemy import select

from lsp import ids
from lsp.database import db
from lsp.models import Booking, FrAk02, Jadwal, Permohonan, Slot, User
from lsp.vocabulary import PermohonanStatus, Role
from tests import factories
from tests.support.meetings import make_slot
from tests.support.reports import make_ak_05, make_ak_06

#: The asesor of the jadwal that was made last for a person.
_ASESOR: dict[int, str] = {}


def jadwal_of_asesor(person: User, own: bool) -> str:
    """A jadwal that names this person as its asesor (own), or another."""
    return make_slot(person if own else factories.make_user(Role.ASESOR)).jadwal.public_id


def reported_jadwal(person: User, _own: bool) -> str:
    """A jadwal whose meeting took place; `reporter` then names its asesor."""
    from tests.workflow import cases

    case = cases.make_permohonan(PermohonanStatus.COMPETENT)
    jadwal = db.session.scalars(
        select(Jadwal)
        .join(Slot, Slot.jadwal_id == Jadwal.id)
        .join(Booking, Booking.slot_id == Slot.id)
        .where(Booking.permohonan_id == case.id)
        .distinct()
    ).one()
    _ASESOR[person.id] = jadwal.asesor_1.public_id
    return jadwal.public_id


def reporter(person: User, own: bool) -> str:
    asesor = _ASESOR.pop(person.id)
    return asesor if own else ids.public_id()


def signed_ak_05(person: User, own: bool) -> str:
    """Of this person, where he can be an asesor; readers see it all the same."""
    return make_ak_05(make_slot(person).jadwal, person).public_id if own else ids.public_id()


def signed_ak_06(person: User, own: bool) -> str:
    return make_ak_06(make_slot(person).jadwal, person).public_id if own else ids.public_id()


def decided_case(person: User, own: bool) -> str:
    """A case decided on; not own: this person assessed it, so its FR.AK.03 is not his to read."""
    from tests.workflow import cases

    case = cases.make_permohonan(PermohonanStatus.COMPETENT)
    if not own:
        paper = FrAk02(
            permohonan_id=case.id,
            booking_id=db.session.scalars(
                select(Booking.id).where(Booking.permohonan_id == case.id)
            ).first(),
            attempt=case.attempt,
            edition=9,
            asesor_id=person.id,
        )
        db.session.add(paper)
        db.session.commit()
    return db.session.get_one(Permohonan, case.id).public_id
