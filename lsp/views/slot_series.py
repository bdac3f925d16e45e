"""A series of meetings on a page: the form, then every meeting with what bars it, then opened. For asesor and admin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from flask import g, request
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.slot_series import SeriesForm
from lsp.models import Jadwal
from lsp.services import slot_series
from lsp.services.slot_series import Proposed
from lsp.views.filters import tanggal
from lsp.views.html import redirect_after_post

#: Not typed by anybody, so not carried from the form to the preview.
_OF_THE_PAGE = ("csrf_token", "press")
#: Draws the page: (status, notice, proposed).
Draw = Callable[[int, str, Sequence[Proposed]], ResponseReturnValue]


def answer(
    form: SeriesForm, jadwal: Jadwal, asesor_id: int | None, *, draw: Draw, back: str
) -> ResponseReturnValue:
    """What the press asks: look (the default), change again, or open. Nothing typed is lost on the way."""
    press = request.form.get("press", "lihat")
    if press == "ubah":
        return draw(200, "", ())
    series = form.series(g.actor.zone)
    try:
        if press != "buka":
            return draw(200, "", slot_series.propose(g.actor, jadwal, asesor_id, series))
        found = slot_series.open_all(g.actor, jadwal, asesor_id, series)
    except DomainError as refusal:
        db.session.rollback()
        return draw(409, str(refusal), ())
    db.session.commit()
    return redirect_after_post(back, _done(found))


def _done(found: Sequence[Proposed]) -> str:
    opened = sum(not each.barred for each in found)
    left = sum(each.barred not in ("", slot_series.STANDS) for each in found)
    if not opened:
        return "Semua slot ini sudah dibuka."
    return f"{opened} slot dibuka." + (
        f" {left} lainnya terhalang dan tidak dibuka." if left else ""
    )


def by_day(proposed: Sequence[Proposed]) -> list[tuple[str, list[Proposed]]]:
    """What the dates of the jadwal hold, by the day of who reads."""
    inside = (each for each in proposed if not each.outside)
    days = groupby(inside, lambda each: tanggal(each.starts_at, jam=False))
    return [(day, list(rows)) for day, rows in days]


def typed() -> list[tuple[str, str]]:
    """What was sent, so that the preview can carry it on."""
    return [
        (name, value) for name, value in request.form.items(multi=True) if name not in _OF_THE_PAGE
    ]
