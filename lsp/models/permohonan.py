"""The case: one permohonan per ID Izin, its FR.APL.02, signatures, invoice, history.

FR.APL.01 with its rows stands in fr_apl_01.py, the checklist in checklist.py.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
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
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp.database import EncryptedText, enum_type
from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.models.payment import PaymentReceipt
from lsp.models.skema import DocumentRequirement, EducationRule, SkemaVersion
from lsp.models.user import User
from lsp.vocabulary import (
    Answer,
    DutyRule,
    Form,
    InvoiceKind,
    InvoiceStatus,
    Mode,
    PermohonanStatus,
    RequestKind,
    Role,
)

if TYPE_CHECKING:
    from lsp.models.fr_apl_01 import FrApl01

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
        # And one draft: of two who type it at the same moment, one holds it and the other asks (IdIzinDispute).
        Index(
            "uq_permohonan_id_izin_draft",
            "id_izin",
            unique=True,
            sqlite_where=text("status = 'draft' AND id_izin <> ''"),
            postgresql_where=text("status = 'draft' AND id_izin <> ''"),
        ),
        # The few who wait for the other mode are counted above every work list.
        Index(
            "ix_permohonan_mode_agreed_at",
            "mode_agreed_at",
            sqlite_where=text("mode_agreed_at IS NOT NULL"),
            postgresql_where=text("mode_agreed_at IS NOT NULL"),
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
    #: Whether he agreed because he does not want to be recorded. It stands and falls with `mode_agreed_at`.
    refuses_recording: Mapped[bool] = mapped_column(default=False, sort_order=1)
    recommendation: Mapped[Answer | None] = mapped_column(enum_type(Answer))
    decision: Mapped[Answer | None] = mapped_column(enum_type(Answer))
    decided_at: Mapped[datetime | None]
    result_opened_at: Mapped[datetime | None]
    result_mailed_at: Mapped[datetime | None]
    idle_reminders: Mapped[int] = mapped_column(default=0)
    annulment_proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    #: The education on FR.APL.01 by which `met_rule` was met, in the words that stood there. Last, as it was added.
    met_education: Mapped[str | None] = mapped_column(String(300), sort_order=1)

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


class LinkedDocument(Identified, Model):
    """A document that a dossier names by its address only: "belum diunduh" until its row has a newer file."""

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
    #: The drawn signature in the file store; a name typed without a drawing is a signature all the same.
    drawing_key: Mapped[str | None] = mapped_column(String(32))

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
