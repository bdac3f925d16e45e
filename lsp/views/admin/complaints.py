"""The register of keluhan on the admin's dashboard; each is handled on a page that its investigator has too."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from lsp.permissions import access
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.complaints import listed


@bp.get("/keluhan")
@access(roles=ADMIN)
def complaint_list() -> ResponseReturnValue:
    return listed("admin/complaints/list.html", "admin.complaint_list")
