"""A third party is reminded by a link of its own, and may have answered by telephone or too late

Revision 0032, after 0031, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.database import UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_DIGEST = "ix_third_party_reminder_digest"


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    with op.batch_alter_table("third_party") as table:
        table.add_column(sa.Column("reminder_digest", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("reminded_at", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("sent_at", UtcDateTime(), nullable=True))
        table.add_column(sa.Column("late", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("by_phone_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_third_party_by_phone_id_user_account"),
            "user_account",
            ["by_phone_id"],
            ["id"],
        )
    op.create_index(_DIGEST, "third_party", ["reminder_digest"], unique=True)


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_index(_DIGEST, table_name="third_party")
    with op.batch_alter_table("third_party") as table:
        table.drop_constraint(op.f("fk_third_party_by_phone_id_user_account"), type_="foreignkey")
        for name in ("by_phone_id", "late", "sent_at", "reminded_at", "reminder_digest"):
            table.drop_column(name)
