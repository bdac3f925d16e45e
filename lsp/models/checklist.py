"""The admin's checklist: a verdict per document row or section of a form, and the phrases his notes are made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp.database import EncryptedJson, enum_type
from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.models.skema import DocumentRequirement
from lsp.vocabulary import FormSection, Verdict


class ChecklistItem(Model):
    """The verdict on one document row, or on one section of FR.APL.01 and FR.APL.02; one enum of three values.

    A document row has its item from the first sending on. A section has one once it was judged, or from a return on.
    """

    __tablename__ = "checklist_item"
    __table_args__ = (
        UniqueConstraint("permohonan_id", "requirement_id"),
        UniqueConstraint("permohonan_id", "section"),
        CheckConstraint(
            "verdict IS NULL OR (judged_by_id IS NOT NULL AND judged_at IS NOT NULL)",
            name="verdict_has_judge",
        ),
        CheckConstraint("(requirement_id IS NULL) <> (section IS NULL)", name="about_one_thing"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"))
    requirement_id: Mapped[int | None] = mapped_column(ForeignKey("document_requirement.id"))
    verdict: Mapped[Verdict | None] = mapped_column(enum_type(Verdict))
    note: Mapped[str] = mapped_column(Text, default="")
    judged_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    judged_at: Mapped[datetime | None]
    section: Mapped[FormSection | None] = mapped_column(enum_type(FormSection))
    #: What the asesi says about a section that was sent back and is right as it stands.
    answer: Mapped[str] = mapped_column(Text, default="")
    #: What stood there when it was sent back: files of a row, values of a section. Encrypted, it may hold a NIK.
    sealed: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson("checklist_item.sealed"))

    #: Its repair was asked for at SIKI, where its values came from; and an admin saw it there.
    siki_asked_at: Mapped[datetime | None]
    siki_seen_at: Mapped[datetime | None]

    requirement: Mapped[DocumentRequirement | None] = relationship()


class NotePhrase(Identified, Created, Model):
    """A sentence for the note of a verdict. Changing one retires it and adds another: both stay."""

    __tablename__ = "note_phrase"
    __table_args__ = (CheckConstraint("text <> ''", name="text_not_empty"),)

    #: A document code (1a) or the value of a `FormSection`; empty for every row of the checklist.
    code: Mapped[str] = mapped_column(String(20), default="")
    text: Mapped[str] = mapped_column(String(300))
    retired_at: Mapped[datetime | None]
