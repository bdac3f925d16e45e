"""BNSP's blanko from the request to the ledger: who was asked for, what was answered, each move of a number."""

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
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp import clock
from lsp.database import enum_type
from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.models.jadwal import Jadwal
from lsp.models.permohonan import Permohonan
from lsp.models.pleno import Pleno
from lsp.models.user import User
from lsp.vocabulary import Answer, BlankoState

_OPEN = "outcome = '' AND result = 'K'"


class BlankoRequest(Identified, Created, Model):
    """One surat permohonan blanko: a pleno's cases of one jadwal. Written once; a later case goes in another."""

    __tablename__ = "blanko_request"

    number: Mapped[str] = mapped_column(String(60), unique=True)
    dated: Mapped[date] = mapped_column(Date)
    pleno_id: Mapped[int] = mapped_column(ForeignKey("pleno.id"), index=True)
    #: None for a case that was brought in without a meeting here.
    jadwal_id: Mapped[int | None] = mapped_column(ForeignKey("jadwal.id"), index=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))

    pleno: Mapped[Pleno] = relationship()
    jadwal: Mapped[Jadwal | None] = relationship()
    made_by: Mapped[User] = relationship()
    cases: Mapped[list[BlankoRequestCase]] = relationship(
        order_by="BlankoRequestCase.id", back_populates="request"
    )


class BlankoRequestCase(Model):
    """A case in a request. K: a number is asked for and answered once; BK: listed, since BNSP wants everybody."""

    __tablename__ = "blanko_request_case"
    __table_args__ = (
        UniqueConstraint("request_id", "permohonan_id"),
        # A case is asked for in one request at a time.
        Index(
            "uq_blanko_request_case_open",
            "permohonan_id",
            unique=True,
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        CheckConstraint("outcome IN ('', 'received', 'refused', 'annulled')", name="outcome_known"),
        CheckConstraint("(outcome = '') = (answered_at IS NULL)", name="outcome_has_time"),
        CheckConstraint("outcome IN ('', 'received') OR reason <> ''", name="refusal_has_reason"),
        CheckConstraint("result = 'K' OR outcome = ''", name="only_competent_is_answered"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("blanko_request.id"), index=True)
    permohonan_id: Mapped[int] = mapped_column(ForeignKey("permohonan.id"), index=True)
    attempt: Mapped[int]
    result: Mapped[Answer] = mapped_column(enum_type(Answer))
    #: Who paid, as the letter counted it.
    funding: Mapped[str] = mapped_column(String(40), default="")
    ministry: Mapped[str] = mapped_column(String(160), default="")
    outcome: Mapped[str] = mapped_column(String(10), default="")
    answered_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")

    request: Mapped[BlankoRequest] = relationship(back_populates="cases")
    permohonan: Mapped[Permohonan] = relationship()


class BlankoReturn(Identified, Created, Model):
    """A berita acara by which spoiled blanko went back to BNSP; its numbers are its moves."""

    __tablename__ = "blanko_return"

    number: Mapped[str] = mapped_column(String(60), unique=True)
    dated: Mapped[date] = mapped_column(Date)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))

    made_by: Mapped[User] = relationship()


class BlankoMove(Model):
    """One move of a number. Append-only; the state of a blanko is the target of its newest move."""

    __tablename__ = "blanko_move"
    __table_args__ = (
        CheckConstraint("(target = 'returned') = (return_id IS NOT NULL)", name="returned_by_paper"),
        CheckConstraint("target NOT IN ('spoiled', 'mistyped') OR note <> ''", name="loss_has_reason"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    blanko_id: Mapped[int] = mapped_column(ForeignKey("blanko.id"), index=True)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    source: Mapped[BlankoState | None] = mapped_column(enum_type(BlankoState))
    target: Mapped[BlankoState] = mapped_column(enum_type(BlankoState))
    permohonan_id: Mapped[int | None] = mapped_column(ForeignKey("permohonan.id"))
    return_id: Mapped[int | None] = mapped_column(ForeignKey("blanko_return.id"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    note: Mapped[str] = mapped_column(Text, default="")

    actor: Mapped[User | None] = relationship()


class BnspCode(Model):
    """BNSP's code of a value of ours, typed by the admin from BNSP's own list: there is no public table of them."""

    __tablename__ = "bnsp_code"

    #: city, province, education, occupation, funding or ministry
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    own: Mapped[str] = mapped_column(String(160), primary_key=True)
    code: Mapped[str] = mapped_column(String(20))
    set_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    set_at: Mapped[datetime] = mapped_column(default=clock.now)
