"""FR.AK.05 and FR.AK.06 keep the name that was typed when they were signed

Revision 0034, after 0033, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.models.triggers import drop_triggers

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_TABLES = ("fr_ak_05", "fr_ak_06")


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    for table in _TABLES:
        op.add_column(
            table, sa.Column("signed_name", sa.String(120), nullable=False, server_default="")
        )


def downgrade() -> None:
    drop_triggers(op.get_bind())
    for table in _TABLES:
        op.drop_column(table, "signed_name")
