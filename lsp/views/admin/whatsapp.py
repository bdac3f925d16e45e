"""WhatsApp by the admin to the asesi of a case (views/whatsapp.py)."""

from __future__ import annotations

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp.permissions import access, visible_permohonan, writes
from lsp.views import whatsapp
from lsp.views.admin.blueprint import ADMIN, bp


@bp.get("/permohonan/<permohonan_id>/whatsapp", endpoint="whatsapp")
@access(roles=ADMIN, load=visible_permohonan)
def show_whatsapp(permohonan_id: str) -> ResponseReturnValue:
    return whatsapp.show_texts(*_around())


@bp.post("/permohonan/<permohonan_id>/whatsapp")
@access(roles=ADMIN, load=visible_permohonan)
@writes
def open_whatsapp(permohonan_id: str) -> ResponseReturnValue:
    return whatsapp.open_text(*_around())


def _around() -> tuple[str, str, str]:
    """Where the page leads back, where its forms post, what stands in its head."""
    case = {"permohonan_id": g.permohonan.public_id}
    return (
        url_for("admin.permohonan", **case),
        url_for("admin.open_whatsapp", **case),
        "Dasbor admin",
    )
