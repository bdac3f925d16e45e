"""Checklist: when a repair was asked for at SIKI, and when an admin saw it there

Revision 0013, after 0012, 2026-11-22.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.database import UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.add_column("checklist_item", sa.Column("siki_asked_at", UtcDateTime(), nullable=True))
    op.add_column("checklist_item", sa.Column("siki_seen_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_column("checklist_item", "siki_seen_at")
    op.drop_column("checklist_item", "siki_asked_at")
