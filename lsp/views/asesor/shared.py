"""What the asesor's views share: the blueprint, the address of a case, answers of panels."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, g, make_response, url_for

from lsp import clock
from lsp.models import Booking, Permohonan
from lsp.permissions import access, visible_permohonan
from lsp.services import joining
from lsp.views.file_address import file_url
from lsp.views.filters import tanggal, zona_singkat
from lsp.views.html import redirect_after_post, told
from lsp.vocabulary import Role
from lsp.workflow.dossier import dossier_of

bp = Blueprint("asesor", __name__)
CASE = "/asesor/permohonan/<permohonan_id>"
#: An asesor and a case that names him, as `g.permohonan`.
assigned = access(roles=(Role.ASESOR,), load=visible_permohonan)
asesor_only = access(roles=(Role.ASESOR,))


@bp.context_processor
def _for_templates() -> dict[str, Any]:
    return {"address": address, "hour": hour, "file_url": file_url}


def address(endpoint: str, permohonan: Permohonan, **more: Any) -> str:
    """Address of a view of this case; `asesor.` need not be said."""
    return url_for(f"asesor.{endpoint}", permohonan_id=permohonan.public_id, **more)


def hour(moment: datetime | None) -> str:
    """09.12 WIB, for what happened in a meeting whose day stands above; in the reader's zone."""
    if moment is None:
        return ""
    zone = g.actor.zone
    return f"{moment.astimezone(ZoneInfo(zone)):%H.%M} {zona_singkat(zone)}"


def own_seat(permohonan: Permohonan) -> Booking | None:
    """The seat held now, when its meeting is this asesor's."""
    seat = dossier_of(permohonan).booking
    return seat if seat is not None and seat.slot.asesor_id == g.actor.id else None


def begins_early(permohonan: Permohonan) -> bool:
    """Whether a tick now would be the first of his own meeting, before its time."""
    seat = own_seat(permohonan)
    return seat is not None and joining.window().begins_early(seat)


def due_words(moment: datetime) -> str:
    """besok pukul 09.00 WIB; further away, the date."""
    zone = ZoneInfo(g.actor.zone)
    days = (moment.astimezone(zone).date() - clock.now().astimezone(zone).date()).days
    near = {0: "hari ini", 1: "besok"}.get(days)
    return f"{near} pukul {hour(moment)}" if near else tanggal(moment)


def answer(*parts: str, status: int = 200, said: str = "") -> Response:
    """An answer to HTMX: a panel, further panels out of band, and what the status region says."""
    text = "".join(parts) + told(said)
    response = make_response(text, status)
    response.vary.add("HX-Request")
    return response


def onward(
    endpoint: str, permohonan: Permohonan, message: str = "", *, tone: str = "ok", **more: Any
) -> Response:
    """To another view of this case, with a message on arrival."""
    return redirect_after_post(address(endpoint, permohonan, **more), message, tone=tone)
