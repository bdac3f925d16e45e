"""Tagihan, kuitansi and agreed texts as PDF, made when somebody asks: the same bytes each time.

Money is between the asesi and the admin: nobody else opens these, as the consent text promises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, abort, g
from flask.typing import ResponseReturnValue
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.gateways import storage
from lsp.gateways.child import ChildRefused, HeavyWorkBusy
from lsp.models import Invoice, PaymentReceipt, Permohonan
from lsp.papers.agreement import agreement_pdf
from lsp.papers.payment import invoice_pdf, receipt_pdf
from lsp.permissions import access, own_permohonan, visible_permohonan, visible_to
from lsp.services import consents, paper_facts, throttle
from lsp.views.text_keys import TEXT_KINDS
from lsp.vocabulary import Role

bp = Blueprint("papers", __name__)
READERS: Final = (Role.ASESI, Role.ADMIN)
UNPRINTABLE: Final = (
    "Ada huruf di kertas ini yang tidak dapat dicetak, misalnya di nama. Beri tahu admin LSP."
)


def visible_invoice(actor: Actor, invoice_id: str, **_: object) -> Mapping[str, object] | None:
    """An invoice of one's own case, or for the admin of any, as `g.invoice`, `g.permohonan` and `g.receipt`."""
    scope = Permohonan.asesi_id == actor.id
    if actor.has(Role.ADMIN):
        scope = or_(scope, visible_to(actor))
    row = db.session.execute(
        select(Invoice, Permohonan, PaymentReceipt)
        .join(Permohonan, Permohonan.id == Invoice.permohonan_id)
        .outerjoin(PaymentReceipt, PaymentReceipt.invoice_id == Invoice.id)
        .where(Invoice.public_id == invoice_id, scope)
        .options(joinedload(Permohonan.skema_version))
    ).one_or_none()
    return {"invoice": row[0], "permohonan": row[1], "receipt": row[2]} if row is not None else None


@bp.get("/tagihan/<invoice_id>")
@access(roles=READERS, load=visible_invoice)
def invoice(invoice_id: str) -> ResponseReturnValue:
    paper = paper_facts.invoice_paper(g.invoice, g.permohonan)
    return pdf(lambda lock: invoice_pdf(paper, lock_path=lock), f"tagihan_{invoice_id}")


@bp.get("/kuitansi/<invoice_id>")
@access(roles=READERS, load=visible_invoice)
def receipt(invoice_id: str) -> ResponseReturnValue:
    """The kuitansi of a paid invoice; 404 before it is paid, and for one over nothing."""
    if g.receipt is None:
        abort(404)
    paper = paper_facts.receipt_paper(g.receipt, g.invoice)
    return pdf(lambda lock: receipt_pdf(paper, lock_path=lock), f"kuitansi_{invoice_id}")


def pdf(make: Callable[[Path], bytes], name: str) -> Response:
    """The paper as a download. No connection is held while it is laid out.

    Raises DomainError for a letter that none of our fonts has, TooOften after many in a few minutes.
    """
    db.session.remove()
    # All papers and uploads share one place: a button pressed without end must not fill the line before it.
    throttle.count_try((throttle.PAPER_ACCOUNT, str(g.actor.id)))
    try:
        content = make(storage.heavy_lock())
    except HeavyWorkBusy:
        abort(503)
    except ChildRefused as error:
        raise DomainError(UNPRINTABLE) from error
    answer = Response(content, content_type="application/pdf")
    answer.headers.update(
        {
            "Content-Disposition": f'attachment; filename="{name}.pdf"',
            "Cache-Control": "no-store",
        }
    )
    return answer


def agreed(
    actor: Actor, permohonan_id: str, text_key: str, version_number: int
) -> Mapping[str, object] | None:
    """An agreement of one's own case, or for the admin of any, as `g.permohonan` and `g.consent`."""
    found = own_permohonan(actor, permohonan_id)
    if found is None and actor.has(Role.ADMIN):
        found = visible_permohonan(actor, permohonan_id)
    kind = TEXT_KINDS.get(text_key)
    if found is None or kind is None:
        return None
    permohonan = found["permohonan"]
    assert isinstance(permohonan, Permohonan)  # noqa: S101 - what the loaders give
    consent = consents.given_to(permohonan.id, kind, version_number)
    return {"permohonan": permohonan, "consent": consent} if consent is not None else None


@bp.get("/persetujuan/<permohonan_id>/<text_key>/<int(max=999999999):version_number>")
@access(roles=READERS, load=agreed)
def agreement(permohonan_id: str, text_key: str, version_number: int) -> ResponseReturnValue:
    """The version that was agreed to with the proof of it, whatever text holds now."""
    paper = paper_facts.agreement_paper(g.consent, g.permohonan)
    name = f"{text_key}_versi-{version_number}_{permohonan_id}"
    return pdf(lambda lock: agreement_pdf(paper, lock_path=lock), name)
