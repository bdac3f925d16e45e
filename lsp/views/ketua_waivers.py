"""Routes of the ketua: relaxing a duty for one person on one case, with a reason that everybody reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.administration import WaiverForm
from lsp.permissions import access, visible_permohonan, writes
from lsp.services import waivers
from lsp.views.html import page, redirect_after_post
from lsp.views.ketua import KETUA, PANELS, Panel
from lsp.views.ketua_banding import bp  # with the panel and routes of banding on it

__all__ = ["bp"]


def _waiting() -> Mapping[str, Any]:
    return {"waivable": waivers.candidates(g.actor)}


PANELS.append(Panel("ketua/_waivers.html", _waiting))


@bp.get("/pengecualian/<permohonan_id>")
@access(roles=KETUA, load=visible_permohonan)
def waiver(permohonan_id: str) -> ResponseReturnValue:
    return _waiver_page(_form(formdata=None))


@bp.post("/pengecualian/<permohonan_id>")
@access(roles=KETUA, load=visible_permohonan)
@writes
def grant_waiver(permohonan_id: str) -> ResponseReturnValue:
    form = _form()
    if not form.validate():
        return _waiver_page(form, status=422)
    try:
        given = waivers.grant(
            g.actor, g.permohonan, key=form.who.data or "", reason=form.reason.data or ""
        )
    except DomainError as refusal:
        db.session.rollback()
        return _waiver_page(form, status=409, notice=str(refusal))
    said = f"Pengecualian untuk {given.person.name} dicatat."
    db.session.commit()
    return redirect_after_post(url_for("ketua.home"), said)


def _form(**data: Any) -> WaiverForm:
    form = WaiverForm(**data)
    form.who.choices = [
        SelectChoice(each.key, f"{each.person.name}: {each.rule.label}")
        for each in waivers.of_case(g.actor, g.permohonan)
    ]
    return form


def _waiver_page(form: WaiverForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return page(
        "ketua/waiver.html", status=status, form=form, permohonan=g.permohonan, notice=notice
    )
