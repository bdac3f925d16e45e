"""The case: one permohonan per ID Izin, its FR.APL.01 and FR.APL.02, checklist, signatures, invoice, history."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from lsp import crypto
from lsp.database import EncryptedText, enum_type
from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.models.payment import PaymentReceipt
from lsp.models.skema import DocumentRequirement, EducationRule, SkemaVersion
from lsp.models.user import User
from lsp.vocabulary import (
    Answer,
    AssessmentPurpose,
    DutyRule,
    FieldOrigin,
    Form,
    InvoiceKind,
    InvoiceStatus,
    Mode,
    PermohonanStatus,
    RequestKind,
    Role,
    Sex,
    Verdict,
)

_DECIDED = (
    PermohonanStatus.COMPETENT,
    PermohonanStatus.NOT_YET_COMPETENT,
    PermohonanStatus.APPEALED,
    PermohonanStatus.BLANKO_REQUESTED,
    PermohonanStatus.BLANKO_RECEIVED,
    PermohonanStatus.RECORDED,
    PermohonanStatus.ISSUED,
    PermohonanStatus.CLOSED_NOT_YET,
)
_PAST_VERIFICATION = (
    PermohonanStatus.VERIFIED,
    PermohonanStatus.INVOICED,
    PermohonanStatus.PAID,
    PermohonanStatus.PRE_SCHEDULED,
    PermohonanStatus.EVIDENCE_NEEDED,
    PermohonanStatus.READY,
    PermohonanStatus.SCHEDULED,
    PermohonanStatus.IN_ASSESSMENT,
    PermohonanStatus.RECOMMENDED,
    *_DECIDED,
)


def _sql_list(members: tuple[PermohonanStatus, ...]) -> str:
    return ", ".join(f"'{member.value}'" for member in members)


class Permohonan(Identified, Created, Model):
    """A request for certification. Its status is written by `lsp.workflow.machine.perform` alone."""

    __tablename__ = "permohonan"
    __table_args__ = (
        CheckConstraint(f"status IN ({_sql_list(tuple(PermohonanStatus))})", name="status_known"),
        CheckConstraint(
            f"status NOT IN ({_sql_list(_PAST_VERIFICATION)}) OR "
            "(verifier_id IS NOT NULL AND verified_at IS NOT NULL)",
            name="verified_has_verifier_and_time",
        ),
        CheckConstraint(
            f"status NOT IN ({_sql_list(_DECIDED)}) OR (decision IS NOT NULL AND decided_at IS NOT NULL)",
            name="decided_has_decision_and_time",
        ),
        CheckConstraint("status = 'draft' OR status IN ('withdrawn', 'dropped') OR submitted_at IS NOT NULL",
                        name="past_draft_was_submitted"),
        CheckConstraint("verifier_id IS NULL OR verifier_id <> asesi_id", name="verifier_is_not_asesi"),
        CheckConstraint(
            "assigned_verifier_id IS NULL OR assigned_verifier_id <> asesi_id",
            name="assigned_verifier_is_not_asesi",
        ),
        # One permohonan past DRAFT per ID Izin, for ever: SIKI closes an ID Izin and does not open it again.
        Index(
            "uq_permohonan_id_izin_past_draft",
            "id_izin",
            unique=True,
            sqlite_where=text("submitted_at IS NOT NULL"),
            postgresql_where=text("submitted_at IS NOT NULL"),
        ),
        Index("ix_permohonan_recent", "status_at", "id"),
        Index("ix_permohonan_status_recent", "status", "status_at", "id"),
        Index("ix_permohonan_skema_recent", "skema_version_id", "status_at", "id"),
        Index("ix_permohonan_status_skema_recent", "status", "skema_version_id", "status_at", "id"),
        Index("ix_permohonan_assigned_recent", "assigned_verifier_id", "status_at", "id"),
        Index(
            "ix_permohonan_status_assigned_recent", "status", "assigned_verifier_id", "status_at", "id"
        ),
    )  # fmt: skip

    version: Mapped[int] = mapped_column(Integer, default=1)
    id_izin: Mapped[str] = mapped_column(String(50), index=True)
    asesi_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    skema_version_id: Mapped[int] = mapped_column(ForeignKey("skema_version.id"))
    #: The asesi's name as on FR.APL.01, kept here so lists need no join.
    asesi_name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[RequestKind] = mapped_column(enum_type(RequestKind))
    mode: Mapped[Mode] = mapped_column(enum_type(Mode))
    status: Mapped[PermohonanStatus] = mapped_column(
        enum_type(PermohonanStatus), default=PermohonanStatus.DRAFT
    )
    status_at: Mapped[datetime]
    attempt: Mapped[int] = mapped_column(default=1)
    submitted_at: Mapped[datetime | None]
    repair_due: Mapped[date | None] = mapped_column(Date)
    verifier_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    verified_at: Mapped[datetime | None]
    #: The admin who is to verify the documents. It bars nobody and moves nothing; `verifier_id` is who did.
    assigned_verifier_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    met_rule_id: Mapped[int | None] = mapped_column(ForeignKey("education_rule.id"))
    evidence_rounds: Mapped[int] = mapped_column(default=0)
    evidence_due: Mapped[date | None] = mapped_column(Date)
    asesi_moves: Mapped[int] = mapped_column(default=0)
    asesi_absences: Mapped[int] = mapped_column(default=0)
    mode_agreed_at: Mapped[datetime | None]
    recommendation: Mapped[Answer | None] = mapped_column(enum_type(Answer))
    decision: Mapped[Answer | None] = mapped_column(enum_type(Answer))
    decided_at: Mapped[datetime | None]
    result_opened_at: Mapped[datetime | None]
    result_mailed_at: Mapped[datetime | None]
    idle_reminders: Mapped[int] = mapped_column(default=0)
    annulment_proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    asesi: Mapped[User] = relationship(foreign_keys=[asesi_id])
    verifier: Mapped[User | None] = relationship(foreign_keys=[verifier_id])
    assigned_verifier: Mapped[User | None] = relationship(foreign_keys=[assigned_verifier_id])
    skema_version: Mapped[SkemaVersion] = relationship()
    met_rule: Mapped[EducationRule | None] = relationship(foreign_keys=[met_rule_id])
    fr_apl_01: Mapped[FrApl01 | None] = relationship(back_populates="permohonan")
    events: Mapped[list[PermohonanEvent]] = relationship(order_by="PermohonanEvent.id")
    signatures: Mapped[list[Signature]] = relationship(order_by="Signature.id")
    invoices: Mapped[list[Invoice]] = relationship(
        order_by="Invoice.id", back_populates="permohonan"
    )
    checklist: Mapped[list[ChecklistItem]] = relationship(order_by="ChecklistItem.id")

    # Two officials at once: the second UPDATE finds no row of the old version and fails.
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's name


class StatusCount(Model):
    """How many permohonan stand in each status; kept by database triggers, so tiles need no count(*)."""

    __tablename__ = "status_count"

    status: Mapped[str] = mapped_column(String(32), primary_key=True)
    count: Mapped[int]


class PermohonanEvent(Model):
    """One step of the history that people read; append-only."""

    __tablename__ = "permohonan_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"), index=True)
    at: Mapped[datetime]
    transition: Mapped[str] = mapped_column(String(40))
    source: Mapped[PermohonanStatus | None] = mapped_column(enum_type(PermohonanStatus))
    target: Mapped[PermohonanStatus] = mapped_column(enum_type(PermohonanStatus))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    actor_role: Mapped[Role] = mapped_column(enum_type(Role))
    attempt: Mapped[int]
    note: Mapped[str] = mapped_column(Text, default="")

    actor: Mapped[User | None] = relationship()


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
        """The birth date as a date; stored encrypted as ISO text."""
        return date.fromisoformat(self.birth_date) if self.birth_date else None

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
    ended_on: Mapped[date] = mapped_column(Date)
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


class LinkedDocument(Identified, Model):
    """A document that a dossier names by its address only; it stays "belum diunduh" until `document_id` is set."""

    __tablename__ = "linked_document"

    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"), index=True)
    requirement_id: Mapped[int | None] = mapped_column(ForeignKey("document_requirement.id"))
    label: Mapped[str] = mapped_column(String(160))
    #: Whoever knows it may open the file at the ministry, so it is kept like the file itself.
    address: Mapped[str] = mapped_column(EncryptedText("linked_document.address"))
    named_at: Mapped[datetime]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))

    requirement: Mapped[DocumentRequirement | None] = relationship()


class FrApl02Answer(Model):
    """FR.APL.02, one answer per elemen (forms 3): K or BK and the evidence in words or documents."""

    __tablename__ = "fr_apl_02_answer"
    __table_args__ = (UniqueConstraint("permohonan_id", "elemen_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"))
    elemen_id: Mapped[int] = mapped_column(ForeignKey("elemen.id"))
    answer: Mapped[Answer | None] = mapped_column(enum_type(Answer))
    evidence_note: Mapped[str] = mapped_column(Text, default="")
    updated_at: Mapped[datetime]


class FrApl02Evidence(Model):
    """A document chosen as evidence for an elemen."""

    __tablename__ = "fr_apl_02_evidence"

    answer_id: Mapped[int] = mapped_column(
        ForeignKey("fr_apl_02_answer.id", ondelete="CASCADE"), primary_key=True
    )
    #: Indexed by itself too: the key begins with the answer, and removing a file asks where it is evidence.
    document_id: Mapped[int] = mapped_column(
        ForeignKey("document.id"), primary_key=True, index=True
    )


class ChecklistItem(Model):
    """The admin's verdict on one required or optional document row; one enum of three values."""

    __tablename__ = "checklist_item"
    __table_args__ = (
        UniqueConstraint("permohonan_id", "requirement_id"),
        CheckConstraint(
            "verdict IS NULL OR (judged_by_id IS NOT NULL AND judged_at IS NOT NULL)",
            name="verdict_has_judge",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"))
    requirement_id: Mapped[int] = mapped_column(ForeignKey("document_requirement.id"))
    verdict: Mapped[Verdict | None] = mapped_column(enum_type(Verdict))
    note: Mapped[str] = mapped_column(Text, default="")
    judged_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    judged_at: Mapped[datetime | None]

    requirement: Mapped[DocumentRequirement] = relationship()


class Signature(Model):
    """A signature on a form: who, in which role, what text, when, and the digest of what was signed. Append-only."""

    __tablename__ = "signature"

    id: Mapped[int] = mapped_column(primary_key=True)
    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"), index=True)
    form: Mapped[Form] = mapped_column(enum_type(Form))
    attempt: Mapped[int] = mapped_column(default=1)
    signer_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    signer_role: Mapped[Role] = mapped_column(enum_type(Role))
    typed_name: Mapped[str] = mapped_column(String(120))
    statement: Mapped[str] = mapped_column(Text)
    content_digest: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime]

    signer: Mapped[User] = relationship()


class Invoice(Identified, Created, Model):
    """Tagihan in whole rupiah. Paid means confirmed by a person (or by the system when nothing is due)."""

    __tablename__ = "invoice"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("status <> 'paid' OR paid_at IS NOT NULL", name="paid_has_time"),
        CheckConstraint("status IN ('open', 'paid', 'lapsed', 'void')", name="status_known"),
        # One invoice of a kind waits at a time.
        Index(
            "uq_invoice_open",
            "permohonan_id",
            "kind",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
        # The clock looks for overdue ones each hour.
        Index("ix_invoice_due", "status", "due_on"),
    )

    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"), index=True)
    kind: Mapped[InvoiceKind] = mapped_column(enum_type(InvoiceKind))
    number: Mapped[str] = mapped_column(String(60), unique=True)
    amount: Mapped[int]
    status: Mapped[InvoiceStatus] = mapped_column(
        enum_type(InvoiceStatus), default=InvoiceStatus.OPEN
    )
    due_on: Mapped[date] = mapped_column(Date)
    extended: Mapped[bool] = mapped_column(default=False)
    proof_document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    paid_amount: Mapped[int | None]
    paid_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    confirmation_reason: Mapped[str] = mapped_column(Text, default="")

    permohonan: Mapped[Permohonan] = relationship(back_populates="invoices")
    #: Loaded with the invoices of a dossier.
    receipt: Mapped[PaymentReceipt | None] = relationship(lazy="raise_on_sql")


class DutyWaiver(Model):
    """A person rule relaxed for one case, one person, with a reason; insert-only, given by another person."""

    __tablename__ = "duty_waiver"
    __table_args__ = (
        CheckConstraint("given_by_id <> person_id", name="given_by_another"),
        CheckConstraint(
            "rule NOT IN ('asesor_not_asesi', 'asesor_not_pleno', 'own_case')",
            name="rule_can_be_waived",
        ),
        UniqueConstraint("permohonan_id", "rule", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"))
    rule: Mapped[DutyRule] = mapped_column(enum_type(DutyRule))
    person_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    reason: Mapped[str] = mapped_column(Text)
    given_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    given_at: Mapped[datetime]
