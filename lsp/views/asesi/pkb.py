"""PKB from the holder's phone: activities through the years with their proofs, against what the renewal asks."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, g
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.surveilan import PkbForm
from lsp.models import Certificate, Document, Permohonan
from lsp.permissions import access, writes, writes_itself
from lsp.services import pkb
from lsp.services.documents import Received
from lsp.views.asesi.shared import CASE, bp, of_own_case, onward
from lsp.views.asesi.uploads import take_in
from lsp.views.html import page
from lsp.vocabulary import Role

PLACE = f"{CASE}/pkb"


def own_certificate(actor: Actor, permohonan_id: str, **_: object) -> Mapping[str, object] | None:
    """The certificate of one's own case, as `g.certificate` beside `g.permohonan`."""
    return of_own_case(
        actor,
        permohonan_id,
        "certificate",
        lambda case: select(Certificate).where(Certificate.permohonan_id == case.id),
    )


own_one = access(roles=(Role.ASESI,), load=own_certificate)


@bp.get(PLACE, endpoint="pkb")
@own_one
def show_pkb(permohonan_id: str) -> ResponseReturnValue:
    return _show(PkbForm(formdata=None))


@bp.post(PLACE, endpoint="note_pkb")
@own_one
@writes_itself
def note_pkb(permohonan_id: str) -> ResponseReturnValue:
    form = PkbForm()
    if not form.validate():
        return _show(form, status=422)
    name, held_on, points = form.label.data or "", form.held_on.data, form.credits.data or 0
    if held_on is None:  # the form has asked for it
        abort(422)

    def attach(case: Permohonan, received: Received) -> Document:
        _again()
        made = pkb.note(
            g.actor, case, g.certificate, received, name=name, held_on=held_on, credits=points
        )
        return made.document

    try:
        take_in(permohonan_id, attach)
    except DomainError as refusal:
        _again()
        if refusal.field:
            form.put_by_its_field(refusal)
        else:
            form.file.errors = [str(refusal)]
        return _show(form, status=422)
    _again()
    return onward("pkb", g.permohonan, f"{name} tercatat.")


@bp.post(f"{PLACE}/<activity_id>/hapus")
@own_one
@writes
def withdraw_pkb(permohonan_id: str, activity_id: str) -> ResponseReturnValue:
    try:
        found = pkb.withdraw(g.actor, g.certificate, activity_id)
    except DomainError as refusal:
        db.session.rollback()
        _again()
        return _show(PkbForm(formdata=None), status=409, notice=str(refusal))
    if not found:
        abort(404)
    db.session.commit()
    return onward("pkb", g.permohonan, "Kegiatan dihapus.")


def _again() -> None:
    found = own_certificate(g.actor, g.permohonan.public_id)
    if found is None:
        abort(404)
    g.permohonan, g.certificate = found["permohonan"], found["certificate"]


def _show(form: PkbForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    if not pkb.asked_of(g.certificate):
        abort(404)
    rows = pkb.activities(g.certificate)
    return page(
        "asesi/pkb.html",
        status=status,
        permohonan=g.permohonan,
        certificate=g.certificate,
        rows=rows,
        sum=pkb.sum_of(g.certificate, rows),
        open=pkb.may_note(g.certificate),
        form=form,
        back="certificate",
        back_words="Sertifikat saya",
        notice_text=notice,
    )
