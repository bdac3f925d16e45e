"""Pages for everybody: who the LSP is, its skema, how a remote assessment goes. Reading only, no script needed."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, url_for
from flask.typing import ResponseReturnValue

from lsp.models.inforce import consent_text
from lsp.permissions import access
from lsp.services import retention, skema as skemas
from lsp.views.html import page
from lsp.vocabulary import ConsentKind

bp = Blueprint("public", __name__)

#: The ministry's own sites (domain: process 4.1).
SIMPAN_URL, PORTAL_URL = "https://simpan.pu.go.id", "https://perizinan.pu.go.id/portal"
#: Where nobody without an account finds anything; search engines need not ask.
PRIVATE_AREAS = (
    "/asesi", "/admin", "/asesor", "/tim-teknis", "/ketua", "/penyelia", "/auditor", "/akun", "/tautan", "/klaim",
    "/verifikasi/", "/kalender/", "/pihak-ketiga/",
    "/keluhan/tanda-terima", "/pemeriksaan-keluhan",
)  # fmt: skip


@bp.get("/")
@access(public=True)
def home() -> ResponseReturnValue:
    return page("public/home.html", skema_list=skemas.public_list(), verify_url=_verify_url())


@bp.get("/skema/<skema_id>")
@access(public=True)
def skema(skema_id: str) -> ResponseReturnValue:
    found = skemas.public_detail(skema_id)
    if found is None:
        abort(404)
    return page(
        "public/skema.html", detail=found, skema=found.summary, version=found.summary.version
    )


@bp.get("/panduan-jarak-jauh")
@access(public=True)
def remote_guide() -> ResponseReturnValue:
    return page("public/remote_guide.html")


@bp.get("/data-pribadi")
@access(public=True)
def personal_data() -> ResponseReturnValue:
    """What is kept about people: the table, and the text that asesi agree to."""
    return page(
        "public/personal_data.html",
        kinds=retention.data_kinds(),
        text=consent_text(ConsentKind.DATA_PROCESSING),
    )


@bp.get("/panduan-portal-perizinan")
@access(public=True)
def portal_guide() -> ResponseReturnValue:
    return page("public/portal_guide.html", simpan_url=SIMPAN_URL, portal_url=PORTAL_URL)


@bp.get("/healthz")
@access(public=True, asks_nobody=True)
def health() -> ResponseReturnValue:
    """For the host's watchdog: the process answers. Asks no database, which has a watchdog of its own."""
    return Response("ok", mimetype="text/plain")


@bp.get("/robots.txt")
@access(public=True)
def robots() -> ResponseReturnValue:
    lines = ["User-agent: *", *(f"Disallow: {area}" for area in PRIVATE_AREAS)]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


def _verify_url() -> str:
    """Address of the certificate check, where this installation has one."""
    for rule in current_app.url_map.iter_rules():
        if rule.rule == "/verifikasi" and "GET" in (rule.methods or ()):
            return url_for(rule.endpoint)
    return ""
