"""A sheet of asesi that the admin imports: its rows wait here, encrypted, until he confirms them or they expire."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lsp.database import EncryptedJson, EncryptedText, enum_type
from lsp.extensions import Model
from lsp.models.common import Created, Identified
from lsp.models.user import User
from lsp.vocabulary import ImportOutcome, ImportRowState, ImportStatus


class ImportBatch(Identified, Created, Model):
    """One uploaded sheet. It goes with its rows at `expires_at`."""

    __tablename__ = "import_batch"
    __table_args__ = (
        CheckConstraint(
            "status = 'preview' OR (started_by_id IS NOT NULL AND started_at IS NOT NULL)",
            name="started_has_person_and_time",
        ),
    )

    #: file_name; remarks: sentences about the whole sheet (columns that were not read, or are missing).
    about: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("import_batch.about"))
    status: Mapped[ImportStatus] = mapped_column(
        enum_type(ImportStatus), default=ImportStatus.PREVIEW
    )
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    created_by: Mapped[User] = relationship(foreign_keys=[created_by_id])
    started_by: Mapped[User | None] = relationship(foreign_keys=[started_by_id])


class ImportRow(Model):
    """A row of a sheet, once. The worker sets `outcome` in the transaction that does it, so it is done once."""

    __tablename__ = "import_row"
    __table_args__ = (
        UniqueConstraint("batch_id", "number"),
        Index("ix_import_row_waiting", "batch_id", "outcome", "chosen", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="CASCADE"))
    #: Of the row in the sheet, as Excel counts.
    number: Mapped[int]
    state: Mapped[ImportRowState] = mapped_column(enum_type(ImportRowState))
    chosen: Mapped[bool] = mapped_column(default=False)
    #: Cells as they stood, values as they were read, remarks (lsp/services/sheet_import_rows.py).
    content: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("import_row.content"))
    outcome: Mapped[ImportOutcome | None] = mapped_column(enum_type(ImportOutcome))
    #: Why it was refused; may name a person.
    reason: Mapped[str | None] = mapped_column(EncryptedText("import_row.reason"))
    permohonan_id: Mapped[int | None] = mapped_column(ForeignKey("permohonan.id"))
