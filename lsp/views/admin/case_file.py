"""The whole file of a case as the admin reads it: the list of its papers, then the papers themselves, FR.IA too."""

from __future__ import annotations

from flask import g, request
from flask.typing import ResponseReturnValue

from lsp.permissions import access, visible_permohonan
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.html import page
from lsp.views.paper_links import checklist
from lsp.views.plan_words import kinds
from lsp.views.tim_teknis_file import read_case
from lsp.vocabulary import Role


@bp.get("/permohonan/<permohonan_id>/berkas")
@access(roles=ADMIN, load=visible_permohonan)
def case_file(permohonan_id: str) -> ResponseReturnValue:
    """Read only. ?cetak opens everything that is folded, so that it is on the paper too."""
    file = read_case(g.permohonan)
    return page(
        "admin/case_file.html",
        case=g.permohonan,
        file=file,
        kinds=kinds,
        unfolded="cetak" in request.args,
        **checklist(g.permohonan, file, g.actor, Role.ADMIN),
    )
