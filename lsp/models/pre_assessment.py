"""What a pre-assessment leaves beside FR.APL.02's recommendation: data confirmed, evidence judged; words of forms."""

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

from lsp import clock
from lsp.extensions import Model
from lsp.models.common import Created
from lsp.models.skema import UnitKompetensi


class FormTemplate(Created, Model):
    """A version of the words of an official form: labels, options, panduan. Never edited: new words are a new row.

    A filled form keeps the number of the version it was filled with, so an old paper shows its old words.
    """

    __tablename__ = "form_template"
    __table_args__ = (UniqueConstraint("form_code", "version_number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    form_code: Mapped[str] = mapped_column(String(20))
    version_number: Mapped[int]
    effective_from: Mapped[date] = mapped_column(Date)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)


class DataConfirmation(Model):
    """One field of FR.APL.01 as the asesi confirmed it to the asesor; it never changes the form itself.

    `value_digest` is of the value that was read out: when the form changes, the field is asked again.
    """

    __tablename__ = "data_confirmation"
    __table_args__ = (
        UniqueConstraint("permohonan_id", "attempt", "field"),
        CheckConstraint("fits OR note <> ''", name="note_when_unfit"),
        CheckConstraint(
            "(resolved_at IS NULL) = (resolved_by_id IS NULL)", name="resolved_by_somebody"
        ),
        Index("ix_data_confirmation_unfit", "fits", "resolved_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"))
    attempt: Mapped[int]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    field: Mapped[str] = mapped_column(String(30))
    fits: Mapped[bool]
    note: Mapped[str] = mapped_column(Text, default="")
    value_digest: Mapped[str] = mapped_column(String(64))
    confirmed_at: Mapped[datetime] = mapped_column(default=clock.now)
    confirmed_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    #: Set by the admin who dealt with a field that did not fit, with what he did.
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    resolution: Mapped[str] = mapped_column(Text, default="")


class UnitReview(Model):
    """The asesor's word on one unit of FR.APL.02: it may go on, or what is missing for it."""

    __tablename__ = "unit_review"
    __table_args__ = (
        UniqueConstraint("permohonan_id", "attempt", "unit_id"),
        CheckConstraint("can_continue OR missing_evidence <> ''", name="missing_named"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"))
    attempt: Mapped[int]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit_kompetensi.id"))
    #: None while only its evidence was looked at.
    can_continue: Mapped[bool | None]
    missing_evidence: Mapped[str] = mapped_column(Text, default="")
    reviewed_at: Mapped[datetime] = mapped_column(default=clock.now)
    reviewed_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))

    unit: Mapped[UnitKompetensi] = relationship()
    evidence: Mapped[list[EvidenceNote]] = relationship(
        back_populates="review", order_by="EvidenceNote.id"
    )


class EvidenceNote(Model):
    """The rules of evidence on one piece: four answers, each still open while None (a row of FR.IA.08 later).

    Without a document it stands for what the asesi wrote in words for that unit.
    """

    __tablename__ = "evidence_note"
    __table_args__ = (
        UniqueConstraint("unit_review_id", "document_id"),
        Index(
            "uq_evidence_note_in_words",
            "unit_review_id",
            unique=True,
            sqlite_where=text("document_id IS NULL"),
            postgresql_where=text("document_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_review_id: Mapped[int] = mapped_column(ForeignKey("unit_review.id"))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"), index=True)
    valid: Mapped[bool | None]
    authentic: Mapped[bool | None]
    current: Mapped[bool | None]
    sufficient: Mapped[bool | None]
    note: Mapped[str] = mapped_column(Text, default="")

    review: Mapped[UnitReview] = relationship(back_populates="evidence")
