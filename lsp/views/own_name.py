"""The name of a first account, typed once by its person: papers print it, so it is not changed here again."""

from __future__ import annotations

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.accounts import OwnNameForm
from lsp.permissions import access, writes
from lsp.services import staff
from lsp.views.auth import bp
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import STAFF_ROLES


@bp.get("/akun/nama")
@access(roles=STAFF_ROLES)
def own_name() -> ResponseReturnValue:
    return page("auth/own_name.html", form=OwnNameForm(formdata=None))


@bp.post("/akun/nama")
@access(roles=STAFF_ROLES)
@writes
def save_own_name() -> ResponseReturnValue:
    form = OwnNameForm()
    if not form.validate():
        return page("auth/own_name.html", status=422, form=form)
    try:
        staff.name_oneself(g.actor, form.name.data or "")
    except DomainError as refusal:
        db.session.rollback()
        form.name.errors = [str(refusal)]
        return page("auth/own_name.html", status=422, form=form)
    db.session.commit()
    return redirect_after_post(url_for("auth.account"), "Nama Anda disimpan.")


__all__ = ["bp"]
