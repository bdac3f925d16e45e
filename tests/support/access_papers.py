"""What the access table visits of money and agreements: an invoice with its kuitansi, an agreed text."""

from __future__ import annotations

from sqlalchemy import select

from lsp import ids
from lsp.database import db
from lsp.models import Invoice, User
from lsp.vocabulary import Answer, PermohonanStatus, Role
from tests import factories


def paid_invoice(person: User, own: bool) -> str:
    """An invoice with its kuitansi, of the person's own case (own) or of another asesi's."""
    from tests.views.asesi import situations

    permohonan = situations.invoiced(_owner(person, own))
    its_own = select(Invoice).where(Invoice.permohonan_id == permohonan.id)
    invoice = db.session.scalars(its_own).one()
    factories.make_receipt(invoice)
    return invoice.public_id


def agreed_case(person: User, own: bool) -> str:
    """A draft of the person (own) or of another asesi, who agreed to the perjanjian in force."""
    from tests.views.asesi import situations

    permohonan = situations.draft(_owner(person, own))
    situations.agree_all(permohonan)
    return permohonan.public_id


def read_case(person: User, own: bool) -> str:
    """A case of the person (own) or of another asesi in its assessment, with a FR.IA that the asesi may read."""
    from tests.views.asesi import situations

    permohonan = situations.booked(_owner(person, own), status=PermohonanStatus.IN_ASSESSMENT)
    situations.recommendation_for(permohonan, Answer.K)
    return permohonan.public_id


def text_key(_person: User, own: bool) -> str:
    return "perjanjian" if own else "tidak-ada"


def _owner(person: User, own: bool) -> User:
    return person if own else factories.make_user(Role.ASESI)


#: For addresses of an agreed text: the case first, then the text that was agreed to in it.
AGREED = {
    endpoint: {
        "permohonan_id": agreed_case,
        "text_key": lambda _person, _own: "perjanjian",
        "version_number": lambda _person, _own: "1",
    }
    for endpoint in ("asesi.agreed_text", "papers.agreement")
}


def document_token(_person: User, own: bool) -> str:
    """Of a link to a paper of somebody's case: whoever holds it reads it."""
    from lsp.services import document_links, lpjk_reports
    from tests.workflow import cases

    if not own:
        return ids.secret_token()
    cast = cases.make_cast()
    case = cases.make_permohonan(PermohonanStatus.ISSUED, cast=cast)
    lpjk_reports.make_links(cases.actor_of(cast.admin), case)
    db.session.commit()
    return document_links.of_case(case)[0].link.token
