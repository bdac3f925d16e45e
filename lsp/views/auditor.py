"""The auditor reads: cases as the admin has them, without a single button, and the audit chain."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from lsp.permissions import access, visible_permohonan, writes_itself
from lsp.services import audit, audit_list
from lsp.views.admin.desk import Desk
from lsp.views.admin.work import find, show_case, show_list
from lsp.views.html import page
from lsp.vocabulary import Role

bp = Blueprint("auditor", __name__, url_prefix="/auditor")
AUDITOR = (Role.AUDITOR,)
DESK = Desk(
    Role.AUDITOR, "auditor/home.html", "Permohonan", "auditor.home", "auditor.permohonan", "auditor.search",
    acts=False,
)  # fmt: skip
FAULTS = {
    "missing": "baris ini hilang",
    "changed": "baris ini berubah sesudah ditulis",
    "cut off": "baris terakhir terpotong",
}


@bp.get("")
@access(roles=AUDITOR)
def home() -> ResponseReturnValue:
    return show_list(DESK)


@bp.post("/cari")
@access(roles=AUDITOR)
@writes_itself
def search() -> ResponseReturnValue:
    return find(DESK)


@bp.get("/permohonan/<permohonan_id>")
@access(roles=AUDITOR, load=visible_permohonan)
def permohonan(permohonan_id: str) -> ResponseReturnValue:
    return show_case(DESK)


@bp.get("/rantai")
@access(roles=AUDITOR)
def chain() -> ResponseReturnValue:
    return _page()


@bp.post("/rantai")
@access(roles=AUDITOR)
@writes_itself
def check_chain() -> ResponseReturnValue:
    """Walk the whole chain now. Reads only; a POST because it is long and nobody should do it by a link."""
    fault = audit.first_fault()
    if fault is None:
        return _page(notice="Rantai utuh: setiap baris cocok dengan baris sebelumnya.", tone="ok")
    number, what = fault
    return _page(
        notice=f"Rantai putus di baris {number}: {FAULTS[what]}. Hubungi pengelola portal, jangan ubah apa pun.",
        tone="bad",
    )


def _page(*, notice: str = "", tone: str = "info") -> ResponseReturnValue:
    asked = request.args.get("sebelum", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None
    found = audit_list.page(before)
    return page(
        "auditor/chain.html",
        fragment="auditor/_chain.html",
        lines=found.lines,
        next_url=url_for("auditor.chain", sebelum=found.next_before) if found.next_before else "",
        first_url=url_for("auditor.chain") if before else "",
        notice=notice,
        tone=tone,
    )
