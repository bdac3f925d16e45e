"""The admin's week: the meetings of all asesor, or of one, by day."""

from __future__ import annotations

from flask import g, request
from flask.typing import ResponseReturnValue

from lsp.permissions import access
from lsp.services import register, week as weeks
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.filters import zona_singkat
from lsp.views.html import page
from lsp.views.week_address import asked_monday, only_booked, plain_hour


@bp.get("/jadwal/minggu")
@access(roles=ADMIN)
def week() -> ResponseReturnValue:
    monday, today = asked_monday(g.actor.zone)
    people = [person for person, _profile in register.asesor_list()]
    wanted = request.args.get("asesor", "")
    chosen = next((person for person in people if person.public_id == wanted), None)
    return page(
        "admin/jadwal/week.html",
        days=weeks.week_of(monday, g.actor.zone, asesor_id=chosen.id if chosen else None),
        today=today,
        monday=monday,
        people=people,
        chosen=chosen.public_id if chosen else "",
        zone=zona_singkat(g.actor.zone),
        hour=plain_hour,
        booked=only_booked(),
    )
