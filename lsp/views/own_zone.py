"""One's own time zone: every hour on the pages is shown, and typed, in it."""

from __future__ import annotations

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.database import db
from lsp.forms.accounts import ZoneForm
from lsp.permissions import access, writes
from lsp.services import zones
from lsp.views.auth import ANY_ROLE
from lsp.views.filters import zona_singkat
from lsp.views.html import page, redirect_after_post
from lsp.views.own_name import bp  # with the views of the name on it


@bp.get("/akun/zona")
@access(roles=ANY_ROLE)
def own_zone() -> ResponseReturnValue:
    return _page(ZoneForm(formdata=None, zone=g.actor.zone))


@bp.post("/akun/zona")
@access(roles=ANY_ROLE)
@writes
def save_own_zone() -> ResponseReturnValue:
    form = ZoneForm()
    if not form.validate():
        return _page(form, status=422)
    zone = zones.choose(g.actor, form.zone.data or "").zone
    db.session.commit()
    return redirect_after_post(
        url_for("auth.account"), f"Semua jam kini ditulis dalam {zona_singkat(zone)}."
    )


def _page(form: ZoneForm, *, status: int = 200) -> ResponseReturnValue:
    return page("auth/own_zone.html", status=status, form=form, moment=clock.now())


__all__ = ["bp"]
