"""The blueprint of the admin and who may enter it."""

from __future__ import annotations

from flask import Blueprint

from lsp.vocabulary import Role

bp = Blueprint("admin", __name__, url_prefix="/admin")
ADMIN = (Role.ADMIN,)
