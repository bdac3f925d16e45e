"""Surveilan: the yearly check of a certificate's holder, what he sent, what a superior confirmed, the verdict.

Beside it what else a certificate gathers through its years: PKB, reminders of its renewal, its picture for a phone.
"""

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
from lsp.database import EncryptedJson, EncryptedText, enum_type
from lsp.extensions import Model
from lsp.models.certificate import Certificate
from lsp.models.common import Created, Identified
from lsp.models.document import Document
from lsp.models.permohonan import Permohonan
from lsp.models.user import User
from lsp.vocabulary import SurveilanStatus

_OPEN = text("status IN ('waiting', 'sent', 'examined', 'repeated')")


class Surveilan(Identified, Created, Model):
    """One task of a certificate. `due_on` never moves; `until` is the day that counts now."""

    __tablename__ = "surveilan"
    __table_args__ = (
        UniqueConstraint("certificate_id", "number"),
        CheckConstraint("attempt IN (1, 2)", name="two_attempts"),
        CheckConstraint("status <> 'examined' OR asesor_id IS NOT NULL", name="examined_by_somebody"),
        Index("uq_surveilan_open", "certificate_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_surveilan_status", "status", "until", "id"),
        Index("ix_surveilan_asesor", "asesor_id", "status"),
        Index("ix_surveilan_case", "permohonan_id"),
    )  # fmt: skip

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"))
    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"))
    #: Which year of the certificate: 1 is the first after its issue.
    number: Mapped[int]
    attempt: Mapped[int] = mapped_column(default=1)
    status: Mapped[SurveilanStatus] = mapped_column(
        enum_type(SurveilanStatus), default=SurveilanStatus.WAITING
    )
    status_at: Mapped[datetime] = mapped_column(default=clock.now)
    version: Mapped[int] = mapped_column(default=1)
    due_on: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    #: How many reminders of the present `until` have gone.
    reminders: Mapped[int] = mapped_column(default=0)
    asesor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own way

    certificate: Mapped[Certificate] = relationship()
    permohonan: Mapped[Permohonan] = relationship()
    asesor: Mapped[User | None] = relationship()
    reports: Mapped[list[SurveilanReport]] = relationship(order_by="SurveilanReport.attempt")
    verdicts: Mapped[list[SurveilanVerdict]] = relationship(order_by="SurveilanVerdict.attempt")
    letters: Mapped[list[SurveilanLetter]] = relationship(order_by="SurveilanLetter.id")
    files: Mapped[list[SurveilanFile]] = relationship(order_by="SurveilanFile.id")
    events: Mapped[list[SurveilanEvent]] = relationship(order_by="SurveilanEvent.id")


class SurveilanReport(Model):
    """What the holder writes: answers and logbook by key of the words it was filled with. Frozen once sent."""

    __tablename__ = "surveilan_report"
    __table_args__ = (
        UniqueConstraint("surveilan_id", "attempt"),
        CheckConstraint("(sent_at IS NULL) = (signed_name = '')", name="sent_is_signed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    surveilan_id: Mapped[int] = mapped_column(ForeignKey("surveilan.id"))
    attempt: Mapped[int]
    words_version: Mapped[int]
    body: Mapped[dict[str, Any]] = mapped_column(
        EncryptedJson("surveilan_report.body"), default=dict
    )
    saved_at: Mapped[datetime] = mapped_column(default=clock.now)
    sent_at: Mapped[datetime | None]
    signed_name: Mapped[str] = mapped_column(String(120), default="")
    #: SHA-256 of what was signed: the words, the body and the files.
    digest: Mapped[str] = mapped_column(String(64), default="")


class SurveilanFile(Model):
    """A file of the case that belongs to one attempt of a surveilan."""

    __tablename__ = "surveilan_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    surveilan_id: Mapped[int] = mapped_column(ForeignKey("surveilan.id"), index=True)
    attempt: Mapped[int]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), unique=True)

    document: Mapped[Document] = relationship(lazy="joined")


