"""What the access table visits of an asesi's draft, made with it: both stand in one address."""

from __future__ import annotations

from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.gateways import storage
from lsp.models import Permohonan, Upload, User, WorkExperience
from lsp.services import uploads
from lsp.vocabulary import Role
from tests import factories


def draft_of(person: User, own: bool) -> Permohonan:
    from tests.views.asesi import situations

    return situations.draft(person if own else factories.make_user(Role.ASESI))


def document(person: User, own: bool) -> str:
    from tests.views.asesi import situations

    preview = storage.store().put(b"small")
    permohonan = draft_of(person, own)
    return situations.add_document(
        permohonan, purpose="evidence", preview_key=preview.key
    ).public_id


def case_with_experience(person: User, own: bool) -> str:
    from tests.views.asesi import situations

    permohonan = draft_of(person, own)
    situations.add_experience(permohonan)
    return permohonan.public_id


def newest_experience(_person: User, _own: bool) -> str:
    newest = select(WorkExperience).order_by(WorkExperience.id.desc()).limit(1)
    return db.session.scalars(newest).one().public_id


def drawn(_person: User, _own: bool) -> str:
    """A drawn signature on the case that was made last."""
    case = newest()
    signature = factories.make_signature(case, drawing_key=storage.store().put(b"<svg/>").key)
    return str(signature.id)


def requirement(_person: User, _own: bool) -> str:
    return newest().skema_version.requirements[0].public_id


def upload(person: User, own: bool) -> str:
    case = newest()
    assert (case.asesi_id == person.id) == own
    upload = Upload(
        user_id=case.asesi_id, permohonan_id=case.id, purpose="requirement", length=5, part_key="00" * 32,
        requirement_id=case.skema_version.requirements[0].id, expires_at=clock.now() + uploads.LIVES,
    )  # fmt: skip
    return factories.saved(upload).public_id


def newest() -> Permohonan:
    return db.session.scalars(select(Permohonan).order_by(Permohonan.id.desc()).limit(1)).one()


def its_permohonan(_person: User, _own: bool) -> str:
    return newest().public_id
