"""The asesor's papers on a case, per attempt: review of FR.APL.02, MAPA, FR.AK.07, FR.AK.01, FR.AK.02."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp.database import enum_type
from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.models.mapa import Mapa
from lsp.models.skema import UnitKompetensi
from lsp.models.user import User
from lsp.vocabulary import Answer


class Apl02Review(Created, Model):
    """The asesor's word on FR.APL.02: "dapat" or "tidak dapat dilanjutkan", one a round."""

    __tablename__ = "apl_02_review"

    id: Mapped[int] = mapped_column(primary_key=True)
    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"), index=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), unique=True)
    attempt: Mapped[int]
    asesor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    can_continue: Mapped[bool]
    missing_evidence: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")


class AssessmentPlan(Created, Model):
    """The plan of an attempt: the MAPA chosen with its approach and methods, FR.AK.07 answers, FR.AK.01 evidence kinds.

    A plan chosen before MAPA were documents has approach and methods and no MAPA.
    """

    __tablename__ = "assessment_plan"
    __table_args__ = (UniqueConstraint("permohonan_id", "attempt"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"))
    attempt: Mapped[int]
    asesor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    approach: Mapped[str] = mapped_column(String(20), default="")
    methods: Mapped[list[str]] = mapped_column(JSON, default=list)
    mapa_chosen_at: Mapped[datetime | None]
    fr_ak_07: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    fr_ak_07_at: Mapped[datetime | None]
    fr_ak_01_evidence: Mapped[list[str]] = mapped_column(JSON, default=list)
    fr_ak_01_at: Mapped[datetime | None]
    #: When and where the assessment was agreed on, and whom to reach when the line breaks.
    agreed_starts_at: Mapped[datetime | None]
    agreed_place: Mapped[str] = mapped_column(String(200), default="")
    backup_contact: Mapped[str] = mapped_column(String(200), default="")
    #: Evidence of a kind of its own ("Lainnya"), and the version of the words of FR.AK.01; None on older papers.
    fr_ak_01_other: Mapped[str] = mapped_column(String(200), default="")
    fr_ak_01_version: Mapped[int | None]
    # Added later: in the table they stand behind the columns of `Created`.
    mapa_id: Mapped[int | None] = mapped_column(ForeignKey("mapa.id"), sort_order=1)
    #: Section 3 of FR.MAPA.01 for this asesi: row -> words; the MAPA itself stays as it is.
    mapa_changes: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, sort_order=1)
    #: Chosen before instruments were filled in the portal: its FR.IA may lie on paper (docs/decisions/instruments.md).
    papers_outside: Mapped[bool] = mapped_column(default=False, sort_order=1)

    mapa: Mapped[Mapa | None] = relationship()


class FrAk02(Identified, Created, Model):
    """FR.AK.02, Rekaman Asesmen Kompetensi (forms 8.1). Frozen when the recommendation is sent.

    A send-back opens a new edition beside the old, which stays as it was.
    """

    __tablename__ = "fr_ak_02"
    __table_args__ = (
        UniqueConstraint("permohonan_id", "attempt", "edition"),
        CheckConstraint(
            "frozen_at IS NULL OR recommendation IS NOT NULL", name="frozen_has_recommendation"
        ),
        CheckConstraint(
            "asesi_signature IN ('', 'signed', 'refused', 'unsigned')", name="asesi_signature_known"
        ),
    )

    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"), index=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    attempt: Mapped[int]
    edition: Mapped[int] = mapped_column(default=1)
    asesor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    recommendation: Mapped[Answer | None] = mapped_column(enum_type(Answer))
    follow_up: Mapped[str] = mapped_column(Text, default="")
    comment: Mapped[str] = mapped_column(Text, default="")
    written_feedback: Mapped[str] = mapped_column(Text, default="")
    asesi_signature: Mapped[str] = mapped_column(String(10), default="")
    asesi_refusal_reason: Mapped[str] = mapped_column(Text, default="")
    frozen_at: Mapped[datetime | None]

    units: Mapped[list[FrAk02Unit]] = relationship(
        back_populates="fr_ak_02", order_by="FrAk02Unit.id"
    )
    asesor: Mapped[User] = relationship()
    #: What asesor 2 said of this edition.
    second_word: Mapped[Countersignature | None] = relationship(viewonly=True)


class FrAk02Unit(Model):
    """One row of the matrix: which of the eight kinds of evidence, and for BK the reason.

    `changed_reason`: why the ticks are others than the instruments give; without it they follow the instruments.
    """

    __tablename__ = "fr_ak_02_unit"
    __table_args__ = (UniqueConstraint("fr_ak_02_id", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fr_ak_02_id: Mapped[int] = mapped_column(ForeignKey("fr_ak_02.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit_kompetensi.id"))
    evidence: Mapped[list[str]] = mapped_column(JSON, default=list)
    failed: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text, default="")
    changed_reason: Mapped[str] = mapped_column(Text, default="")

    fr_ak_02: Mapped[FrAk02] = relationship(back_populates="units")
    unit: Mapped[UnitKompetensi] = relationship()


class Countersignature(Created, Model):
    """The word of asesor 2 on FR.AK.02: agrees, dissents with a note, or was released by the admin."""

    __tablename__ = "countersignature"
    __table_args__ = (
        UniqueConstraint("fr_ak_02_id"),
        CheckConstraint("word IN ('agrees', 'dissents', 'released')", name="word_known"),
        CheckConstraint("word = 'agrees' OR note <> ''", name="note_given"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fr_ak_02_id: Mapped[int] = mapped_column(ForeignKey("fr_ak_02.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    word: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text, default="")

    by: Mapped[User] = relationship(lazy="joined")
