"""FR.APL.01 (forms 2): the person, his present work, what he asks for, and the rows of education, training and work."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from lsp import crypto
from lsp.database import EncryptedText, enum_type
from lsp.extensions import Model
from lsp.models.common import Identified
from lsp.models.permohonan import Permohonan
from lsp.models.skema import EducationRule
from lsp.vocabulary import AssessmentPurpose, FieldOrigin, Sex


class FrApl01(Model):
    """FR.APL.01, Permohonan Sertifikasi Kompetensi (forms 2). NIK, phones and birth data are encrypted."""

    __tablename__ = "fr_apl_01"

    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"), primary_key=True)
    # a. Data pribadi
    full_name: Mapped[str] = mapped_column(String(120), default="")
    nik: Mapped[str | None] = mapped_column(EncryptedText("fr_apl_01.nik"))
    nik_index: Mapped[str | None] = mapped_column(String(64), index=True)
    nik_last4: Mapped[str] = mapped_column(String(4), default="")
    birth_place: Mapped[str | None] = mapped_column(EncryptedText("fr_apl_01.birth_place"))
    birth_date: Mapped[str | None] = mapped_column(EncryptedText("fr_apl_01.birth_date"))
    sex: Mapped[Sex | None] = mapped_column(enum_type(Sex))
    nationality: Mapped[str] = mapped_column(String(60), default="Indonesia")
    address: Mapped[str] = mapped_column(Text, default="")
    province_code: Mapped[str] = mapped_column(String(2), default="")
    city_code: Mapped[str] = mapped_column(String(5), default="")
    postcode: Mapped[str] = mapped_column(String(5), default="")
    phone_home: Mapped[str | None] = mapped_column(EncryptedText("fr_apl_01.phone_home"))
    phone_office: Mapped[str | None] = mapped_column(EncryptedText("fr_apl_01.phone_office"))
    phone_mobile: Mapped[str | None] = mapped_column(EncryptedText("fr_apl_01.phone_mobile"))
    email: Mapped[str] = mapped_column(String(254), default="")
    education: Mapped[str] = mapped_column(String(40), default="")
    school: Mapped[str] = mapped_column(String(160), default="")
    study_programme: Mapped[str] = mapped_column(String(120), default="")
    graduation_year: Mapped[int | None]
    # b. Data pekerjaan sekarang
    institution: Mapped[str] = mapped_column(String(160), default="")
    position: Mapped[str] = mapped_column(String(120), default="")
    office_address: Mapped[str] = mapped_column(Text, default="")
    office_postcode: Mapped[str] = mapped_column(String(5), default="")
    office_phone: Mapped[str] = mapped_column(String(30), default="")
    office_fax: Mapped[str] = mapped_column(String(30), default="")
    office_email: Mapped[str] = mapped_column(String(254), default="")
    # Bagian 2
    purpose: Mapped[AssessmentPurpose | None] = mapped_column(enum_type(AssessmentPurpose))
    purpose_other: Mapped[str] = mapped_column(String(200), default="")
    funding: Mapped[str] = mapped_column(String(40), default="")
    #: Name of the ministry or government that pays, asked when the budget is public; its code stands in `Ministry`.
    ministry: Mapped[str] = mapped_column(String(160), default="")
    claimed_rule_id: Mapped[int | None] = mapped_column(ForeignKey("education_rule.id"))
    updated_at: Mapped[datetime | None]

    permohonan: Mapped[Permohonan] = relationship(back_populates="fr_apl_01")
    claimed_rule: Mapped[EducationRule | None] = relationship()
    experiences: Mapped[list[WorkExperience]] = relationship(
        order_by="WorkExperience.started_on", cascade="all, delete-orphan"
    )
    educations: Mapped[list[FormalEducation]] = relationship(
        order_by="FormalEducation.id", cascade="all, delete-orphan"
    )
    trainings: Mapped[list[Training]] = relationship(
        order_by="Training.id", cascade="all, delete-orphan"
    )

    @property
    def born_on(self) -> date | None:
        """The birth date as a date, None for none that can be read; stored encrypted as ISO text."""
        try:
            return date.fromisoformat(self.birth_date or "")
        except ValueError:
            return None

    @validates("nik")
    def _index_nik(self, _name: str, value: str | None) -> str | None:
        # The index and the clear last digits always follow the number itself.
        self.nik_index = nik_index(value) if value else None
        self.nik_last4 = value[-4:] if value else ""
        return value


def nik_index(nik: str) -> str:
    """Blind index of a NIK (16 digits) for exact search and duplicate detection."""
    return crypto.keyring().blind_index(nik, context="nik")


class WorkExperience(Identified, Model):
    """A row of experience (E-SIMPAN's register number where there is one)."""

    __tablename__ = "work_experience"
    __table_args__ = (CheckConstraint("ended_on >= started_on", name="dates_in_order"),)

    fr_apl_01_id: Mapped[int] = mapped_column(ForeignKey("fr_apl_01.permohonan_id"), index=True)
    employer: Mapped[str] = mapped_column(String(160))
    project: Mapped[str] = mapped_column(String(200))
    position: Mapped[str] = mapped_column(String(120))
    started_on: Mapped[date] = mapped_column(Date)
    #: Empty: he still works there.
    ended_on: Mapped[date | None] = mapped_column(Date)
    simpan_number: Mapped[str] = mapped_column(String(40), default="")
    location: Mapped[str] = mapped_column(String(200), default="")
    #: Value of the project in whole rupiah.
    project_value: Mapped[int | None] = mapped_column(BigInteger)
    #: The letter of reference among the documents of the case.
    reference_document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    origin: Mapped[FieldOrigin] = mapped_column(enum_type(FieldOrigin), default=FieldOrigin.ASESI)


class FormalEducation(Identified, Model):
    """A row of formal education; `level` is a label of reference/pendidikan.csv."""

    __tablename__ = "formal_education"

    fr_apl_01_id: Mapped[int] = mapped_column(ForeignKey("fr_apl_01.permohonan_id"), index=True)
    level: Mapped[str] = mapped_column(String(40))
    school: Mapped[str] = mapped_column(String(160), default="")
    study_programme: Mapped[str] = mapped_column(String(120), default="")
    graduation_year: Mapped[int | None]
    diploma_number: Mapped[str] = mapped_column(String(60), default="")
    diploma_date: Mapped[date | None] = mapped_column(Date)
    origin: Mapped[FieldOrigin] = mapped_column(enum_type(FieldOrigin), default=FieldOrigin.ASESI)


class Training(Identified, Model):
    """A row of training; `hours` in jam pelajaran (JP)."""

    __tablename__ = "training"

    fr_apl_01_id: Mapped[int] = mapped_column(ForeignKey("fr_apl_01.permohonan_id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    organiser: Mapped[str] = mapped_column(String(160), default="")
    started_on: Mapped[date | None] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    hours: Mapped[int | None]
    certificate_document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    origin: Mapped[FieldOrigin] = mapped_column(enum_type(FieldOrigin), default=FieldOrigin.ASESI)


class FieldSource(Model):
    """Where a field of FR.APL.01 was taken from; a field without a row was typed by the asesi."""

    __tablename__ = "field_source"

    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"), primary_key=True)
    field: Mapped[str] = mapped_column(String(40), primary_key=True)
    origin: Mapped[FieldOrigin] = mapped_column(enum_type(FieldOrigin))
    at: Mapped[datetime]


class Ministry(Model):
    """Who pays from a public budget, as the LSP loaded the list; `code` is BNSP's and empty until it is loaded."""

    __tablename__ = "ministry"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(160), unique=True)
    code: Mapped[str] = mapped_column(String(20), default="")
    #: No longer on the list: not offered any more, while forms that name it keep its code.
    withdrawn_on: Mapped[date | None] = mapped_column(Date)
