"""Asking an asesor for FR.AK.05 and FR.AK.06 of a jadwal; what they say is read in views/reports.py."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Jadwal, User
from lsp.permissions import access, writes
from lsp.services import jadwal_reports
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.jadwal import any_jadwal
from lsp.views.html import redirect_after_post
from lsp.workflow.jadwal_reports import reporters


def reporter_of_jadwal(actor: Actor, jadwal_id: str, user_id: str) -> Mapping[str, object] | None:
    """An asesor who owes the reports of that very jadwal, as `g.asesor` and `g.jadwal`."""
    found = any_jadwal(actor, jadwal_id)
    if found is None:
        return None
    jadwal = found["jadwal"]
    assert isinstance(jadwal, Jadwal)  # noqa: S101 - what the loader gives
    if user_id not in {each.public_id for each in reporters(jadwal)}:
        return None
    return {**found, "asesor": db.session.scalar(select(User).where(User.public_id == user_id))}


@bp.post("/jadwal/<jadwal_id>/laporan/<user_id>/ingatkan")
@access(roles=ADMIN, load=reporter_of_jadwal)
@writes
def remind_report(jadwal_id: str, user_id: str) -> ResponseReturnValue:
    where = url_for("admin.jadwal", jadwal_id=jadwal_id)
    try:
        jadwal_reports.remind(g.actor, g.jadwal, g.asesor)
    except DomainError as refusal:
        db.session.rollback()
        return redirect_after_post(where, str(refusal), tone="wait")
    db.session.commit()
    return redirect_after_post(where, "Asesor diingatkan lewat e-mail.")
