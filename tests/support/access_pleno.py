"""What the access table visits of a pleno: its agenda, and what its members may read of a case."""

from __future__ import annotations

from sqlalchemy import select

from lsp import ids
from lsp.database import db
from lsp.gateways import storage
from lsp.models import PlenoCase, PlenoEvidence, PlenoMember, User
from lsp.vocabulary import PermohonanStatus, Role


def _agenda(person: User, own: bool) -> PlenoCase:
    """A case on the agenda of a running pleno; own: of one that names the person."""
    from tests.workflow import cases

    cast = cases.make_cast()
    place = cases.put_on_agenda(
        cases.make_permohonan(PermohonanStatus.RECOMMENDED, cast=cast, work_done=False), cast
    )
    if own:
        db.session.add(PlenoMember(pleno_id=place.pleno_id, user_id=person.id))
    db.session.commit()
    return place


def agenda_place(person: User, own: bool) -> str:
    return _agenda(person, own).public_id


def any_agenda_place(person: User, own: bool) -> str:
    return _agenda(person, False).public_id if own else ids.public_id()


def any_pleno(person: User, own: bool) -> str:
    return pleno(person, False) if own else ids.public_id()


def pleno(person: User, own: bool) -> str:
    return _agenda(person, own).pleno.public_id


def pleno_screenshot(person: User, own: bool) -> str:
    held = _agenda(person, own).pleno
    stored = storage.store().put(b"picture")
    row = PlenoEvidence(
        pleno_id=held.id,
        name="layar",
        original_name="layar.jpg",
        content_type="image/jpeg",
        size=stored.size,
        sha256=stored.sha256,
        storage_key=stored.key,
        stored_by_id=held.chair_id,
    )
    db.session.add(row)
    db.session.commit()
    return row.public_id


def document_before_pleno(person: User, own: bool) -> str:
    """A file of a case that waits for a pleno which names the person (own), or another."""
    from tests.views.asesi import situations

    preview = storage.store().put(b"small")
    case = _agenda(person, own).permohonan
    return situations.add_document(case, preview_key=preview.key).public_id


def certified_by(person: User, own: bool) -> str:
    """An issued case that a pleno with the person as a member decided (own), or another."""
    from tests.workflow import cases

    case = cases.make_permohonan(PermohonanStatus.ISSUED)
    place = db.session.scalars(select(PlenoCase).where(PlenoCase.permohonan_id == case.id)).one()
    if own:
        db.session.add(PlenoMember(pleno_id=place.pleno_id, user_id=person.id))
    db.session.commit()
    return case.public_id


def signed_pleno(person: User, own: bool) -> str:
    """A pleno with a signed SK and a competent case; own: it is there at all."""
    return _competent().pleno.public_id if own else ids.public_id()


def blanko_request(person: User, own: bool) -> str:
    """A request that was sent (own), or none."""
    from lsp.services import blanko_requests
    from tests.workflow import cases

    if not own:
        return ids.public_id()
    place = _competent()
    group = blanko_requests.groups_of(place.pleno)[0]
    admin = cases.actor_of(cases.person(Role.ADMIN))
    versions = {case.public_id: case.version for case in group.competent}
    made = blanko_requests.send(admin, place.pleno, group.key, versions)
    db.session.commit()
    return made.public_id


def blanko_return(person: User, own: bool) -> str:
    """A berita acara by which a spoiled number went back (own), or none."""
    from lsp.services import blanko_book
    from tests.workflow import cases

    if not own:
        return ids.public_id()
    case = cases.make_permohonan(PermohonanStatus.BLANKO_RECEIVED)
    admin = cases.actor_of(cases.person(Role.ADMIN))
    number = f"BLK-{case.id:07d}"
    found = blanko_book.by_number(number)
    assert found is not None
    blanko_book.spoil(admin, found, "Sobek saat dicetak.")
    made = blanko_book.give_back(admin, [number])
    db.session.commit()
    return made.public_id


def _competent() -> PlenoCase:
    from tests.workflow import cases

    case = cases.make_permohonan(PermohonanStatus.COMPETENT)
    return db.session.scalars(select(PlenoCase).where(PlenoCase.permohonan_id == case.id)).one()
