"""Pengambilan, many at once: tick who gets a new link, read who is meant and who is not, then press."""

from __future__ import annotations

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.permissions import access, writes
from lsp.services import claim_links
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.html import page, redirect_after_post

_NOBODY = (
    "Tidak ada yang dapat dikirimi: belum ada yang dicentang, atau tautannya baru saja dikirim."
)


@bp.get("/belum-diambil/kirim")
@access(roles=ADMIN)
def ask_send_links() -> ResponseReturnValue:
    ticked, everybody = request.args.getlist("pilih"), request.args.get("semua") == "ya"
    plan = claim_links.plan(g.actor, ticked, everybody=everybody)
    if not plan.meant and not plan.left_out:
        return redirect_after_post(url_for("admin.claim_list"), _NOBODY, tone="wait")
    count = len(plan.meant)
    return page(
        "confirm.html",
        title=f"Kirim tautan lagi kepada {count} asesi?",
        happens=[
            *[f"{claim.permohonan.asesi_name}, {claim.permohonan.asesi.email}." for claim in plan.meant],
            "Tautan lama mereka tidak berlaku lagi." if count else "Tidak ada yang dikirimi.",
        ],
        listed=[(claim.permohonan.asesi_name, reason) for claim, reason in plan.left_out],
        listed_title="Tidak ikut dikirimi",
        action=url_for("admin.send_links"),
        label="Kirim tautan lagi",
        back_url=url_for("admin.claim_list"),
        repeated=[("pilih", claim.permohonan.public_id) for claim in plan.meant],
    )  # fmt: skip


@bp.post("/belum-diambil/kirim")
@access(roles=ADMIN)
@writes
def send_links() -> ResponseReturnValue:
    count = claim_links.send(g.actor, request.form.getlist("pilih"))
    db.session.commit()
    said = f"{count} tautan baru masuk antrean kirim." if count else _NOBODY
    return redirect_after_post(url_for("admin.claim_list"), said, tone="ok" if count else "wait")
