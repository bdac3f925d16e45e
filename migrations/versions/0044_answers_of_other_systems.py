"""What SIKI and BNSP answered to a row of the outbox, word by word

Revision 0044, after 0043, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.database import UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outbox_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('done', 'refused', 'corrected', 'reopened')",
            name=op.f("ck_outbox_answer_outcome_known"),
        ),
        sa.CheckConstraint(
            "outcome = 'done' OR note <> ''", name=op.f("ck_outbox_answer_said_why")
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user_account.id"], name=op.f("fk_outbox_answer_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["outbox_message.id"],
            name=op.f("fk_outbox_answer_message_id_outbox_message"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_answer")),
    )
    op.create_index("ix_outbox_answer_message_id", "outbox_answer", ["message_id"])


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_table("outbox_answer")
