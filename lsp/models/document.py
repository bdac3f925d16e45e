"""Files of a case: what is stored is our rebuilt copy, never what came in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.models.skema import DocumentRequirement
from lsp.models.user import User


class Document(Identified, Created, Model):
    """A stored file. Replacing one sets `replaced_at` on the old; nothing is deleted by the asesi."""

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint("size >= 0", name="size_not_negative"),
        Index("ix_document_case", "permohonan_id", "replaced_at"),
    )

    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"))
    #: Which row of the checklist it answers; empty for further evidence, a payment proof or a portal's own file.
    requirement_id: Mapped[int | None] = mapped_column(ForeignKey("document_requirement.id"))
    #: `requirement`, `evidence`, `payment_proof`, `recording`, `screenshot`, `identity_still`, `surveilan`, `pkb`,
    #: `certificate_answer`.
    purpose: Mapped[str] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(String(160))
    original_name: Mapped[str] = mapped_column(String(200))
    content_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    pages: Mapped[int] = mapped_column(default=1)
    sha256: Mapped[str] = mapped_column(String(64))
    storage_key: Mapped[str] = mapped_column(String(32), unique=True)
    preview_key: Mapped[str | None] = mapped_column(String(32), unique=True)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    replaced_at: Mapped[datetime | None]

    requirement: Mapped[DocumentRequirement | None] = relationship()
    uploaded_by: Mapped[User] = relationship()
