"""The LSP's own data for pages that must be drawn even without it."""

from __future__ import annotations

from datetime import date

from sqlalchemy.exc import OperationalError, ProgrammingError

from lsp.models import Lembaga
from lsp.models.inforce import current_lembaga


def current_or_none(on: date | None = None) -> Lembaga | None:
    """The data in force, today or that day; None where a page must be drawn without it (errors, an empty database)."""
    try:
        return current_lembaga(on)
    except (LookupError, OperationalError, ProgrammingError):
        return None
