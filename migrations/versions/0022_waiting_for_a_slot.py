"""Who waits for a meeting to be opened, because no time suited

Revision 0022, after 0021, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.database import UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.create_table(
        "slot_wait",
        sa.Column("permohonan_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["permohonan_id"], ["permohonan.id"], name=op.f("fk_slot_wait_permohonan_id_permohonan")
        ),
        sa.PrimaryKeyConstraint("permohonan_id", name=op.f("pk_slot_wait")),
    )


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_table("slot_wait")
