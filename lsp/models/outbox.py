"""What leaves the process: rows written with the change, sent by the worker or done by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lsp.database import EncryptedJson, enum_type
from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.vocabulary import Channel


class OutboxMessage(Identified, Created, Model):
    """A mail, a call to SIKI or BNSP, or a job of our own.

    `dedupe` makes writing it twice harmless; `lease_*` keep two workers apart; after `MAX_ATTEMPTS` failures
    `dead_at` is set and the admin sends it again or does it by hand.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index("ix_outbox_message_waiting", "channel", "done_at", "dead_at", "run_at"),
    )

    channel: Mapped[Channel] = mapped_column(enum_type(Channel))
    kind: Mapped[str] = mapped_column(String(60))
    dedupe: Mapped[str] = mapped_column(String(160), unique=True)
    permohonan_id: Mapped[int | None] = mapped_column(ForeignKey("permohonan.id"), index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("outbox_message.payload"))
    run_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[str | None] = mapped_column(String(32))
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    #: `sent` by the worker, `by_hand` by a person, `cancelled` when no longer wanted.
    done_how: Mapped[str] = mapped_column(String(10), default="")
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    dead_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")


class SentWithGaps(Created, Model):
    """A report that a person marked done although required fields of it lacked, and why. Append-only."""

    __tablename__ = "sent_with_gaps"
    __table_args__ = (CheckConstraint("reason <> ''", name="reason_given"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("outbox_message.id"), unique=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    lacking: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
