"""Columns that many tables share."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from lsp import clock, ids


class Identified:
    """Integer key inside, random identifier in addresses."""

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=ids.public_id)


class Created:
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
