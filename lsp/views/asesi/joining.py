"""The asesi goes into his meeting: the moment is written, then the room opens in another tab."""

from __future__ import annotations

from flask import g
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.permissions import writes
from lsp.services import joining
from lsp.views.asesi.shared import CASE, address, bp, own
from lsp.views.html import redirect_after_post
from lsp.views.leaving import leave_for
from lsp.workflow.dossier import dossier_of


@bp.post(f"{CASE}/rapat/masuk")
@own
@writes
def join_meeting(permohonan_id: str) -> ResponseReturnValue:
    """Needs no version: going in changes nothing of the case, and is never stale."""
    here, seat = address("meeting", g.permohonan), dossier_of(g.permohonan).booking
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
        hint="Ruang rapat dibuka di luar portal. Jangan tutup halaman portal: di sana Anda menandatangani.",
    )
