"""The register of keluhan on the admin's dashboard; each is handled on a page that its investigator has too."""

from __future__ import annotations

from typing import Any

from flask import g
from flask.typing import ResponseReturnValue

from lsp.permissions import access
from lsp.services import disputes
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.navigation import admin_tabs
from lsp.views.complaints import bp as handling, listed
from lsp.vocabulary import Role


@bp.get("/keluhan")
@access(roles=ADMIN)
def complaint_list() -> ResponseReturnValue:
    return listed("admin/complaints/list.html", "admin.complaint_list")


@handling.context_processor
def tabs() -> dict[str, Any]:
    """The admin keeps his tabs on the page of a keluhan, which stands outside the dashboard."""
    if not g.actor.has(Role.ADMIN):
        return {}
    return {"admin_tabs": admin_tabs, "waits_at_claims": disputes.count_waiting()}
