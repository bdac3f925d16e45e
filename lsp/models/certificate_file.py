"""The files of a certificate: how ours was made, official ones from the ministry, and batches that were issued at once.

All of it is append-only: which file was the certificate on which day is what a court would ask.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp.database import EncryptedJson
from lsp.extensions import Model
from lsp.models.certificate import Certificate
from lsp.models.common import Created, Identified
from lsp.models.user import User

_FIRST = text("replaces_id IS NULL")


class CertificateMaking(Model):
    """How the PDF of a certificate was made, once: what it prints, both hashes, by which key and which Typst.

    `facts` are the printed texts and the key of the photo, as papers/certificate.py takes them: laid out again, they
    give the unsigned file with `unsigned_sha256`. The hash of the kept file is `Certificate.pdf_sha256`; it is the
    same where nobody signed.
    """

    __tablename__ = "certificate_making"
    __table_args__ = (
        CheckConstraint("(signed_sha256 IS NULL) = (key_fingerprint = '')", name="signed_by_a_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), unique=True)
    made_at: Mapped[datetime]
    facts: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("certificate_making.facts"))
    unsigned_sha256: Mapped[str] = mapped_column(String(64))
    signed_sha256: Mapped[str | None] = mapped_column(String(64))
    key_fingerprint: Mapped[str] = mapped_column(String(64), default="")
    key_subject: Mapped[str] = mapped_column(String(300), default="")
    time_stamp_by: Mapped[str] = mapped_column(String(200), default="")
    typst_version: Mapped[str] = mapped_column(String(20))

    certificate: Mapped[Certificate] = relationship()


class OfficialCertificate(Identified, Created, Model):
    """A certificate's PDF from the ministry's portal, kept as it came: made anew, its signature would break.

    The newest is in force; `replaces` names the one before it, so each is replaced once and none is branched.
    """

    __tablename__ = "official_certificate"
    __table_args__ = (
        Index(
            "uq_official_certificate_first",
            "certificate_id",
            unique=True,
            sqlite_where=_FIRST,
            postgresql_where=_FIRST,
        ),
        CheckConstraint("replaces_id IS NULL OR reason <> ''", name="replaced_for_a_reason"),
    )

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), index=True)
    storage_key: Mapped[str] = mapped_column(String(32), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    pages: Mapped[int]
    is_signed: Mapped[bool]
    attached_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    replaces_id: Mapped[int | None] = mapped_column(
        ForeignKey("official_certificate.id"), unique=True
    )
    reason: Mapped[str] = mapped_column(Text, default="")

    certificate: Mapped[Certificate] = relationship()
    attached_by: Mapped[User] = relationship()


class IssueBatch(Identified, Created, Model):
    """Certificates issued with one press. Its public id is drawn into the confirming page: a second press finds it."""

    __tablename__ = "issue_batch"

    actor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))

    actor: Mapped[User] = relationship()


class IssueBatchItem(Model):
    """A certificate of a batch."""

    __tablename__ = "issue_batch_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("issue_batch.id"), index=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), unique=True)
