"""The admin's list of certificates; one of them stands on a page that other roles read too (certificate_pages.py)."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from lsp.permissions import access, writes_itself
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.certificate_pages import ListPlace, find, list_page

PLACE = ListPlace("admin/certificates.html", "admin.certificate_list", "admin.find_certificates")


@bp.get("/sertifikat")
@access(roles=ADMIN)
def certificate_list() -> ResponseReturnValue:
    return list_page(PLACE)


@bp.post("/sertifikat/cari")
@access(roles=ADMIN)
@writes_itself
def find_certificates() -> ResponseReturnValue:
    return find(PLACE)
