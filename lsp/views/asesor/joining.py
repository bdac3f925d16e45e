"""The asesor goes into a meeting, also one he attends as asesor 2."""

from __future__ import annotations

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp.permissions import writes
from lsp.views.asesor.shared import CASE, address, assigned, bp
from lsp.views.joining import go_in
from lsp.workflow.dossier import dossier_of


@bp.post(f"{CASE}/masuk-rapat")
@assigned
@writes
def join_meeting(permohonan_id: str) -> ResponseReturnValue:
    home = url_for("asesi.home", _external=True)
    return go_in(
        dossier_of(g.permohonan).booking,
        door="asesor",
        back_url=address("permohonan", g.permohonan),
        hint=f"Asesi tidak menemukan tautannya? Ia dapat membukanya lewat {home}.",
    )
