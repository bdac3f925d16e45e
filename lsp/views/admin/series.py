"""The admin opens a series of meetings of a jadwal, in the name of one of its asesor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.forms.assessment import choices
from lsp.forms.slot_series import SeriesForm
from lsp.permissions import access, writes
from lsp.services.slot_series import Proposed, weeks_left
from lsp.views import slot_series
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.jadwal import any_jadwal, asesor_of_jadwal
from lsp.views.filters import zona_singkat
from lsp.views.html import page


@bp.get("/jadwal/<jadwal_id>/slot/banyak")
@access(roles=ADMIN, load=any_jadwal)
def jadwal_series_form(jadwal_id: str) -> ResponseReturnValue:
    form = _form(formdata=None)
    form.first.data = max(g.jadwal.starts_on, clock.today_wib())
    form.weeks.data = min(form.weeks.data or 1, weeks_left(g.jadwal, form.first.data))
    return _page(form, 200, "", ())


@bp.post("/jadwal/<jadwal_id>/slot/banyak")
@access(roles=ADMIN, load=any_jadwal)
@writes
def jadwal_open_series(jadwal_id: str) -> ResponseReturnValue:
    form = _form()
    if not form.validate():
        return _page(form, 422, "", ())
    people = asesor_of_jadwal()
    return slot_series.answer(
        form,
        g.jadwal,
        next(each.id for each in people if each.public_id == form.asesor.data),
        draw=lambda status, notice, proposed: _page(form, status, notice, proposed),
        back=url_for("admin.jadwal", jadwal_id=jadwal_id),
    )


def _form(**data: Any) -> SeriesForm:
    form = SeriesForm(**data)
    del form.jadwal  # the address names it
    form.asesor.choices = choices((each.public_id, each.name) for each in asesor_of_jadwal())
    return form


def _page(
    form: SeriesForm, status: int, notice: str, proposed: Sequence[Proposed]
) -> ResponseReturnValue:
    return page(
        "admin/jadwal/series.html",
        status=status,
        jadwal=g.jadwal,
        form=form,
        proposed=proposed,
        days=slot_series.by_day(proposed),
        whose=next(
            (each.name for each in asesor_of_jadwal() if each.public_id == form.asesor.data), ""
        ),
        typed=slot_series.typed(),
        notice_text=notice,
        zone=zona_singkat(g.actor.zone),
    )
