"""Data that did not fit in a pre-assessment: the admin says what he did about it, and it leaves his work."""

from __future__ import annotations

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.permissions import access, visible_permohonan, writes
from lsp.services import data_check
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.desk import ADMIN_DESK
from lsp.views.admin.work import show_case
from lsp.views.html import redirect_after_post


@bp.post("/permohonan/<permohonan_id>/data-tidak-sesuai")
@access(roles=ADMIN, load=visible_permohonan)
@writes
def resolve_data(permohonan_id: str) -> ResponseReturnValue:
    note = request.form.get("note", "")
    try:
        data_check.resolve(g.actor, g.permohonan, note=note)
    except DomainError as refusal:
        db.session.rollback()
        return show_case(ADMIN_DESK, notice=str(refusal), typed={"unfit_note": note}, status=422)
    db.session.commit()
    back = url_for("admin.permohonan", permohonan_id=g.permohonan.public_id)
    return redirect_after_post(back, "Tindak lanjut tercatat.")
