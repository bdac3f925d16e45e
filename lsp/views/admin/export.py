"""The work list as a file: ask for it, wait on a page that needs no scripts, download it within a day."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.actor import Actor
from lsp.database import begin_write, db
from lsp.errors import DomainError
from lsp.permissions import access, writes
from lsp.services import list_export as exports
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.list_filter import ListFilter
from lsp.views.files import stored_file
from lsp.views.html import page, redirect_after_post


def own_list(actor: Actor, export_id: str) -> Mapping[str, object] | None:
    """A list this person asked for, as `g.made`; a colleague's is nobody else's."""
    found = exports.own_export(actor, export_id)
    return {"made": found} if found is not None else None


@bp.post("/unduh")
@access(roles=ADMIN)
@writes
def export_list() -> ResponseReturnValue:
    wanted = ListFilter.unpack(request.form.get("dari", "")).settled()
    try:
        made = exports.ask(g.actor, wanted.wanted(), format=request.form.get("bentuk", ""))
    except DomainError as refusal:
        db.session.rollback()
        return redirect_after_post(_list_url(wanted.packed), str(refusal), tone="wait")
    db.session.commit()
    return redirect_after_post(
        url_for("admin.list_export", export_id=made.public_id, dari=wanted.packed or None)
    )


@bp.get("/unduh/<export_id>")
@access(roles=ADMIN, load=own_list)
def list_export(export_id: str) -> ResponseReturnValue:
    dari = ListFilter.unpack(request.args.get("dari", "")).packed
    return page(
        "admin/export.html",
        fragment="admin/_export.html",
        made=g.made,
        progress=exports.progress(g.made),
        gone_at=g.made.created_at + exports.KEPT,
        most=exports.MOST,
        again_url=url_for("admin.list_export", export_id=export_id, dari=dari or None),
        back_url=_list_url(dari),
    )


@bp.get("/unduh/<export_id>/berkas")
@access(roles=ADMIN, load=own_list)
def download_export(export_id: str) -> ResponseReturnValue:
    """The file itself; each download leaves a line in the audit chain."""
    made = g.made
    if made.storage_key is None:
        return redirect_after_post(url_for("admin.list_export", export_id=export_id))
    day = made.created_at.astimezone(clock.WIB)
    name = f"permohonan-{day:%Y-%m-%d}.{made.format}"
    answer = stored_file(made.storage_key, exports.FORMATS[made.format], name)
    begin_write()
    exports.note_download(g.actor, made)
    db.session.commit()
    return answer


def _list_url(dari: str) -> str:
    return url_for("admin.home") + (f"?{dari}" if dari else "")
