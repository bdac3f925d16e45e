"""Rows taken out of a draft of an instrument, so that they can come back

Revision 0029, after 0028, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.models.triggers import drop_triggers

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.add_column(
        "instrument", sa.Column("removed", sa.JSON(), nullable=False, server_default="[]")
    )


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_column("instrument", "removed")
