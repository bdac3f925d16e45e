"""What the access table visits of the office: skema, fees, settings, staff, sheets, lists."""

from __future__ import annotations

from sqlalchemy import select

from lsp import clock, ids
from lsp.database import db
from lsp.gateways import storage
from lsp.models import (
    ComplaintPerson,
    ImportBatch,
    InstrumentItem,
    ListExport,
    Mapa,
    NotePhrase,
    User,
    WorkBatch,
)
from lsp.services import whatsapp
from lsp.vocabulary import ComplaintStatus, Role
from tests import factories
from tests.support.access_meetings import met_case
from tests.support.assessment import make_instrument
from tests.support.meetings import make_tuk


def skema(_person: User, own: bool) -> str:
    return factories.make_skema().skema.public_id if own else ids.public_id()


def message(_person: User, own: bool) -> str:
    return factories.make_message().public_id if own else ids.public_id()


def staff_person(_person: User, own: bool) -> str:
    """A colleague (own); an asesi is no staff and is not found there."""
    return factories.make_user(Role.ASESOR if own else Role.ASESI).public_id


def batch(person: User, own: bool) -> str:
    if not own:
        return ids.public_id()
    sheet = ImportBatch(
        about={"file_name": "asesi.xlsx", "remarks": []},
        created_by_id=person.id,
        expires_at=clock.now(),
    )
    return factories.saved(sheet).public_id


def setting_key(_person: User, own: bool) -> str:
    return "invoice_days" if own else "tidak_ada"


def fee(_person: User, own: bool) -> str:
    return str(factories.make_fee().id if own else 999_999)


def skema_version(_person: User, own: bool) -> str:
    return factories.make_skema().public_id if own else ids.public_id()


def mapa(_person: User, own: bool) -> str:
    """A draft: it may be read, edited and deleted."""
    return (
        factories.make_mapa(factories.make_skema(), draft=True).public_id
        if own
        else ids.public_id()
    )


def mapa_of_case(person: User, own: bool) -> str:
    """The MAPA in force of a case whose pre-assessment this person holds (own), or another asesor."""
    met_case(person, own)
    newest = select(Mapa.public_id).order_by(Mapa.id.desc()).limit(1)
    return str(db.session.scalar(newest))


def instrument(_person: User, own: bool) -> str:
    """A draft of the MUK with a row."""
    if not own:
        return ids.public_id()
    made = make_instrument(factories.make_skema(), in_force=False)
    db.session.commit()
    return made.public_id


def instrument_row(_person: User, own: bool) -> str:
    """The row of the instrument that was made before it (the address sorts its names)."""
    newest = select(InstrumentItem.id).order_by(InstrumentItem.id.desc()).limit(1)
    return str(db.session.scalar(newest)) if own else "999999"


def whatsapp_text(_person: User, own: bool) -> str:
    return whatsapp.standing()[0].public_id if own else ids.public_id()


def phrase(_person: User, own: bool) -> str:
    if not own:
        return ids.public_id()
    made = NotePhrase(code="", text=f"Kalimat rekaan {ids.public_id()}.")
    db.session.add(made)
    db.session.commit()
    return made.public_id


def tuk(_person: User, own: bool) -> str:
    return make_tuk().public_id if own else ids.public_id()


def proposal(_person: User, own: bool) -> str:
    return factories.make_proposal().public_id if own else ids.public_id()


def work_batch(person: User, own: bool) -> str:
    if not own:
        return ids.public_id()
    made = WorkBatch(
        actor_id=person.id, verifier_id=factories.make_user(Role.ADMIN).id, done=[], left_out=[]
    )
    return factories.saved(made).public_id


def export(person: User, own: bool) -> str:
    """A list made for this person (own) or for a colleague: it is nobody else's."""
    asked_by = person if own else factories.make_user(Role.ADMIN)
    made = ListExport(
        asked_by_id=asked_by.id,
        format="csv",
        filter="",
        row_count=0,
        made_at=clock.now(),
        storage_key=storage.store().put(b"small").key,
    )
    return factories.saved(made).public_id


def complaint(person: User, own: bool) -> str:
    """A keluhan that this person examines (own), or one that is about him."""
    from tests.support.assessment import make_complaint

    made = make_complaint(receipt=ids.random_id(12))
    if own:
        made.investigator_id = person.id
        made.status = ComplaintStatus.EXAMINED
    else:
        made.people = [ComplaintPerson(user_id=person.id)]
    db.session.commit()
    return made.public_id
