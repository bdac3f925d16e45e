"""Texts people agree to, by version, and who agreed to which when (UU PDP 27/2022)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp.database import enum_type
from lsp.extensions import Model
from lsp.vocabulary import ConsentKind


class ConsentText(Model):
    """A version of a text, with the periods of retention of its first day. Never edited: a new wording is a new row."""

    __tablename__ = "consent_text"
    __table_args__ = (UniqueConstraint("kind", "version_number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ConsentKind] = mapped_column(enum_type(ConsentKind))
    version_number: Mapped[int]
    effective_from: Mapped[date] = mapped_column(Date)
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)


class Consent(Model):
    """An agreement given. Withdrawing sets `withdrawn_at`; the row stays as proof."""

    __tablename__ = "consent"
    __table_args__ = (
        Index(
            "uq_consent_standing",
            "permohonan_id",
            "text_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"), index=True)
    text_id: Mapped[int] = mapped_column(ForeignKey("consent_text.id"))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    text: Mapped[ConsentText] = relationship()
