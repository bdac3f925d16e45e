"""Another time for a meeting of one case, by the admin: one step, with the reason that both sides read."""

from __future__ import annotations

from functools import partial

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp.forms.schedule import MoveForm
from lsp.permissions import access, visible_permohonan, writes
from lsp.services import moving, offers
from lsp.views import moving as shared
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.html import page
from lsp.views.offer_words import Times
from lsp.workflow.dossier import dossier_of


@bp.get("/permohonan/<permohonan_id>/pindah-jadwal")
@access(roles=ADMIN, load=visible_permohonan)
def move_form(permohonan_id: str) -> ResponseReturnValue:
    return _page(MoveForm(formdata=None))


@bp.post("/permohonan/<permohonan_id>/pindah-jadwal")
@access(roles=ADMIN, load=visible_permohonan)
@writes
def move(permohonan_id: str) -> ResponseReturnValue:
    form = shared.offer(MoveForm(), _times())
    return shared.answer(
        form, draw=partial(_page, form), back=_case_url(), told="Keduanya diberi tahu."
    )


def _case_url() -> str:
    return url_for("admin.permohonan", permohonan_id=g.permohonan.public_id)


def _times() -> Times:
    return shared.times(lambda: offers.offers_for(g.permohonan, for_admin=True))


def _page(form: MoveForm, status: int = 200, notice: str = "") -> ResponseReturnValue:
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
