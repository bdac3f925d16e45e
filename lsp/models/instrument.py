"""MUK: the content of the instruments FR.IA.01 to FR.IA.11 of a skema version, per kelompok pekerjaan (forms 7).

What an asesi is asked stands here; what he answered stands in `filled_instrument.py`.
"""

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
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp.database import enum_type
from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.models.skema import Elemen, Kuk, SkemaVersion, UnitKompetensi
from lsp.vocabulary import InstrumentPaper, ItemKind

_IS_DRAFT = text("published_at IS NULL")


class Instrument(Identified, Created, Model):
    """A version of one instrument for a kelompok pekerjaan, or for the whole skema (`kelompok` empty).

    Edited only while a draft; from its first day on, `items` and `head` stay as they are and a case keeps asking
    what it was begun with. `head` holds what stands above the rows (scenario, equipment, minutes, product data).
    """

    __tablename__ = "instrument"
    __table_args__ = (
        UniqueConstraint("skema_version_id", "paper", "kelompok", "version_number"),
        CheckConstraint(
            "(published_at IS NULL) = (effective_from IS NULL)", name="published_has_date"
        ),
        Index(
            "uq_instrument_one_draft",
            "skema_version_id",
            "paper",
            "kelompok",
            unique=True,
            sqlite_where=_IS_DRAFT,
            postgresql_where=_IS_DRAFT,
        ),
    )

    skema_version_id: Mapped[int] = mapped_column(ForeignKey("skema_version.id"))
    paper: Mapped[InstrumentPaper] = mapped_column(enum_type(InstrumentPaper))
    kelompok: Mapped[str] = mapped_column(String(120), default="")
    version_number: Mapped[int]
    effective_from: Mapped[date | None] = mapped_column(Date)
    published_at: Mapped[datetime | None]
    head: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: Penyusun and validator: name, MET number, date (forms 1.5), as in a MAPA.
    people: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    #: Rows taken out of a draft, the last one last, so that they can come back; empty once it is in force.
    removed: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)

    skema_version: Mapped[SkemaVersion] = relationship()
    items: Mapped[list[InstrumentItem]] = relationship(
        back_populates="instrument",
        order_by="InstrumentItem.position",
        cascade="all, delete-orphan",
    )


class InstrumentItem(Model):
    """A row of an instrument: a question, statement, instruction or aspect, with what it is about.

    `key` is the expected answer: no page and no answer of the asesi's ever carries it. `options`: choices of a
    FR.IA.05 question, or the sub-rows of an aspect of FR.IA.11.
    """

    __tablename__ = "instrument_item"
    __table_args__ = (UniqueConstraint("instrument_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    instrument_id: Mapped[int] = mapped_column(ForeignKey("instrument.id"))
    position: Mapped[int]
    kind: Mapped[ItemKind] = mapped_column(enum_type(ItemKind))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit_kompetensi.id"))
    elemen_id: Mapped[int | None] = mapped_column(ForeignKey("elemen.id"))
    kuk_id: Mapped[int | None] = mapped_column(ForeignKey("kuk.id"))
    text: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text, default="")
    options: Mapped[list[str]] = mapped_column(JSON, default=list)

    instrument: Mapped[Instrument] = relationship(back_populates="items")
    unit: Mapped[UnitKompetensi | None] = relationship()
    elemen: Mapped[Elemen | None] = relationship()
    kuk: Mapped[Kuk | None] = relationship()
