"""Another time for a meeting on a page: the times that can be taken, and the one step. For asesor and admin."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from flask import g
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.assessment import choices
from lsp.forms.schedule import BookForm, MoveForm
from lsp.services import moving
from lsp.services.offers import Offer
from lsp.views.filters import tanggal
from lsp.views.html import redirect_after_post
from lsp.views.offer_words import Times, times_of

F = TypeVar("F", BookForm, MoveForm)
#: Reads what may be offered to this reader.
Read = Callable[[], Iterable[Offer]]
#: Draws the page: (status, notice).
Draw = Callable[[int, str], ResponseReturnValue]


def times(read: Read) -> Times:
    """Read once a request: the form and the page ask."""
    if "times" not in g:
        g.times = times_of(g.permohonan, read())
    found: Times = g.times
    return found


def forget_times() -> None:
    """After a refusal the list is another."""
    g.pop("times", None)


def offer(form: F, found: Times) -> F:
    """The form, with those times to choose from."""
    form.slot.choices = choices((value, label) for value, label, _hint in found.free)
    return form


def answer(form: MoveForm, *, draw: Draw, back: str, told: str) -> ResponseReturnValue:
    """Move, and go `back`; told: who hears of it, for the message there."""
    if not form.validate():
        return draw(422, "")
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
        forget_times()
        return draw(409, str(refusal))
    db.session.commit()
    return redirect_after_post(back, f"Rapat dipindahkan ke {when}. {told}")
