"""Whose a permohonan is before its asesi has come: the claim that waits, and two people with one ID Izin."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp.database import enum_type
from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.models.permohonan import Permohonan
from lsp.models.skema import SkemaVersion
from lsp.models.user import User
from lsp.vocabulary import DisputeOutcome, Mode, RequestKind


class Claim(Created, Model):
    """A permohonan that the LSP opened for somebody, until he takes it over. No row: its asesi began it himself."""

    __tablename__ = "claim"
    __table_args__ = (
        CheckConstraint(
            "(claimed_at IS NULL) = (nik_matched IS NULL)", name="claimed_tells_of_nik"
        ),
        CheckConstraint("tries >= 0", name="tries_not_negative"),
        # The admin's pages count those that are stuck.
        Index("ix_claim_open", "tries", sqlite_where=text("claimed_at IS NULL"),
              postgresql_where=text("claimed_at IS NULL")),
    )  # fmt: skip

    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"), primary_key=True)
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    mailed_at: Mapped[datetime | None]
    #: How often a NIK was typed that is not the one on the form.
    tries: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime | None]
    #: Whether the NIK was compared with one that the LSP had; False: it had none, and took what was typed.
    nik_matched: Mapped[bool | None]

    permohonan: Mapped[Permohonan] = relationship()


class IdIzinDispute(Identified, Created, Model):
    """Somebody asks for an ID Izin that another holds; the admin decides. The asker never learns whose it is."""

    __tablename__ = "id_izin_dispute"
    __table_args__ = (
        CheckConstraint("(decided_at IS NULL) = (outcome IS NULL)", name="decision_has_time"),
        CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> asker_id", name="decided_by_another"
        ),
        Index(
            "uq_id_izin_dispute_open",
            "permohonan_id",
            "asker_id",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    id_izin: Mapped[str] = mapped_column(String(50))
    #: The case that held it when it was asked for.
    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"))
    asker_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    #: What the asker wants to begin, or his draft whose ID Izin he corrects to this one.
    skema_version_id: Mapped[int] = mapped_column(ForeignKey("skema_version.id"))
    kind: Mapped[RequestKind] = mapped_column(enum_type(RequestKind))
    mode: Mapped[Mode] = mapped_column(enum_type(Mode))
    own_permohonan_id: Mapped[int | None] = mapped_column(ForeignKey("permohonan.id"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    outcome: Mapped[DisputeOutcome | None] = mapped_column(enum_type(DisputeOutcome))
    reason: Mapped[str] = mapped_column(Text, default="")

    permohonan: Mapped[Permohonan] = relationship(foreign_keys=[permohonan_id])
    own_permohonan: Mapped[Permohonan | None] = relationship(foreign_keys=[own_permohonan_id])
    asker: Mapped[User] = relationship(foreign_keys=[asker_id])
    skema_version: Mapped[SkemaVersion] = relationship()
