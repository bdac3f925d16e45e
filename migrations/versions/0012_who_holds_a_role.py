"""An index of who holds a role: staff are few among a hundred thousand accounts

Revision 0012, after 0011, 2026-11-22.
"""

from __future__ import annotations

from alembic import op

from lsp.models.triggers import drop_triggers

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.create_index("ix_user_role_role", "user_role", ["role", "user_id"])


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_index("ix_user_role_role", table_name="user_role")
