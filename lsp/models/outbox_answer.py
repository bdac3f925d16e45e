"""What became of a row that a person works off in another system: each word about it, in order, never rewritten."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp import clock
from lsp.database import db
from lsp.extensions import Model
from lsp.models.outbox import OutboxMessage
from lsp.models.user import User
from lsp.vocabulary import Channel

#: How the `error` of a row begins that the other system refused; its words stand in the row's history.
REFUSED = "RefusedThere"


class OutboxAnswer(Model):
    """A word about one row: done with the answer that came, refused, answer corrected, opened again. Append-only."""

    __tablename__ = "outbox_answer"
    __table_args__ = (
        CheckConstraint(
            "outcome IN ('done', 'refused', 'corrected', 'reopened')", name="outcome_known"
        ),
        CheckConstraint("outcome = 'done' OR note <> ''", name="said_why"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("outbox_message.id"), index=True)
    at: Mapped[datetime]
    #: Nobody where the portal itself got the answer.
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    outcome: Mapped[str] = mapped_column(String(10))
    #: What the other system answered, under its own names.
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    note: Mapped[str] = mapped_column(Text, default="")

    by: Mapped[User | None] = relationship()


def note_word(
    message: OutboxMessage, by_id: int | None, outcome: str, *, note: str = "", **values: str
) -> None:
    """Add a word to the history of a row, in the present transaction."""
    db.session.add(
        OutboxAnswer(
            message_id=message.id,
            at=clock.now(),
            by_id=by_id,
            outcome=outcome,
            values=values,
            note=note.strip(),
        )
    )
    db.session.flush()


def settle_open(
    permohonan_id: int,
    channel: Channel,
    kind: str,
    by_id: int | None,
    *,
    outcome: str = "done",
    note: str = "",
    **values: str,
) -> None:
    """The answer to every open row of this kind of a case has come, whichever way; it stands in their history."""
    rows = db.session.scalars(
        select(OutboxMessage).where(
            OutboxMessage.permohonan_id == permohonan_id,
            OutboxMessage.channel == channel,
            OutboxMessage.kind == kind,
            OutboxMessage.done_at.is_(None),
        )
    ).all()
    for row in rows:
        mark_done(row, by_id)
        note_word(row, by_id, outcome, note=note, **values)


def mark_done(message: OutboxMessage, by_id: int | None) -> None:
    """It was done, by a person or by the portal."""
    message.done_at, message.done_by_id = clock.now(), by_id
    message.done_how = "sent" if by_id is None else "by_hand"
    message.dead_at = message.lease_until = message.lease_token = None
    message.error = ""
