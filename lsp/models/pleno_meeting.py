"""The meeting of a pleno: who was there, what was kept of it when it was online, and its notulen."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp import clock
from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.models.user import User


class CommitteeProfile(Model):
    """What the papers and LPJK's committee report say of a member of the tim teknis, besides his name.

    met_number: of one who is no asesor of this LSP; else that of his profile holds.
    """

    __tablename__ = "committee_profile"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    jabatan: Mapped[str] = mapped_column(String(120), default="")
    met_number: Mapped[str] = mapped_column(String(40), default="")


class PlenoAttendance(Model):
    """A member was there: he said so, or he voted or settled a case. One row a member, append-only."""

    __tablename__ = "pleno_attendance"
    __table_args__ = (
        UniqueConstraint("pleno_id", "user_id"),
        CheckConstraint("how IN ('said', 'voted', 'settled')", name="how_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pleno_id: Mapped[int] = mapped_column(ForeignKey("pleno.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    present_at: Mapped[datetime]
    how: Mapped[str] = mapped_column(String(10))


class PlenoEvidence(Identified, Created, Model):
    """One thing kept of an online pleno, named as in REMOTE_RECORD: where its recording lies, or a screenshot.

    Append-only: a better one is added beside it.
    """

    __tablename__ = "pleno_evidence"
    __table_args__ = (
        CheckConstraint(
            "(name = 'rekaman' AND place <> '' AND keeper <> '' AND storage_key IS NULL)"
            " OR (name = 'layar' AND place = '' AND storage_key IS NOT NULL AND sha256 <> '')",
            name="place_or_picture",
        ),
        Index("ix_pleno_evidence_pleno", "pleno_id"),
    )

    pleno_id: Mapped[int] = mapped_column(ForeignKey("pleno.id"))
    name: Mapped[str] = mapped_column(String(10))
    place: Mapped[str] = mapped_column(String(500), default="")
    keeper: Mapped[str] = mapped_column(String(120), default="")
    original_name: Mapped[str] = mapped_column(String(200), default="")
    content_type: Mapped[str] = mapped_column(String(40), default="")
    size: Mapped[int] = mapped_column(default=0)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    storage_key: Mapped[str | None] = mapped_column(String(32), unique=True)
    stored_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))

    stored_by: Mapped[User] = relationship()


class PlenoNotulen(Model):
    """What was said in the meeting as a whole. Written until the SK is signed."""

    __tablename__ = "pleno_notulen"

    pleno_id: Mapped[int] = mapped_column(ForeignKey("pleno.id"), primary_key=True)
    text: Mapped[str] = mapped_column(Text, default="")
    saved_at: Mapped[datetime] = mapped_column(default=clock.now)
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))


class PlenoCaseNote(Model):
    """Of one case: which rules of evidence (V-A-T-M) the members found kept, and what was said of it."""

    __tablename__ = "pleno_case_note"

    pleno_case_id: Mapped[int] = mapped_column(ForeignKey("pleno_case.id"), primary_key=True)
    rules: Mapped[list[str]] = mapped_column(JSON, default=list)
    text: Mapped[str] = mapped_column(Text, default="")
    saved_at: Mapped[datetime] = mapped_column(default=clock.now)
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
