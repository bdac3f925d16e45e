"""The penyelia watches: the meetings of today, and notes on them. There is no verdict here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.forms.administration import NoteForm
from lsp.permissions import access, writes
from lsp.services import joining, observing
from lsp.views.html import page, redirect_after_post
from lsp.views.joining import go_in
from lsp.vocabulary import Role

bp = Blueprint("penyelia", __name__, url_prefix="/penyelia")
PENYELIA = (Role.PENYELIA,)
#: How far ahead he sees the meetings he is named for.
COMING_DAYS = 14


def named_meeting(actor: Actor, booking_id: str) -> Mapping[str, object] | None:
    """A meeting he was named for as `g.booking`; never one's own."""
    found = observing.booking(booking_id, actor)
    return {"booking": found} if found is not None else None


@bp.get("")
@access(roles=PENYELIA)
def home() -> ResponseReturnValue:
    return _page()


@bp.post("/rapat/<booking_id>/catatan")
@access(roles=PENYELIA, load=named_meeting)
@writes
def add_note(booking_id: str) -> ResponseReturnValue:
    form = _note_form(booking_id)
    if not form.validate():
        return _page({booking_id: form}, status=422)
    observing.add_note(g.actor, g.booking, form.note.data or "")
    db.session.commit()
    if _typed_elsewhere(form):
        said = "Catatan disimpan. Yang Anda ketik di bawah rapat lain belum disimpan."
        return _page({booking_id: _note_form(booking_id, empty=True)}, saved=said)
    return redirect_after_post(
        url_for("penyelia.home") + f"#rapat-{booking_id}", "Catatan disimpan."
    )


@bp.post("/rapat/<booking_id>/masuk")
@access(roles=PENYELIA, load=named_meeting)
@writes
def join_meeting(booking_id: str) -> ResponseReturnValue:
    return go_in(
        g.booking,
        door="penyelia",
        back_url=url_for("penyelia.home"),
        hint="Anda menyaksikan. Catatan Anda ditulis di halaman portal.",
    )


def _note_form(booking_id: str, *, empty: bool = False) -> NoteForm:
    """The box of one meeting among those of the page, with what was typed in it."""
    return NoteForm(formdata=None if empty else request.form, prefix=f"catatan-{booking_id}")


def _typed_elsewhere(form: NoteForm) -> bool:
    """Whether the page brought words under another meeting too: they come back, for nothing else holds them."""
    return any(
        words.strip()
        for name, words in request.form.items()
        if name.endswith("-note") and name != form.note.name
    )


def _page(
    forms: Mapping[str, NoteForm] | None = None, *, status: int = 200, saved: str = ""
) -> ResponseReturnValue:
    today = clock.today_wib()
    bookings = list(observing.meetings_on(today, g.actor))
    asked = g.get("booking")
    # What was refused is shown where it was typed, also when the meeting began before midnight.
    if status != 200 and asked is not None and asked not in bookings:
        bookings.insert(0, asked)
    boxes = {row.public_id: _note_form(row.public_id) for row in bookings}
    return page(
        "penyelia/home.html",
        status=status,
        today=today,
        bookings=bookings,
        coming=observing.meetings_on(today + timedelta(days=1), g.actor, days=COMING_DAYS),
        coming_days=COMING_DAYS,
        notes=observing.notes_on(bookings),
        forms=boxes | dict(forms or {}),
        saved=saved,
        door=joining.window(),
    )