class SurveilanLetter(Identified, Created, Model):
    """A superior whom the holder named: asked by a link without an account, who answers once."""

    __tablename__ = "surveilan_letter"
    __table_args__ = (Index("ix_surveilan_letter_surveilan", "surveilan_id"),)

    surveilan_id: Mapped[int] = mapped_column(ForeignKey("surveilan.id"))
    name: Mapped[str] = mapped_column(EncryptedText("surveilan_letter.name"))
    position: Mapped[str] = mapped_column(EncryptedText("surveilan_letter.position"))
    phone: Mapped[str] = mapped_column(EncryptedText("surveilan_letter.phone"))
    #: Empty: nobody mails him, the asesor telephones.
    email: Mapped[str] = mapped_column(EncryptedText("surveilan_letter.email"), default="")
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    words_version: Mapped[int]
    answered_at: Mapped[datetime | None]
    said: Mapped[dict[str, Any]] = mapped_column(
        EncryptedJson("surveilan_letter.said"), default=dict
    )
    withdrawn_at: Mapped[datetime | None]

    surveilan: Mapped[Surveilan] = relationship(back_populates="letters")


class SurveilanVerdict(Model):
    """What the asesor found on one attempt, point by point and as a whole. Written once."""

    __tablename__ = "surveilan_verdict"
    __table_args__ = (
        UniqueConstraint("surveilan_id", "attempt"),
        CheckConstraint("reason <> ''", name="has_reason"),
        CheckConstraint("NOT met OR second_until IS NULL", name="chance_only_when_not_met"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    surveilan_id: Mapped[int] = mapped_column(ForeignKey("surveilan.id"))
    attempt: Mapped[int]
    asesor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    words_version: Mapped[int]
    methods: Mapped[list[str]] = mapped_column(JSON)
    other_method: Mapped[str] = mapped_column(Text, default="")
    #: By key of the point: {"met": bool, "note": str}.
    points: Mapped[dict[str, Any]] = mapped_column(JSON)
    met: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    second_until: Mapped[date | None] = mapped_column(Date)

    asesor: Mapped[User] = relationship()


class SurveilanEvent(Model):
    """What was done about a surveilan, by whom. Written once."""

    __tablename__ = "surveilan_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    surveilan_id: Mapped[int] = mapped_column(ForeignKey("surveilan.id"), index=True)
    at: Mapped[datetime]
    step: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    note: Mapped[str] = mapped_column(Text, default="")

    actor: Mapped[User | None] = relationship()


class PkbActivity(Identified, Created, Model):
    """An activity of continuing development that the holder of an ahli certificate notes, with its proof."""

    __tablename__ = "pkb_activity"
    __table_args__ = (
        CheckConstraint("credits BETWEEN 1 AND 200", name="credits_range"),
        CheckConstraint(
            "(judged_at IS NULL) = (accepted IS NULL) AND (judged_at IS NULL) = (judged_by_id IS NULL)",
            name="judged_by_somebody",
        ),
        CheckConstraint("accepted IS NULL OR accepted OR judge_note <> ''", name="refused_with_reason"),
        Index("ix_pkb_activity_certificate", "certificate_id"),
    )  # fmt: skip

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"))
    name: Mapped[str] = mapped_column(String(160))
    held_on: Mapped[date] = mapped_column(Date)
    credits: Mapped[int]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), unique=True)
    withdrawn_at: Mapped[datetime | None]
    accepted: Mapped[bool | None]
    judged_at: Mapped[datetime | None]
    judged_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    judge_note: Mapped[str] = mapped_column(Text, default="")

    certificate: Mapped[Certificate] = relationship()
    document: Mapped[Document] = relationship()
    judged_by: Mapped[User | None] = relationship()


class RenewalReminder(Model):
    """That the holder was told, so many months before the end, to renew. Written once."""

    __tablename__ = "renewal_reminder"
    __table_args__ = (UniqueConstraint("certificate_id", "months"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"))
    months: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=clock.now)


class CertificatePicture(Model):
    """The first page of a certificate as a picture, for a phone without a PDF reader. Made once."""

    __tablename__ = "certificate_picture"

    id: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), unique=True)
    storage_key: Mapped[str] = mapped_column(String(32), unique=True)
    size: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
