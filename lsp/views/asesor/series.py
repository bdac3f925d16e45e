"""The asesor opens a series of meetings in a jadwal of his."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.forms.assessment import choices
from lsp.forms.slot_series import SeriesForm
from lsp.models import Jadwal
from lsp.permissions import writes
from lsp.services import schedule
from lsp.services.slot_series import Proposed, weeks_left
from lsp.views import slot_series
from lsp.views.asesor.home import jadwal_words
from lsp.views.asesor.shared import asesor_only, bp
from lsp.views.filters import zona_singkat
from lsp.views.html import page


@bp.get("/asesor/slot/banyak")
@asesor_only
def series_form() -> ResponseReturnValue:
    own = schedule.jadwal_of_asesor(g.actor.id)
    form = _form(own, formdata=None)
    if own:
        form.first.data = max(own[0].starts_on, clock.today_wib())
        form.weeks.data = min(form.weeks.data or 1, weeks_left(own[0], form.first.data))
    return _page(form, own, 200, "", ())


@bp.post("/asesor/slot/banyak")
@asesor_only
@writes
def open_series() -> ResponseReturnValue:
    own = schedule.jadwal_of_asesor(g.actor.id)
    form = _form(own)
    if not form.validate():
        return _page(form, own, 422, "", ())
    return slot_series.answer(
        form,
        next(each for each in own if each.public_id == form.jadwal.data),
        g.actor.id,
        draw=lambda status, notice, proposed: _page(form, own, status, notice, proposed),
        back=url_for("asesor.home"),
    )


def _form(own: Sequence[Jadwal], **data: Any) -> SeriesForm:
    form = SeriesForm(**data)
    form.jadwal.choices = choices((each.public_id, jadwal_words(each)) for each in own)
    del form.asesor  # he opens meetings for himself
    return form


def _page(
    form: SeriesForm, own: Sequence[Jadwal], status: int, notice: str, proposed: Sequence[Proposed]
) -> ResponseReturnValue:
    return page(
        "asesor/series.html",
        status=status,
        form=form,
        jadwal_list=own,
        proposed=proposed,
        days=slot_series.by_day(proposed),
        typed=slot_series.typed(),
        notice_text=notice,
        zone=zona_singkat(g.actor.zone),
    )
