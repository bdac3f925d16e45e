"""Deciding that a second factor is taken off an account: the ketua, or of the only ketua another admin."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, g, url_for
from flask.typing import ResponseReturnValue

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.permissions import access, writes
from lsp.services import totp_removal
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import Role

bp = Blueprint("totp_removal", __name__, url_prefix="/lepas-dua-langkah")
TWO_OTHERS = (Role.KETUA, Role.ADMIN)


def one_removal(_actor: Actor, removal_id: str) -> Mapping[str, object] | None:
    """A request as `g.removal`, decided or not."""
    found = totp_removal.one(removal_id)
    return {"removal": found} if found is not None else None


@bp.get("/<removal_id>")
@access(roles=TWO_OTHERS, load=one_removal)
def ask_decide(removal_id: str) -> ResponseReturnValue:
    return _confirm(notice=totp_removal.refusal(g.actor, g.removal))


@bp.post("/<removal_id>/lepas")
@access(roles=TWO_OTHERS, load=one_removal)
@writes
def take_off(removal_id: str) -> ResponseReturnValue:
    return _decided("dilepas. Ia diberi tahu lewat e-mail.", approve=True)


@bp.post("/<removal_id>/biarkan")
@access(roles=TWO_OTHERS, load=one_removal)
@writes
def keep(removal_id: str) -> ResponseReturnValue:
    return _decided("tetap aktif. Permintaan ditolak.", approve=False)


def _decided(word: str, *, approve: bool) -> ResponseReturnValue:
    name = g.removal.user.name
    try:
        totp_removal.decide(g.actor, g.removal, approve=approve)
    except DomainError as refusal:
        db.session.rollback()
        return _confirm(notice=str(refusal), status=409)
    db.session.commit()
    return redirect_after_post(_back(), f"Verifikasi dua langkah {name} {word}")


def _confirm(*, notice: str = "", status: int = 200) -> ResponseReturnValue:
    row = g.removal
    return page(
        "ketua/totp_removal.html",
        status=status,
        row=row,
        title=f"Lepas verifikasi dua langkah {row.user.name}?",
        happens=[
            f"Diminta {row.proposed_by.name}: {row.reason}",
            "Pastikan dulu bahwa permintaan ini benar dari orangnya, misalnya lewat telepon atau bertemu.",
            "Sesudah dilepas, masuk cukup dengan kata sandi. Semua perangkatnya dikeluarkan.",
            "Ia dapat mengaktifkannya lagi dengan HP yang baru.",
        ],
        action=url_for("totp_removal.take_off", removal_id=row.public_id),
        label="Lepas verifikasi dua langkah",
        tone="bad",
        back_url=_back(),
        notice_text=notice,
    )


def _back() -> str:
    return url_for("ketua.home" if g.actor.has(Role.KETUA) else "admin.staff_list")
