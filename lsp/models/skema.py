"""Skema sertifikasi with versions: header, units of competence down to the KUK, requirements, permissions.

A permohonan keeps the version it began with; a version is never edited after it was opened for registration.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp.database import enum_type
from lsp.extensions import Model
from lsp.models.common import Identified
from lsp.vocabulary import AcceptedFiles, PhotoExample, RequestKind


class Skema(Identified, Model):
    """A scheme through all its versions, known by its own number."""

    __tablename__ = "skema"

    number: Mapped[str] = mapped_column(String(80), unique=True)
    versions: Mapped[list[SkemaVersion]] = relationship(
        back_populates="skema", order_by="SkemaVersion.version_number"
    )


class SkemaVersion(Identified, Model):
    """What an asesi is assessed against. `opened_at` is set when registration is open."""

    __tablename__ = "skema_version"
    __table_args__ = (
        UniqueConstraint("skema_id", "version_number"),
        CheckConstraint("jenjang BETWEEN 1 AND 9", name="jenjang_range"),
        CheckConstraint(
            "opened_at IS NULL OR incomplete_reason = ''", name="open_only_when_complete"
        ),
        CheckConstraint("length(kbli) = 5", name="kbli_length"),
        CheckConstraint("length(kbji) = 4", name="kbji_length"),
    )

    skema_id: Mapped[int] = mapped_column(ForeignKey("skema.id"))
    version_number: Mapped[int]
    effective_from: Mapped[date] = mapped_column(Date)
    title: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200), default="")
    klasifikasi_code: Mapped[str] = mapped_column(String(4))
    klasifikasi: Mapped[str] = mapped_column(String(120))
    klasifikasi_en: Mapped[str] = mapped_column(String(120), default="")
    subklasifikasi_code: Mapped[str] = mapped_column(String(6))
    subklasifikasi: Mapped[str] = mapped_column(String(120))
    subklasifikasi_en: Mapped[str] = mapped_column(String(120), default="")
    kualifikasi: Mapped[str] = mapped_column(String(60))
    kualifikasi_en: Mapped[str] = mapped_column(String(60), default="")
    jenjang: Mapped[int]
    kbli: Mapped[str] = mapped_column(String(5))
    kbji: Mapped[str] = mapped_column(String(4))
    skkni: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    incomplete_reason: Mapped[str] = mapped_column(Text, default="")
    opened_at: Mapped[datetime | None]
    validity_years: Mapped[int] = mapped_column(default=5)
    reassessment_max: Mapped[int] = mapped_column(default=2)
    reassessment_days: Mapped[int] = mapped_column(default=180)
    reassess_failed_units_only: Mapped[bool] = mapped_column(default=True)
    #: Which of FR.AK.02's evidence kinds are usual here: what the first draft of a MAPA starts from.
    methods: Mapped[list[str]] = mapped_column(JSON, default=list)

    skema: Mapped[Skema] = relationship(back_populates="versions")
    units: Mapped[list[UnitKompetensi]] = relationship(
        back_populates="skema_version", order_by="UnitKompetensi.position"
    )
    requirements: Mapped[list[DocumentRequirement]] = relationship(
        order_by="DocumentRequirement.position", back_populates="skema_version"
    )
    education_rules: Mapped[list[EducationRule]] = relationship(
        order_by="EducationRule.position", back_populates="skema_version"
    )


class UnitKompetensi(Model):
    """A unit of competence; `code` is empty where the source had none."""

    __tablename__ = "unit_kompetensi"
    __table_args__ = (UniqueConstraint("skema_version_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    skema_version_id: Mapped[int] = mapped_column(ForeignKey("skema_version.id"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(40), default="")
    title: Mapped[str] = mapped_column(Text)
    title_en: Mapped[str] = mapped_column(Text, default="")
    standard: Mapped[str] = mapped_column(String(120), default="")
    kelompok: Mapped[str] = mapped_column(String(120), default="Kelompok pekerjaan 1")
    complete: Mapped[bool] = mapped_column(default=True)

    skema_version: Mapped[SkemaVersion] = relationship(back_populates="units")
    elements: Mapped[list[Elemen]] = relationship(back_populates="unit", order_by="Elemen.position")


class Elemen(Model):
    __tablename__ = "elemen"
    __table_args__ = (UniqueConstraint("unit_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit_kompetensi.id"))
    position: Mapped[int]
    number: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(Text)

    unit: Mapped[UnitKompetensi] = relationship(back_populates="elements")
    kuk_list: Mapped[list[Kuk]] = relationship(back_populates="elemen", order_by="Kuk.position")


class Kuk(Model):
    """Kriteria unjuk kerja."""

    __tablename__ = "kuk"
    __table_args__ = (UniqueConstraint("elemen_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    elemen_id: Mapped[int] = mapped_column(ForeignKey("elemen.id"))
    position: Mapped[int]
    number: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)

    elemen: Mapped[Elemen] = relationship(back_populates="kuk_list")


class DocumentRequirement(Identified, Model):
    """A row of the document checklist for one kind of request (process 3.5), e.g. code 1a, KTP."""

    __tablename__ = "document_requirement"
    __table_args__ = (
        UniqueConstraint("skema_version_id", "kind", "code"),
        CheckConstraint("max_count BETWEEN 1 AND 20", name="max_count_range"),
    )

    skema_version_id: Mapped[int] = mapped_column(ForeignKey("skema_version.id"))
    kind: Mapped[RequestKind] = mapped_column(enum_type(RequestKind))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(6))
    label: Mapped[str] = mapped_column(String(120))
    help_text: Mapped[str] = mapped_column(Text, default="")
    required: Mapped[bool] = mapped_column(default=True)
    max_count: Mapped[int] = mapped_column(default=1)
    # Added later: in the table they stand behind the columns of `Identified`.
    accepts: Mapped[AcceptedFiles] = mapped_column(
        enum_type(AcceptedFiles), default=AcceptedFiles.PICTURE_OR_PDF, sort_order=1
    )
    example: Mapped[PhotoExample | None] = mapped_column(enum_type(PhotoExample), sort_order=1)

    skema_version: Mapped[SkemaVersion] = relationship(back_populates="requirements")


class EducationRule(Model):
    """One alternative of the education and experience rule; any one satisfied is enough (process 3.3)."""

    __tablename__ = "education_rule"
    __table_args__ = (UniqueConstraint("skema_version_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    skema_version_id: Mapped[int] = mapped_column(ForeignKey("skema_version.id"))
    position: Mapped[int]
    education: Mapped[str] = mapped_column(String(80))
    years: Mapped[int]
    kind: Mapped[RequestKind | None] = mapped_column(enum_type(RequestKind))

    skema_version: Mapped[SkemaVersion] = relationship(back_populates="education_rules")

    @property
    def label(self) -> str:
        """The alternative in words: education and years of work."""
        if self.years == 0:
            return f"{self.education}, tanpa syarat pengalaman"
        return f"{self.education} dan pengalaman {self.years} tahun"


class RemotePermission(Model):
    """BNSP's permission to assess a skema remotely: number, dates, methods (process 2.2).

    Never rewritten: a correction is a row of its own that names the one it takes the place of.
    """

    __tablename__ = "remote_permission"
    __table_args__ = (CheckConstraint("valid_until >= valid_from", name="dates_in_order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    skema_id: Mapped[int] = mapped_column(ForeignKey("skema.id"), index=True)
    number: Mapped[str] = mapped_column(String(80))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date] = mapped_column(Date)
    methods: Mapped[list[Any]] = mapped_column(JSON, default=list)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("remote_permission.id"), unique=True)
    #: The last day it holds, when it was ended before its own end.
    ended_on: Mapped[date | None] = mapped_column(Date)
    end_reason: Mapped[str] = mapped_column(Text, default="")

    @property
    def last_day(self) -> date:
        """The day up to which it holds."""
        return min(self.valid_until, self.ended_on) if self.ended_on else self.valid_until
