"""Sheets of asesi that the admin imports, and their rows

Revision 0010, after 0009, 2026-11-22.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.database import UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.create_table(
        "import_batch",
        sa.Column("about", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("created_by_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("started_by_id", sa.Integer(), sa.ForeignKey("user_account.id"), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "status = 'preview' OR (started_by_id IS NOT NULL AND started_at IS NOT NULL)",
            name=op.f("ck_import_batch_started_has_person_and_time"),
        ),
    )
    op.create_index("ix_import_batch_expires_at", "import_batch", ["expires_at"])
    op.create_table(
        "import_row",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "batch_id",
            sa.Integer(),
            sa.ForeignKey("import_batch.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("permohonan_id", sa.Integer(), sa.ForeignKey("permohonan.id"), nullable=True),
        sa.UniqueConstraint("batch_id", "number"),
    )
    op.create_index(
        "ix_import_row_waiting", "import_row", ["batch_id", "outcome", "chosen", "number"]
    )


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_table("import_row")
    op.drop_table("import_batch")
