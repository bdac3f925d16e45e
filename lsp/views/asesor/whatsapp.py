"""WhatsApp to the asesi of a meeting, by its asesor (views/whatsapp.py)."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g
from flask.typing import ResponseReturnValue

from lsp.actor import Actor
from lsp.permissions import access, visible_permohonan, writes
from lsp.services.whatsapp import is_his_meeting
from lsp.views import whatsapp
from lsp.views.asesor.shared import CASE, address, bp
from lsp.vocabulary import Role


def case_of_his_meeting(actor: Actor, permohonan_id: str) -> Mapping[str, object] | None:
    """As `visible_permohonan`, for the asesor of its last meeting alone: the asesi's number is private."""
    found = visible_permohonan(actor, permohonan_id)
    return found if found is not None and is_his_meeting(actor, found["permohonan"]) else None  # type: ignore[arg-type]


of_his_meeting = access(roles=(Role.ASESOR,), load=case_of_his_meeting)


@bp.get(f"{CASE}/whatsapp", endpoint="whatsapp")
@of_his_meeting
def show_whatsapp(permohonan_id: str) -> ResponseReturnValue:
    return whatsapp.show_texts(*_around())


@bp.post(f"{CASE}/whatsapp")
@of_his_meeting
@writes
def open_whatsapp(permohonan_id: str) -> ResponseReturnValue:
    return whatsapp.open_text(*_around())


def _around() -> tuple[str, str, str]:
    """Where the page leads back, where its forms post, what stands in its head."""
    case = g.permohonan
    return address("permohonan", case), address("open_whatsapp", case), f"Asesor · {g.actor.name}"
