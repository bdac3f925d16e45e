"""WhatsApp to the asesi of a meeting, by its asesor (views/whatsapp.py)."""

from __future__ import annotations

from flask import g
from flask.typing import ResponseReturnValue

from lsp.permissions import writes
from lsp.views import whatsapp
from lsp.views.asesor.shared import CASE, address, assigned, bp


@bp.get(f"{CASE}/whatsapp", endpoint="whatsapp")
@assigned
def show_whatsapp(permohonan_id: str) -> ResponseReturnValue:
    return whatsapp.show_texts(*_around())


@bp.post(f"{CASE}/whatsapp")
@assigned
@writes
def open_whatsapp(permohonan_id: str) -> ResponseReturnValue:
    return whatsapp.open_text(*_around())


def _around() -> tuple[str, str, str]:
    """Where the page leads back, where its forms post, what stands in its head."""
    case = g.permohonan
    return address("permohonan", case), address("open_whatsapp", case), f"Asesor · {g.actor.name}"
