"""Taking back a wrong tick: a page that says what happens and asks why."""

from __future__ import annotations

from flask import abort, g
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.base import ActionForm
from lsp.permissions import writes
from lsp.services import corrections
from lsp.views.asesor.shared import CASE, address, assigned, bp, onward
from lsp.views.html import page, reason_field
from lsp.workflow.machine import LEAST_REASON


@bp.get(f"{CASE}/catat/<item>/batal")
@assigned
def ask_take_back(permohonan_id: str, item: str) -> ResponseReturnValue:
    if item not in corrections.RECORDED:
        abort(404)
    refused = corrections.refusal(g.actor, g.permohonan, item)
    if refused is not None:
        return onward("permohonan", g.permohonan, refused, tone="wait")
    return _page(item)


@bp.post(f"{CASE}/catat/<item>/batal")
@assigned
@writes
def take_back(permohonan_id: str, item: str) -> ResponseReturnValue:
    if item not in corrections.RECORDED:
        abort(404)
    form = ActionForm()
    if not form.validate() or len(form.note.data or "") < LEAST_REASON:
        return _page(item, form, status=422)
    try:
        corrections.take_back(g.actor, g.permohonan, item, reason=form.note.data or "")
    except DomainError as refusal:
        db.session.rollback()
        return _page(item, form, status=409, notice=str(refusal))
    db.session.commit()
    return onward("permohonan", g.permohonan, "Catatan dibatalkan. Keduanya tetap ada di riwayat.")


def _page(
    item: str, form: ActionForm | None = None, *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    words = corrections.RECORDED[item][1]
    least = LEAST_REASON
    return page(
        "confirm.html",
        status=status,
        title="Batalkan catatan ini?",
        happens=[
            f"“{words}” kembali belum tercatat. Anda dapat mencatatnya lagi nanti.",
            "Catatan semula, pembatalannya, dan alasan Anda tetap tersimpan di riwayat rapat.",
        ],
        action=address("take_back", g.permohonan, item=item),
        label="Batalkan catatan",
        back_label="Tidak jadi, kembali",
        tone="bad",
        back_url=address("permohonan", g.permohonan),
        version=g.permohonan.version,
        notice_text=notice,
        reason_field=reason_field(
            form,
            hint=f"Sedikitnya {least} huruf.",
            error=f"Tulis alasan sedikitnya {least} huruf." if status == 422 else "",
        ),
    )
