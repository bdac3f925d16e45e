"""The asesor's week: his meetings by day, free seats, days off and holidays."""

from __future__ import annotations

from flask import g
from flask.typing import ResponseReturnValue

from lsp.services import week as weeks
from lsp.views.asesor.shared import asesor_only, bp
from lsp.views.filters import zona_singkat
from lsp.views.html import page
from lsp.views.week_address import asked_monday, only_booked, plain_hour


@bp.get("/asesor/minggu")
@asesor_only
def week() -> ResponseReturnValue:
    monday, today = asked_monday(g.actor.zone)
    return page(
        "asesor/week.html",
        days=weeks.week_of(monday, g.actor.zone, asesor_id=g.actor.id),
        today=today,
        monday=monday,
        hour=plain_hour,
        booked=only_booked(),
        zone=zona_singkat(g.actor.zone),
    )
