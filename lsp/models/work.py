"""What an admin did to many cases at once, and the lists he had made as files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp.database import EncryptedText
from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.models.user import User


class WorkBatch(Identified, Created, Model):
    """An assignment (with `verifier`) or reminders (without), pressed once for many cases.

    Its public id is drawn into the confirming page, so a double press finds the batch that stands. `done` holds
    [public id of a case, public id of who was assigned before or ""], `left_out` [public id, why in a sentence].
    """

    __tablename__ = "work_batch"

    actor_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    verifier_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    done: Mapped[list[Any]] = mapped_column(JSON)
    left_out: Mapped[list[Any]] = mapped_column(JSON)
    #: An assignment that was taken back, and for how many cases that was still possible.
    undone_at: Mapped[datetime | None]
    undone_count: Mapped[int] = mapped_column(default=0)

    verifier: Mapped[User | None] = relationship(foreign_keys=[verifier_id])


class ListExport(Identified, Created, Model):
    """A work list as a file: asked for by an admin, made by the worker, kept sealed for a day, his alone."""

    __tablename__ = "list_export"
    __table_args__ = (
        CheckConstraint("format IN ('csv', 'xlsx')", name="format_known"),
        CheckConstraint(
            "storage_key IS NULL OR (made_at IS NOT NULL AND row_count IS NOT NULL)",
            name="file_was_made",
        ),
        Index("ix_list_export_created_at", "created_at"),
    )

    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    format: Mapped[str] = mapped_column(String(4))
    #: The filter as in the query string of the list; a name that was searched for may stand in it.
    filter: Mapped[str] = mapped_column(EncryptedText("list_export.filter"))
    row_count: Mapped[int | None]
    #: Empty before it was made and after it was swept away.
    storage_key: Mapped[str | None] = mapped_column(String(32))
    made_at: Mapped[datetime | None]

    asked_by: Mapped[User] = relationship()
