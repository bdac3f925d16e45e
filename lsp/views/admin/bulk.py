"""Something for many cases at once: tick them in the work list, read who is meant and who is not, then press."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from lsp import ids
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import User, WorkBatch
from lsp.permissions import access, writes
from lsp.services import bulk
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.list_filter import ListFilter
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import Role

_NOTHING = "Belum ada yang dicentang. Centang nama di daftar, lalu pilih tindakannya lagi."
_NO_PERSON = "Verifikator itu tidak ada lagi di daftar petugas. Pilih orang lain, lalu ulangi."
_PUBLIC_ID = re.compile(r"[0-9A-Z]{16}")


def any_batch(_actor: Actor, work_batch_id: str) -> Mapping[str, object] | None:
    found = bulk.batch(work_batch_id)
    return {"batch": found} if found is not None else None


@bp.get("/banyak/verifikator")
@access(roles=ADMIN)
def ask_assign() -> ResponseReturnValue:
    ticked, verifier = request.args.getlist("pilih"), _verifier(request.args)
    if not ticked or verifier is None:
        return _back(_NO_PERSON if ticked else _NOTHING)
    return page(
        "admin/bulk.html",
        plan=bulk.plan_assignment(g.actor, ticked, verifier),
        verifier=verifier,
        title=f"Tetapkan {verifier.name} sebagai verifikator?",
        action=url_for("admin.assign_many"),
        label="Tetapkan verifikator",
        **_around(),
    )


@bp.get("/banyak/pengingat")
@access(roles=ADMIN)
def ask_remind() -> ResponseReturnValue:
    ticked = request.args.getlist("pilih")
    if not ticked:
        return _back(_NOTHING)
    return page(
        "admin/bulk.html",
        plan=bulk.plan_reminders(g.actor, ticked),
        verifier=None,
        title="Kirim pengingat kepada asesi?",
        action=url_for("admin.remind_many"),
        label="Kirim pengingat",
        **_around(),
    )


@bp.post("/banyak/verifikator")
@access(roles=ADMIN)
@writes
def assign_many() -> ResponseReturnValue:
    drawn, verifier = request.form.getlist("pilih"), _verifier(request.form)
    if not drawn or verifier is None:
        return _back(_NO_PERSON if drawn else _NOTHING)
    made = bulk.assign(g.actor, _batch_id(), drawn, verifier)
    return _done(made)


@bp.post("/banyak/pengingat")
@access(roles=ADMIN)
@writes
def remind_many() -> ResponseReturnValue:
    drawn = request.form.getlist("pilih")
    if not drawn:
        return _back(_NOTHING)
    return _done(bulk.remind(g.actor, _batch_id(), drawn))


@bp.get("/banyak/<work_batch_id>")
@access(roles=ADMIN, load=any_batch)
def batch(work_batch_id: str) -> ResponseReturnValue:
    return _show(g.batch)


@bp.post("/banyak/<work_batch_id>/batalkan")
@access(roles=ADMIN, load=any_batch)
@writes
def undo_batch(work_batch_id: str) -> ResponseReturnValue:
    """Give the cases back to whom they belonged before."""
    try:
        bulk.undo(g.actor, g.batch)
    except DomainError as refusal:
        db.session.rollback()
        return _show(g.batch, status=409, notice=str(refusal))
    db.session.commit()
    return redirect_after_post(_address(g.batch), "Penetapan dibatalkan.")


def _verifier(values: Mapping[str, str]) -> User | None:
    """Who was chosen; oneself where nobody was."""
    return bulk.admin_of(values.get("verifikator", "") or g.actor.public_id)


def _batch_id() -> str:
    """Drawn with the confirming page, so that a second press is known; never taken when it is no such id."""
    drawn = request.form.get("tindakan", "")
    return drawn if _PUBLIC_ID.fullmatch(drawn) else ids.public_id()


def _dari() -> str:
    return ListFilter.unpack(request.values.get("dari", "")).packed


def _list_url() -> str:
    dari = _dari()
    return url_for("admin.home") + (f"?{dari}" if dari else "")


def _around() -> dict[str, Any]:
    return {"batch_id": ids.public_id(), "dari": _dari(), "back_url": _list_url()}


def _back(sentence: str) -> ResponseReturnValue:
    return redirect_after_post(_list_url(), sentence, tone="wait")


def _address(made: WorkBatch) -> str:
    return url_for("admin.batch", work_batch_id=made.public_id, dari=_dari() or None)


def _done(made: WorkBatch) -> ResponseReturnValue:
    db.session.commit()
    return redirect_after_post(_address(made))


def _show(made: WorkBatch, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    names = bulk.names_of(g.actor, made)
    case_url = url_for("admin.permohonan", permohonan_id="-", dari=_dari() or None)
    before, after = case_url.split("-", 1)
    cases = [(names[key], f"{before}{key}{after}") for key, _ in made.done if key in names]
    left = [
        (names[key], f"{before}{key}{after}", reason)
        for key, reason in made.left_out
        if key in names
    ]
    return page(
        "admin/batch.html",
        status=status,
        batch=made,
        undone=bulk.undone(made),
        title="Verifikator ditetapkan" if made.verifier else "Pengingat dikirim",
        cases=cases,
        left=left,
        may_undo=made.verifier is not None and made.undone_at is None and bool(made.done),
        dari=_dari(),
        back_url=_list_url(),
        notice=notice,
        role=Role.ADMIN,
    )
