"""The LSP's own data for pages that must be drawn even without it."""

from __future__ import annotations

from sqlalchemy.exc import OperationalError, ProgrammingError

from lsp.models import Lembaga
from lsp.models.inforce import (
    SettingMissing,
    add_working_days,
    current_lembaga,
    fee,
    setting,
)

current = current_lembaga


def current_or_none() -> Lembaga | None:
    """As `current`, but None where a page must be drawn without it (error pages, an empty database)."""
    try:
        return current_lembaga()
    except (LookupError, OperationalError, ProgrammingError):
        return None


__all__ = ["SettingMissing", "add_working_days", "current", "current_or_none", "fee", "setting"]
