"""The asesor's own days off."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp.actor import Actor
from lsp.database import db
from lsp.forms.schedule import DayOffForm
from lsp.models import User
from lsp.permissions import access, writes
from lsp.services import days_off
from lsp.views.asesor.shared import asesor_only, bp
from lsp.views.html import page, redirect_after_post
from lsp.views.noting_days_off import MISTAKEN, blank_form, filled_again, note_days_off
from lsp.vocabulary import Role


def own_day_off(actor: Actor, day_off_id: str) -> Mapping[str, object] | None:
    """A day off of the asesor himself, as `g.day_off`."""
    found = days_off.one(actor.id or 0, day_off_id)
    return {"day_off": found} if found is not None else None


@bp.get("/asesor/tidak-bertugas")
@asesor_only
def days_off_page() -> ResponseReturnValue:
    return _page(blank_form())


@bp.post("/asesor/tidak-bertugas")
@asesor_only
@writes
def add_day_off() -> ResponseReturnValue:
    return note_days_off(
        _own_account(),
        again=lambda form: _page(form, status=422),
        back_url=url_for("asesor.days_off_page"),
    )


@bp.post("/asesor/tidak-bertugas/<day_off_id>/hapus")
@access(roles=(Role.ASESOR,), load=own_day_off)
@writes
def remove_day_off(day_off_id: str) -> ResponseReturnValue:
    days_off.remove(g.actor, _own_account(), g.day_off)
    back = url_for("asesor.days_off_page", **filled_again(g.day_off))
    db.session.commit()
    return redirect_after_post(back, f"Dihapus. Pada hari itu Anda dapat bertugas lagi. {MISTAKEN}")


def _own_account() -> User:
    return db.session.get_one(User, g.actor.id)


def _page(form: DayOffForm, *, status: int = 200) -> ResponseReturnValue:
    return page(
        "asesor/days_off.html", status=status, form=form, lines=days_off.coming(_own_account())
    )
