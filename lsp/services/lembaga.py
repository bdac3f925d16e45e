"""The LSP's own data for pages that must be drawn even without it."""

from __future__ import annotations

from sqlalchemy.exc import OperationalError, ProgrammingError

from lsp.models import Lembaga
from lsp.models.inforce import current_lembaga


def current_or_none() -> Lembaga | None:
    """The data in force, or None where a page must be drawn without it (error pages, an empty database)."""
    try:
        return current_lembaga()
    except (LookupError, OperationalError, ProgrammingError):
        return None
