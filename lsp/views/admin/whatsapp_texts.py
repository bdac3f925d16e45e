"""The prepared WhatsApp texts in Pengaturan; sending one to an asesi stands in whatsapp.py."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.administration import WhatsappTextForm
from lsp.permissions import access, writes
from lsp.services import whatsapp as texts
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.html import page, redirect_after_post


def one_text(_actor: Actor, whatsapp_id: str) -> Mapping[str, object] | None:
    """A text in use as `g.text`."""
    found = texts.one(whatsapp_id)
    return {"text": found} if found is not None else None


@bp.get("/pengaturan/whatsapp", endpoint="whatsapp_texts")
@access(roles=ADMIN)
def show_whatsapp_texts() -> ResponseReturnValue:
    return page("admin/whatsapp_texts.html", texts=texts.standing())


@bp.get("/pengaturan/whatsapp/<whatsapp_id>")
@access(roles=ADMIN, load=one_text)
def whatsapp_text(whatsapp_id: str) -> ResponseReturnValue:
    return _one(WhatsappTextForm(formdata=None, obj=g.text))


@bp.post("/pengaturan/whatsapp/<whatsapp_id>")
@access(roles=ADMIN, load=one_text)
@writes
def change_whatsapp_text(whatsapp_id: str) -> ResponseReturnValue:
    form = WhatsappTextForm()
    if not form.validate():
        return _one(form, status=422)
    try:
        texts.change(g.actor, g.text, form.text.data or "")
    except DomainError as refusal:
        db.session.rollback()
        return _one(form, status=422, notice=form.put_by_its_field(refusal))
    db.session.commit()
    return redirect_after_post(url_for("admin.whatsapp_texts"), "Teks WhatsApp diubah.")


def _one(form: WhatsappTextForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return page(
        "admin/whatsapp_text.html",
        status=status,
        form=form,
        text=g.text,
        placeholders=texts.PLACEHOLDERS,
        most=texts.MOST_SIGNS,
        notice_text=notice,
    )
