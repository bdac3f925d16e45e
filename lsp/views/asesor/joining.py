"""The asesor goes into a meeting, also one he holds as asesor 2: the moment is written, then the room opens."""

from __future__ import annotations

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.permissions import writes
from lsp.services import joining
from lsp.views.asesor.shared import CASE, address, assigned, bp
from lsp.views.html import redirect_after_post
from lsp.views.leaving import leave_for
from lsp.workflow.dossier import dossier_of


@bp.post(f"{CASE}/masuk-rapat")
@assigned
@writes
def join_meeting(permohonan_id: str) -> ResponseReturnValue:
    here, seat = address("permohonan", g.permohonan), dossier_of(g.permohonan).booking
    if seat is None:
        return redirect_after_post(here, "Tidak ada rapat yang terjadwal.", tone="bad")
    try:
        room = joining.enter(g.actor, seat)
    except DomainError as refusal:
        db.session.rollback()
        return redirect_after_post(here, str(refusal), tone="bad")
    db.session.commit()
    return leave_for(
        room,
        title="Masuk ke ruang rapat",
        label="Buka ruang rapat",
        back_url=here,
        hint=f"Asesi tidak menemukan tautannya? Ia dapat membukanya lewat {url_for('asesi.home', _external=True)}.",
    )
