"""What the access table visits of a certificate's files and of certificates issued at once."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from lsp import ids
from lsp.database import db
from lsp.models import OfficialCertificate, User
from lsp.vocabulary import PermohonanStatus, Role
from tests import factories
from tests.support.certificate_files import make_certificate_files


def official(person: User, own: bool) -> str:
    """A file of the ministry's with an issued case; own: the person's."""
    from tests.workflow import cases

    owner = person if own else factories.make_user(Role.ASESI)
    cast = cases.make_cast()
    case = cases.make_permohonan(PermohonanStatus.ISSUED, asesi=owner, cast=cast)
    make_certificate_files(case, cast.admin, cast.ketua)
    db.session.commit()
    return _newest().public_id


def case_of_official_remembered(_person: User, _own: bool) -> str:
    """The case of the file made just before."""
    return _newest().certificate.permohonan.public_id


def _newest() -> OfficialCertificate:
    newest = select(OfficialCertificate).order_by(OfficialCertificate.id.desc()).limit(1)
    return db.session.scalars(newest).one()


def issue_batch(_person: User, own: bool) -> str:
    """Certificates issued at once (own), or none."""
    from tests.workflow import cases

    if not own:
        return ids.public_id()
    cast = cases.make_cast()
    case = cases.make_permohonan(PermohonanStatus.ISSUED, cast=cast)
    batch = make_certificate_files(case, cast.admin, cast.ketua)
    db.session.commit()
    return batch.public_id


FILE_SPECIALS: dict[str, dict[str, Callable[[User, bool], str]]] = {
    "certificate_files.official": {
        "official_id": official,
        "permohonan_id": case_of_official_remembered,
    },
    "ketua_signing.batch": {"batch_id": issue_batch},
}
