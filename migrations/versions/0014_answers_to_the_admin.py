"""Checklist: what the asesi answers about a section that was sent back and is right as it stands

Revision 0014, after 0013, 2026-11-22.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.models.triggers import drop_triggers

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.add_column(
        "checklist_item", sa.Column("answer", sa.Text(), nullable=False, server_default="")
    )


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_column("checklist_item", "answer")
