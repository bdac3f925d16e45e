"""FR.APL.01 in rows: work that goes on, who pays from a public budget, the drawn signature

Revision 0009, after 0008, 2026-11-22.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.models.triggers import drop_triggers

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    with op.batch_alter_table("work_experience") as batch:
        batch.alter_column("ended_on", existing_type=sa.Date(), nullable=True)
    op.add_column(
        "fr_apl_01", sa.Column("ministry", sa.String(160), nullable=False, server_default="")
    )
    op.add_column("signature", sa.Column("drawing_key", sa.String(32), nullable=True))
    op.create_table(
        "ministry",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(160), nullable=False, unique=True),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
    )


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_table("ministry")
    op.drop_column("signature", "drawing_key")
    op.drop_column("fr_apl_01", "ministry")
    # The older portal knows no work that goes on: it asked for today's date instead.
    op.execute("UPDATE work_experience SET ended_on = CURRENT_DATE WHERE ended_on IS NULL")
    with op.batch_alter_table("work_experience") as batch:
        batch.alter_column("ended_on", existing_type=sa.Date(), nullable=False)
