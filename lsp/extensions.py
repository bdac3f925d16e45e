"""Unbound extension objects; `create_app` binds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_login import LoginManager
from flask_wtf import CSRFProtect

from lsp.database import Base, db

login_manager = LoginManager()
csrf = CSRFProtect()

if TYPE_CHECKING:
    Model = Base  # mypy sees a plain declarative class
else:
    Model = db.Model

__all__ = ["Model", "csrf", "db", "login_manager"]
