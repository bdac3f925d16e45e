"""Banding: an appeal against a decision, with its panel, its findings and its history (workflow 2, process 6.2)."""

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
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp.database import enum_type
from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.models.permohonan import Permohonan
from lsp.models.user import User
from lsp.vocabulary import BandingStatus, Role


class Banding(Identified, Created, Model):
    """One appeal of an attempt's decision. `fr_ak_04`: the three answers of the form, and who helps the asesi.

    `outcome` facts stand here once the panel proposed them; they become final when all its members signed.
    """

    __tablename__ = "banding"
    __table_args__ = (
        CheckConstraint("outcome IN ('', 'uphold', 'reassess', 'redecide')", name="outcome_known"),
        Index("ix_banding_case", "permohonan_id", "attempt"),
        Index("ix_banding_status", "status", "status_at"),
    )

    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"))
    attempt: Mapped[int]
    status: Mapped[BandingStatus] = mapped_column(
        enum_type(BandingStatus), default=BandingStatus.FILED
    )
    status_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    number: Mapped[str] = mapped_column(String(60), default="")
    filed_at: Mapped[datetime]
    fr_ak_04: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    words_version: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str] = mapped_column(Text)
    completion_asked: Mapped[str] = mapped_column(Text, default="")
    completion_due: Mapped[date | None] = mapped_column(Date)
    completion: Mapped[str] = mapped_column(Text, default="")
    outcome: Mapped[str] = mapped_column(String(10), default="")
    outcome_reason: Mapped[str] = mapped_column(Text, default="")
    letter_number: Mapped[str] = mapped_column(String(60), default="")
    new_asesor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    permohonan: Mapped[Permohonan] = relationship()
    new_asesor: Mapped[User | None] = relationship()
    members: Mapped[list[BandingMember]] = relationship(
        back_populates="banding", order_by="BandingMember.id"
    )


class BandingMember(Created, Model):
    """A member of the panel: what he found on reading the file, and his signature under the outcome."""

    __tablename__ = "banding_member"
    __table_args__ = (
        UniqueConstraint("banding_id", "user_id"),
        CheckConstraint("(found_at IS NULL) = (finding = '')", name="found_has_words"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    banding_id: Mapped[int] = mapped_column(ForeignKey("banding.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    not_teaching_declared_at: Mapped[datetime | None]
    finding: Mapped[str] = mapped_column(Text, default="")
    found_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]

    banding: Mapped[Banding] = relationship(back_populates="members")
    user: Mapped[User] = relationship()


class BandingEvent(Model):
    """A step of a banding: who took it, when, with which words. Written once."""

    __tablename__ = "banding_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    banding_id: Mapped[int] = mapped_column(ForeignKey("banding.id"), index=True)
    at: Mapped[datetime]
    transition: Mapped[str] = mapped_column(String(40))
    source: Mapped[BandingStatus | None] = mapped_column(enum_type(BandingStatus))
    target: Mapped[BandingStatus] = mapped_column(enum_type(BandingStatus))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    actor_role: Mapped[Role] = mapped_column(enum_type(Role))
    note: Mapped[str] = mapped_column(Text, default="")

    actor: Mapped[User | None] = relationship()
