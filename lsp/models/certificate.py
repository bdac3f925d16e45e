"""Numbers, blanko, registration and the certificate itself. Nothing here is ever deleted."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text as sql,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp import ids
from lsp.database import enum_type
from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.models.permohonan import Permohonan
from lsp.models.user import User
from lsp.vocabulary import BlankoState, CertificateStatus, NumberState, Role


class NumberEntry(Model):
    """The ledger of every number ever taken: a voided one stays with its reason and is never given again."""

    __tablename__ = "number_entry"
    __table_args__ = (
        UniqueConstraint("series_code", "scope_key", "serial"),
        CheckConstraint("state <> 'voided' OR void_reason <> ''", name="voided_has_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series_code: Mapped[str] = mapped_column(String(30))
    scope_key: Mapped[str] = mapped_column(String(10))
    serial: Mapped[int]
    text: Mapped[str] = mapped_column(String(80), unique=True)
    state: Mapped[NumberState] = mapped_column(enum_type(NumberState), default=NumberState.TAKEN)
    permohonan_id: Mapped[int | None] = mapped_column(ForeignKey("permohonan.id"), index=True)
    taken_at: Mapped[datetime]
    void_reason: Mapped[str] = mapped_column(Text, default="")


class Blanko(Created, Model):
    """A blanko number of BNSP, bound to one NIK (blind index) and one case; moved by models/blanko_ledger.py alone."""

    __tablename__ = "blanko"
    __table_args__ = (
        Index("ix_blanko_state", "state", "id"),
        # A case holds one number that may still be printed.
        Index(
            "uq_blanko_reserved",
            "permohonan_id",
            unique=True,
            sqlite_where=sql("state = 'reserved'"),
            postgresql_where=sql("state = 'reserved'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    state: Mapped[BlankoState] = mapped_column(enum_type(BlankoState), default=BlankoState.RECEIVED)
    permohonan_id: Mapped[int | None] = mapped_column(ForeignKey("permohonan.id"), index=True)
    nik_index: Mapped[str] = mapped_column(String(64))
    received_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    note: Mapped[str] = mapped_column(Text, default="")


class Registration(Model):
    """The numbers of a competent case on their way to the certificate."""

    __tablename__ = "registration"

    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"), primary_key=True)
    certificate_entry_id: Mapped[int] = mapped_column(ForeignKey("number_entry.id"), unique=True)
    registration_entry_id: Mapped[int] = mapped_column(ForeignKey("number_entry.id"), unique=True)
    blanko_id: Mapped[int | None] = mapped_column(ForeignKey("blanko.id"), unique=True)
    lpjk_number: Mapped[str | None] = mapped_column(String(60), unique=True)
    lpjk_qr: Mapped[str] = mapped_column(String(300), default="")

    certificate_entry: Mapped[NumberEntry] = relationship(foreign_keys=[certificate_entry_id])
    registration_entry: Mapped[NumberEntry] = relationship(foreign_keys=[registration_entry_id])
    blanko: Mapped[Blanko | None] = relationship()


class Certificate(Identified, Created, Model):
    """A certificate as issued. The printed facts are copied here and frozen; only the state changes."""

    __tablename__ = "certificate"
    __table_args__ = (
        CheckConstraint("valid_until > valid_from", name="validity_in_order"),
        CheckConstraint(
            "status IN ('active', 'suspended', 'revoked', 'expired', 'replaced', 'renewed')",
            name="status_known",
        ),
        CheckConstraint("(pdf_key IS NULL) = (pdf_sha256 IS NULL)", name="pdf_has_hash"),
        Index("ix_certificate_status", "status", "id"),
    )

    version: Mapped[int] = mapped_column(default=1)
    token: Mapped[str] = mapped_column(String(26), unique=True, default=ids.certificate_token)
    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"), unique=True)
    status: Mapped[CertificateStatus] = mapped_column(
        enum_type(CertificateStatus), default=CertificateStatus.ACTIVE
    )
    status_at: Mapped[datetime]
    certificate_number: Mapped[str] = mapped_column(String(80), unique=True)
    lsp_registration_number: Mapped[str] = mapped_column(String(80), unique=True)
    lpjk_number: Mapped[str] = mapped_column(String(80), unique=True)
    lpjk_qr: Mapped[str] = mapped_column(String(300))
    blanko_number: Mapped[str] = mapped_column(String(40), unique=True)
    holder_name: Mapped[str] = mapped_column(String(120))
    jabatan_kerja: Mapped[str] = mapped_column(String(200))
    jabatan_kerja_en: Mapped[str] = mapped_column(String(200), default="")
    kualifikasi: Mapped[str] = mapped_column(String(60))
    jenjang: Mapped[int]
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date] = mapped_column(Date, index=True)
    signed_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    print_unit_list: Mapped[bool] = mapped_column(default=False)
    pdf_key: Mapped[str | None] = mapped_column(String(32), unique=True)
    pdf_sha256: Mapped[str | None] = mapped_column(String(64))
    pdf_made_at: Mapped[datetime | None]
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"))

    permohonan: Mapped[Permohonan] = relationship()
    signed_by: Mapped[User] = relationship()
    events: Mapped[list[CertificateEvent]] = relationship(order_by="CertificateEvent.id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's name


class CertificateEvent(Model):
    """One step in a certificate's life; append-only."""

    __tablename__ = "certificate_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), index=True)
    at: Mapped[datetime]
    transition: Mapped[str] = mapped_column(String(40))
    source: Mapped[CertificateStatus | None] = mapped_column(enum_type(CertificateStatus))
    target: Mapped[CertificateStatus] = mapped_column(enum_type(CertificateStatus))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    actor_role: Mapped[Role] = mapped_column(enum_type(Role))
    note: Mapped[str] = mapped_column(Text, default="")
