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
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp.database import enum_type
from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.models.permohonan import Permohonan
from lsp.models.user import User
from lsp.vocabulary import OPEN_BANDING, BandingStatus, Role

_STILL_OPEN = text(f"status IN ({', '.join(repr(each.value) for each in OPEN_BANDING)})")


class Banding(Identified, Created, Model):
    """One appeal of an attempt's decision. `fr_ak_04`: the three answers of the form, and who helps the asesi.

    `outcome` facts stand here once the panel proposed them; they become final when all its members signed.
    """

    __tablename__ = "banding"
    __table_args__ = (
        CheckConstraint("outcome IN ('', 'uphold', 'reassess', 'redecide')", name="outcome_known"),
        Index("ix_banding_case", "permohonan_id", "attempt"),
        Index("ix_banding_status", "status", "status_at"),
        # Of two tabs that file at once the second is refused, whatever both read before.
        Index(
            "uq_banding_open",
            "permohonan_id",
            unique=True,
            sqlite_where=_STILL_OPEN,
            postgresql_where=_STILL_OPEN,
        ),
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
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    letter_number: Mapped[str] = mapped_column(String(60), default="")
    new_asesor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    permohonan: Mapped[Permohonan] = relationship()
    new_asesor: Mapped[User | None] = relationship(foreign_keys=[new_asesor_id])
    proposed_by: Mapped[User | None] = relationship(foreign_keys=[proposed_by_id])
    members: Mapped[list[BandingMember]] = relationship(
        back_populates="banding", order_by="BandingMember.id"
    )
    events: Mapped[list[BandingEvent]] = relationship(order_by="BandingEvent.id", viewonly=True)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's name

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_BANDING

    @property
    def panel(self) -> list[BandingMember]:
        """Who sits on it now; a member who was released stays in `members`."""
        return [member for member in self.members if member.released_at is None]

    def member_of(self, user_id: int | None) -> BandingMember | None:
        return next((member for member in self.panel if member.user_id == user_id), None)


class BandingMember(Created, Model):
    """A member of the panel: what he found on reading the file, and his signature under the outcome.

    Who was released (ill, or he taught the asesi) may have read the file, so he stays barred from the case.
    """

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
    released_at: Mapped[datetime | None]
    release_reason: Mapped[str] = mapped_column(Text, default="", server_default="")

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
