"""The decision: pleno (rapat tim teknis), its members and cases, one vote a member, and the SK of the ketua."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    Time,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp import clock
from lsp.database import enum_type
from lsp.extensions import Model
from lsp.models.assessment import FrAk02
from lsp.models.common import Created, Identified
from lsp.models.permohonan import Permohonan
from lsp.models.user import User
from lsp.vocabulary import Answer, Mode


class Pleno(Identified, Created, Model):
    """A meeting of the tim teknis with its agenda, berita acara number and the SK that follows."""

    __tablename__ = "pleno"
    __table_args__ = (
        CheckConstraint(
            "(sk_signed_at IS NULL) = (sk_signed_by_id IS NULL)", name="sk_signed_by_someone"
        ),
        CheckConstraint("sk_signed_at IS NULL OR sk_number <> ''", name="signed_sk_has_number"),
        CheckConstraint("(starts IS NULL) = (ends IS NULL)", name="both_hours"),
        CheckConstraint("ends IS NULL OR ends > starts", name="hours_in_order"),
    )

    held_on: Mapped[date] = mapped_column(Date)
    berita_acara_number: Mapped[str] = mapped_column(String(60), unique=True)
    chair_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    closed_at: Mapped[datetime | None]
    sk_number: Mapped[str] = mapped_column(String(60), default="")
    sk_date: Mapped[date | None] = mapped_column(Date)
    sk_signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    sk_signed_at: Mapped[datetime | None]
    #: The hours in WIB, on `held_on`, and where. Empty for a pleno from before they were asked for.
    starts: Mapped[time | None] = mapped_column(Time)
    ends: Mapped[time | None] = mapped_column(Time)
    mode: Mapped[Mode | None] = mapped_column(enum_type(Mode))
    place: Mapped[str] = mapped_column(String(160), default="")
    meeting_url: Mapped[str] = mapped_column(String(300), default="")
    notulis_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    surat_tugas_number: Mapped[str] = mapped_column(String(60), default="")
    surat_tugas_date: Mapped[date | None] = mapped_column(Date)
    #: Which version of their words the papers of the meeting and the SK are printed with.
    words_version: Mapped[int | None]
    sk_words_version: Mapped[int | None]

    chair: Mapped[User] = relationship(foreign_keys=[chair_id])
    members: Mapped[list[PlenoMember]] = relationship(order_by="PlenoMember.user_id")
    cases: Mapped[list[PlenoCase]] = relationship(order_by="PlenoCase.id", back_populates="pleno")

    @property
    def starts_at(self) -> datetime | None:
        return datetime.combine(self.held_on, self.starts, clock.WIB) if self.starts else None

    @property
    def ends_at(self) -> datetime | None:
        return datetime.combine(self.held_on, self.ends, clock.WIB) if self.ends else None


class PlenoMember(Model):
    __tablename__ = "pleno_member"

    pleno_id: Mapped[int] = mapped_column(ForeignKey("pleno.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    #: As they stood when the pleno was called: what its surat tugas says.
    jabatan: Mapped[str] = mapped_column(String(120), default="")
    met_number: Mapped[str] = mapped_column(String(40), default="")

    user: Mapped[User] = relationship()


class PlenoCase(Identified, Created, Model):
    """A permohonan on a pleno's agenda, with the edition of FR.AK.02 that is decided on."""

    __tablename__ = "pleno_case"
    __table_args__ = (
        UniqueConstraint("pleno_id", "permohonan_id", "fr_ak_02_id"),
        # A case waits on one agenda at a time.
        Index(
            "uq_pleno_case_open",
            "permohonan_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        CheckConstraint("outcome IN ('', 'K', 'BK', 'sent_back', 'removed')", name="outcome_known"),
        CheckConstraint("(outcome = '') = (closed_at IS NULL)", name="outcome_has_time"),
    )

    pleno_id: Mapped[int] = mapped_column(ForeignKey("pleno.id"))
    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"), index=True)
    fr_ak_02_id: Mapped[int] = mapped_column(ForeignKey("fr_ak_02.id"))
    attempt: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(10), default="")
    closed_at: Mapped[datetime | None]

    pleno: Mapped[Pleno] = relationship(back_populates="cases")
    permohonan: Mapped[Permohonan] = relationship()
    fr_ak_02: Mapped[FrAk02] = relationship()
    votes: Mapped[list[Vote]] = relationship(order_by="Vote.id", back_populates="pleno_case")

    @property
    def votes_for(self) -> int:
        """Members whose word led to the outcome: taken anew after a banding, it may be against the recommendation."""
        return sum(vote.agrees == (vote.recommendation == self.outcome) for vote in self.votes)


class Vote(Created, Model):
    """One member's word on one case, with his declaration of independence. Append-only."""

    __tablename__ = "vote"
    __table_args__ = (
        UniqueConstraint("pleno_case_id", "member_id"),
        CheckConstraint("agrees OR note <> ''", name="disagreement_has_note"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pleno_case_id: Mapped[int] = mapped_column(ForeignKey("pleno_case.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    recommendation: Mapped[Answer] = mapped_column(enum_type(Answer))
    agrees: Mapped[bool]
    note: Mapped[str] = mapped_column(Text, default="")
    #: "Tidak melatih dalam 2 tahun, tanpa benturan kepentingan", declared with the vote.
    declared_at: Mapped[datetime]

    pleno_case: Mapped[PlenoCase] = relationship(back_populates="votes")
    member: Mapped[User] = relationship()
