"""Pengaturan: days off of an asesor, noted for him by the admin on the page of his data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp.actor import Actor
from lsp.database import db
from lsp.permissions import access, writes
from lsp.services import days_off
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.register import asesor_page, one_asesor, stored_asesor_form
from lsp.views.html import redirect_after_post
from lsp.views.noting_days_off import MISTAKEN, filled_again, note_days_off


def day_off_of_asesor(actor: Actor, user_id: str, day_off_id: str) -> Mapping[str, object] | None:
    """A day off of that very asesor, as `g.day_off` and `g.person`."""
    found = one_asesor(actor, user_id)
    if found is None:
        return None
    row = days_off.one(found["person"].id, day_off_id)  # type: ignore[attr-defined]
    return {**found, "day_off": row} if row is not None else None


@bp.post("/pengaturan/asesor/<user_id>/tidak-bertugas")
@access(roles=ADMIN, load=one_asesor)
@writes
def add_day_off(user_id: str) -> ResponseReturnValue:
    return note_days_off(
        g.person,
        again=lambda form: asesor_page(stored_asesor_form(), off_form=form, status=422),
        back_url=_url(user_id),
    )


@bp.post("/pengaturan/asesor/<user_id>/tidak-bertugas/<day_off_id>/hapus")
@access(roles=ADMIN, load=day_off_of_asesor)
@writes
def remove_day_off(user_id: str, day_off_id: str) -> ResponseReturnValue:
    days_off.remove(g.actor, g.person, g.day_off)
    back = _url(user_id, **filled_again(g.day_off))
    db.session.commit()
    said = f"Dihapus. Pada hari itu asesor dapat bertugas lagi. {MISTAKEN}"
    return redirect_after_post(back, said)


def _url(user_id: str, **typed: Any) -> str:
    return url_for("admin.asesor", user_id=user_id, **typed, _anchor="libur")
