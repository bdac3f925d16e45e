"""Uploads that are on their way in pieces (tus): whose they are, where they go, and until when they are kept.

How much of one has come is not here: the length of its part file says it (lsp/gateways/parts.py).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp.database import EncryptedText
from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.models.document import Document
from lsp.models.skema import DocumentRequirement


class Upload(Identified, Created, Model):
    """One file on its way. `document_id` is set in the transaction that records it: it is taken in once."""

    __tablename__ = "upload"
    __table_args__ = (
        CheckConstraint("length BETWEEN 1 AND 10000000", name="length_range"),
        Index("ix_upload_user", "user_id", "expires_at"),
        Index("ix_upload_case", "permohonan_id"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"))
    #: The document row it answers; empty for further evidence and a payment proof.
    requirement_id: Mapped[int | None] = mapped_column(ForeignKey("document_requirement.id"))
    #: As `Document.purpose`.
    purpose: Mapped[str] = mapped_column(String(20))
    length: Mapped[int]
    #: What the sender said about it, as it came: he may ask for it again (tus, Upload-Metadata).
    said: Mapped[str] = mapped_column(EncryptedText("upload.said"), default="")
    #: Seals the part file; it goes with the row.
    part_key: Mapped[str] = mapped_column(EncryptedText("upload.part_key"))
    expires_at: Mapped[datetime]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))

    requirement: Mapped[DocumentRequirement | None] = relationship()
    document: Mapped[Document | None] = relationship()
