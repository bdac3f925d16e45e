"""The asesi goes into his meeting."""

from __future__ import annotations

from flask import g
from flask.typing import ResponseReturnValue

from lsp.permissions import writes
from lsp.views.asesi.shared import CASE, address, bp, own
from lsp.views.joining import go_in
from lsp.workflow.dossier import dossier_of


@bp.post(f"{CASE}/rapat/masuk")
@own
@writes
def join_meeting(permohonan_id: str) -> ResponseReturnValue:
    return go_in(
        dossier_of(g.permohonan).booking,
        door="asesi",
        back_url=address("meeting", g.permohonan),
        hint="Ruang rapat dibuka di luar portal. Jangan tutup halaman portal: di sana Anda menandatangani.",
    )
