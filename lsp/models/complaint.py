"""Keluhan: what anybody complains of, its register, its clocks and its history (process 6.4)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp.database import EncryptedText, enum_type
from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.models.permohonan import Permohonan
from lsp.models.user import User
from lsp.vocabulary import ComplaintStatus


class Complaint(Identified, Created, Model):
    """One keluhan. Who complains and how to reach him is sealed; `receipt` is the number he follows it by."""

    __tablename__ = "complaint"
    __table_args__ = (
        Index("ix_complaint_status", "status", "status_at"),
        Index("ix_complaint_sent_key", "sent_key", unique=True),
        # The daily chore and the admin's first page ask for those alone.
        Index("ix_complaint_open", "id", sqlite_where=text("closed_at IS NULL"),
              postgresql_where=text("closed_at IS NULL")),
    )  # fmt: skip

    receipt: Mapped[str] = mapped_column(String(20), unique=True)
    status: Mapped[ComplaintStatus] = mapped_column(
        enum_type(ComplaintStatus), default=ComplaintStatus.RECEIVED
    )
    status_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    name: Mapped[str] = mapped_column(EncryptedText("complaint.name"))
    contact: Mapped[str] = mapped_column(EncryptedText("complaint.contact"))
    relation: Mapped[str] = mapped_column(String(80), default="")
    about: Mapped[str] = mapped_column(String(160))
    body: Mapped[str] = mapped_column(EncryptedText("complaint.body"))
    #: Of the form it came by: the same form sent twice is one keluhan.
    sent_key: Mapped[str | None] = mapped_column(String(32))
    certificate_number: Mapped[str] = mapped_column(String(60), default="")
    #: The case it is about, where it is about one.
    permohonan_id: Mapped[int | None] = mapped_column(ForeignKey("permohonan.id"))
    register_due: Mapped[date] = mapped_column(Date)
    progress_due: Mapped[date | None] = mapped_column(Date)
    close_due: Mapped[date] = mapped_column(Date)
    #: Somebody whom the complaint is not about.
    investigator_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    #: What the investigator found; nothing is closed without.
    finding: Mapped[str] = mapped_column(Text, default="")
    closing: Mapped[str] = mapped_column(Text, default="")
    letter_number: Mapped[str] = mapped_column(String(60), default="")
    closed_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own way

    investigator: Mapped[User | None] = relationship()
    permohonan: Mapped[Permohonan | None] = relationship()
    people: Mapped[list[ComplaintPerson]] = relationship(cascade="all, delete-orphan")
    events: Mapped[list[ComplaintEvent]] = relationship(order_by="ComplaintEvent.id")


class ComplaintPerson(Model):
    """Somebody of the LSP whom a keluhan is about: he neither handles nor reads it."""

    __tablename__ = "complaint_person"

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)

    user: Mapped[User] = relationship()


class ComplaintEvent(Model):
    """What was done about a keluhan, by whom. `told`: the complainant reads it too. Written once."""

    __tablename__ = "complaint_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"), index=True)
    at: Mapped[datetime]
    step: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    told: Mapped[bool] = mapped_column(default=False)

    actor: Mapped[User | None] = relationship()
