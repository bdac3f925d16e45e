"""What becomes of a certificate after issue: proposals to suspend, reinstate or revoke it, and what follows it.

Who may decide, and that nothing of it changes afterwards, is also held by triggers (certificate_triggers.py).
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp.database import enum_type
from lsp.extensions import Model
from lsp.models.certificate import Certificate
from lsp.models.common import Created, Identified
from lsp.models.document import Document
from lsp.models.permohonan import Permohonan
from lsp.models.user import User
from lsp.vocabulary import LifeGround, LifeStep, ProposalOutcome, Role

_OPEN = text("decided_at IS NULL")


class CertificateProposal(Identified, Created, Model):
    """One proposal about one certificate: its grounds, the notice to the holder, his answer, the ketua's word.

    `answer_until` is empty where nobody has to wait: a reinstatement, and a revocation for proven fraud.
    """

    __tablename__ = "certificate_proposal"
    __table_args__ = (
        CheckConstraint("length(trim(reason)) >= 20", name="has_reason"),
        CheckConstraint("(answered_at IS NULL) = (answer = '')", name="answer_has_time"),
        CheckConstraint("(decided_at IS NULL) = (outcome IS NULL)", name="decided_has_outcome"),
        CheckConstraint("outcome IS NULL OR decision_words <> ''", name="decided_has_words"),
        CheckConstraint("outcome <> 'approved' OR letter_number <> ''", name="approved_has_letter"),
        CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name="decided_by_another"
        ),
        # Of two who propose at once the second is refused.
        Index(
            "uq_certificate_proposal_open",
            "certificate_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_certificate_proposal_waiting", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_certificate_proposal_certificate", "certificate_id", "id"),
    )

    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"))
    version: Mapped[int] = mapped_column(default=1)
    step: Mapped[LifeStep] = mapped_column(enum_type(LifeStep))
    ground: Mapped[LifeGround] = mapped_column(enum_type(LifeGround))
    reason: Mapped[str] = mapped_column(Text)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    proposed_role: Mapped[Role] = mapped_column(enum_type(Role))
    #: When the notice was written to the holder, by mail and on his page.
    notice_at: Mapped[datetime | None]
    answer_until: Mapped[date | None] = mapped_column(Date)
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None]
    outcome: Mapped[ProposalOutcome | None] = mapped_column(enum_type(ProposalOutcome))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
    decision_words: Mapped[str] = mapped_column(Text, default="")
    letter_number: Mapped[str] = mapped_column(String(60), default="")

    certificate: Mapped[Certificate] = relationship()
    proposed_by: Mapped[User] = relationship(foreign_keys=[proposed_by_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])
    answer_file: Mapped[CertificateAnswerFile | None] = relationship(viewonly=True)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's name

    @property
    def is_open(self) -> bool:
        return self.decided_at is None


class CertificateAnswerFile(Model):
    """The one file that a holder sent with his answer to a proposal. Written with it, and kept as it was."""

    __tablename__ = "certificate_answer_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("certificate_proposal.id"), unique=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), unique=True)

    document: Mapped[Document] = relationship(lazy="joined")


class PreviousCertificate(Model):
    """The certificate that a permohonan of kind perpanjangan or perubahan is about: one of ours, or a number typed.

    A table of its own, because a certificate names its permohonan already.
    """

    __tablename__ = "previous_certificate"
    __table_args__ = (
        CheckConstraint("(certificate_id IS NULL) = (typed_number <> '')", name="ours_or_typed"),
    )

    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"), primary_key=True)
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"), index=True)
    typed_number: Mapped[str] = mapped_column(String(80), default="")
    #: For kind perubahan: what on the old certificate is to be corrected.
    correction: Mapped[str] = mapped_column(Text, default="")
    named_at: Mapped[datetime]

    permohonan: Mapped[Permohonan] = relationship()
    certificate: Mapped[Certificate | None] = relationship()
