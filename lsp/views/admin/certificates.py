"""The admin's list of certificates; one of them stands on a page that other roles read too (certificate_pages.py)."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from lsp.permissions import access
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.certificate_pages import list_page


@bp.get("/sertifikat")
@access(roles=ADMIN)
def certificate_list() -> ResponseReturnValue:
    return list_page("admin/certificates.html", "admin.certificate_list")
