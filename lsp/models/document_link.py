"""Links by which LPJK and BNSP fetch papers of a case without an account, and each time one was opened."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp.database import EncryptedText
from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.models.document import Document
from lsp.models.permohonan import Permohonan
from lsp.models.user import User


class DocumentLink(Identified, Created, Model):
    """One paper of one case for one reader. Found by the digest of its token; the token itself is kept sealed.

    paper: key of the paper list (services/case_papers.py). document: the stored file that it is, where it is one.
    Another attempt has other papers, and so other links.
    """

    __tablename__ = "document_link"
    __table_args__ = (
        CheckConstraint("purpose IN ('lpjk', 'bnsp')", name="purpose_known"),
        CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by_id IS NULL)"
            " AND (revoked_at IS NULL) = (revoke_reason = '')",
            name="revoked_has_who_and_why",
        ),
        Index(
            "uq_document_link_standing",
            "permohonan_id",
            "attempt",
            "purpose",
            "paper",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index("ix_document_link_case", "permohonan_id"),
    )

    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"))
    attempt: Mapped[int]
    purpose: Mapped[str] = mapped_column(String(4))
    paper: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(16), default="")
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    token: Mapped[str] = mapped_column(EncryptedText("document_link.token"))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    #: The last day (WIB) on which it leads somewhere.
    ends_on: Mapped[date] = mapped_column(Date)
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    revoke_reason: Mapped[str] = mapped_column(Text, default="")

    permohonan: Mapped[Permohonan] = relationship()
    document: Mapped[Document | None] = relationship()
    made_by: Mapped[User] = relationship(foreign_keys=[made_by_id])
    revoked_by: Mapped[User | None] = relationship(foreign_keys=[revoked_by_id])


class DocumentLinkRead(Model):
    """A link was opened, and what it answered. Append-only.

    network: keyed digest of the address it was opened from, so that two readings can be told to come from one place.
    """

    __tablename__ = "document_link_read"
    __table_args__ = (
        CheckConstraint("answer IN ('served', 'revoked', 'ended', 'absent')", name="answer_known"),
        Index("ix_document_link_read_link", "link_id", "answer", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("document_link.id"))
    at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(String(8))
    network: Mapped[str] = mapped_column(String(64))
