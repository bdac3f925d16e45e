"""FR.MAPA.01 and FR.MAPA.02 of a skema version: one row a version of the document, edited only while a draft."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.models.skema import SkemaVersion

_IS_DRAFT = text("published_at IS NULL")


class Mapa(Identified, Created, Model):
    """A version of one MAPA (forms 5). `series` numbers the MAPA of a skema version; its versions share it.

    The sections are JSON: each is written and read as a whole, and its shape is that of the template whose version
    is noted (lsp/data/forms). What they hold stands in lsp/workflow/mapa.py.
    """

    __tablename__ = "mapa"
    __table_args__ = (
        UniqueConstraint("skema_version_id", "series", "version_number"),
        CheckConstraint(
            "(published_at IS NULL) = (effective_from IS NULL)", name="published_has_date"
        ),
        CheckConstraint("approach IN ('portofolio', 'observasi')", name="approach_known"),
        Index(
            "uq_mapa_one_draft",
            "skema_version_id",
            "series",
            unique=True,
            sqlite_where=_IS_DRAFT,
            postgresql_where=_IS_DRAFT,
        ),
    )

    skema_version_id: Mapped[int] = mapped_column(ForeignKey("skema_version.id"))
    series: Mapped[int]
    version_number: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    approach: Mapped[str] = mapped_column(String(20))
    effective_from: Mapped[date | None] = mapped_column(Date)
    published_at: Mapped[datetime | None]
    #: Made by the portal out of the methods of the skema: nobody has drawn it up or validated it yet.
    made_by_portal: Mapped[bool] = mapped_column(default=False)
    mapa_01_version: Mapped[int]
    mapa_02_version: Mapped[int]
    choices: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    matrix: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    instrument_map: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    people: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    skema_version: Mapped[SkemaVersion] = relationship()
