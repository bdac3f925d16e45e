"""Another time for a meeting of one case, by the admin: one step, with the reason that both sides read."""

from __future__ import annotations

from typing import Any

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.assessment import choices
from lsp.forms.schedule import MoveForm
from lsp.permissions import access, visible_permohonan, writes
from lsp.services import moving, offers
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.filters import tanggal
from lsp.views.html import page, redirect_after_post
from lsp.views.offer_words import Times, times_of
from lsp.workflow.dossier import dossier_of


@bp.get("/permohonan/<permohonan_id>/pindah-jadwal")
@access(roles=ADMIN, load=visible_permohonan)
def move_form(permohonan_id: str) -> ResponseReturnValue:
    return _page(_form(_times(), formdata=None))


@bp.post("/permohonan/<permohonan_id>/pindah-jadwal")
@access(roles=ADMIN, load=visible_permohonan)
@writes
def move(permohonan_id: str) -> ResponseReturnValue:
    form = _form(_times())
    if not form.validate():
        return _page(form, status=422)
    try:
        seat = moving.move(
            g.actor,
            g.permohonan,
            form.slot.data,
            version=form.version.data or 0,
            reason=form.note.data or "",
        )
        when = tanggal(seat.slot.starts_at)
    except DomainError as refusal:
        db.session.rollback()
        return _page(form, status=409, notice=str(refusal))
    db.session.commit()
    return redirect_after_post(_case_url(), f"Rapat dipindahkan ke {when}. Keduanya diberi tahu.")


def _case_url() -> str:
    return url_for("admin.permohonan", permohonan_id=g.permohonan.public_id)


def _times() -> Times:
    return times_of(g.permohonan, offers.offers_for(g.permohonan, for_admin=True))


def _form(times: Times, **data: Any) -> MoveForm:
    form = MoveForm(**data)
    form.slot.choices = choices((value, label) for value, label, _hint in times.free)
    return form


def _page(form: MoveForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    movable = moving.is_movable(g.permohonan)
    return page(
        "admin/jadwal/move.html",
        status=status,
        permohonan=g.permohonan,
        form=form,
        seat=dossier_of(g.permohonan).booking if movable else None,
        times=_times() if movable else None,
        moves=offers.moves_of(g.permohonan),
        back_url=_case_url(),
        notice_text=notice,
    )
