"""What the editors of a MAPA and of an instrument do alike: a part of a draft is stored, a draft is put in force."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.base import Form
from lsp.forms.mapa import Typed
from lsp.views.editions import ChangedElsewhere, check_edition, edition_of

CHANGED = "Draf ini berubah sejak halaman ini dibuka. Baca lagi, lalu berlakukan."


def store_part(typed: Typed, *, stored: Any, save: Callable[[], object]) -> DomainError | None:
    """Store a part, unless another tab changed it. With a refusal nothing is stored, and the draft is read again."""
    try:
        seen = request.form.get("seen")
        check_edition(seen=seen, stored=stored, wanted=typed.value, what="Bagian ini")
        save()
    except DomainError as refusal:
        db.session.rollback()
        return refusal
    return None


def edition_drawn(stored: Any, *, typed_anew: bool, refusal: DomainError | None = None) -> str:
    """The edition that a part is drawn with: of what is stored, or once more the one that was sent.

    typed_anew: what was typed stands on the page. Who has read what another tab saved may overwrite it; a draft that
    was put in force stays as it is.
    """
    now = edition_of(stored)
    if typed_anew and not isinstance(refusal, ChangedElsewhere):
        return request.form.get("seen", now)
    return now


def put_in_force(
    form: Form,
    *,
    edition: str,
    publish: Callable[[date], object],
    read_again: Callable[[], None],
    again: Callable[..., ResponseReturnValue],
) -> ResponseReturnValue | None:
    """Put in force what was read; None when that is done and may be committed, else the page that asks for it.

    edition: of what is stored now. again: that page, with status and notice.
    """
    if not form.validate():
        return again(form, status=422)
    if request.form.get("edition") != edition:
        return again(form, status=409, notice=CHANGED)
    try:
        publish(form["effective_from"].data or clock.today_wib())
    except DomainError as refusal:
        read_again()
        return again(form, status=422, notice=form.put_by_its_field(refusal))
    return None
