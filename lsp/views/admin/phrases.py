"""Pengaturan: phrases for the notes of the checklist. Adding, changing, retiring one, and taking one back into use."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.administration import PhraseForm, offered
from lsp.permissions import access, writes
from lsp.services import phrases
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.html import page, redirect_after_post


def one_phrase(_actor: Actor, phrase_id: str) -> Mapping[str, object] | None:
    """A phrase as `g.phrase`."""
    found = phrases.one(phrase_id)
    return {"phrase": found} if found is not None else None


@bp.get("/pengaturan/kalimat", endpoint="phrases")
@access(roles=ADMIN)
def show_phrases() -> ResponseReturnValue:
    return _list(_offer(PhraseForm(formdata=None)))


@bp.post("/pengaturan/kalimat")
@access(roles=ADMIN)
@writes
def add_phrase() -> ResponseReturnValue:
    form = _offer(PhraseForm())

    def write() -> None:
        phrases.add(g.actor, code=form.code.data or "", text=form.text.data or "")

    return _written(form, write, _list, "Kalimat ditambahkan.")


@bp.get("/pengaturan/kalimat/<phrase_id>")
@access(roles=ADMIN, load=one_phrase)
def phrase(phrase_id: str) -> ResponseReturnValue:
    return _one(_offer(PhraseForm(formdata=None, obj=g.phrase)))


@bp.post("/pengaturan/kalimat/<phrase_id>")
@access(roles=ADMIN, load=one_phrase)
@writes
def change_phrase(phrase_id: str) -> ResponseReturnValue:
    form = _offer(PhraseForm())

    def write() -> None:
        phrases.change(g.actor, g.phrase, code=form.code.data or "", text=form.text.data or "")

    return _written(form, write, _one, "Kalimat diubah.")


@bp.post("/pengaturan/kalimat/<phrase_id>/lepas")
@access(roles=ADMIN, load=one_phrase)
@writes
def retire_phrase(phrase_id: str) -> ResponseReturnValue:
    """Needs no question first: the list offers the way back."""
    phrases.retire(g.actor, g.phrase)
    db.session.commit()
    return _to_list("Kalimat tidak dipakai lagi. Di bawah daftar, Anda dapat memakainya lagi.")


@bp.post("/pengaturan/kalimat/<phrase_id>/pakai")
@access(roles=ADMIN, load=one_phrase)
@writes
def use_phrase_again(phrase_id: str) -> ResponseReturnValue:
    try:
        phrases.use_again(g.actor, g.phrase)
    except DomainError as refusal:
        db.session.rollback()
        return _list(_offer(PhraseForm(formdata=None)), status=409, notice=str(refusal))
    db.session.commit()
    return _to_list("Kalimat dipakai lagi.")


def _written(
    form: PhraseForm,
    write: Callable[[], None],
    shown: Callable[..., ResponseReturnValue],
    said: str,
) -> ResponseReturnValue:
    """Do it, or show the form again with what was typed and why it was not taken."""
    if not form.validate():
        return shown(form, status=422)
    try:
        write()
    except DomainError as refusal:
        db.session.rollback()
        notice = form.put_by_its_field(refusal)
        return shown(form, status=422, notice=notice)
    db.session.commit()
    return _to_list(said)


def _offer(form: PhraseForm) -> PhraseForm:
    form.code.choices = offered(phrases.places())
    return form


def _to_list(said: str) -> ResponseReturnValue:
    return redirect_after_post(url_for("admin.phrases"), said)


def _list(form: PhraseForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    rows = phrases.every()
    return page(
        "admin/phrases.html",
        status=status,
        form=form,
        notice_text=notice,
        used=[row for row in rows if row.retired_at is None],
        retired=[row for row in rows if row.retired_at is not None],
        places=dict(phrases.places()),
    )


def _one(form: PhraseForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    return page("admin/phrase.html", status=status, form=form, phrase=g.phrase, notice_text=notice)
