"""Rows of FR.IA.08: the unit each stands under, and whether it still says what the pre-assessment said

Revision 0030, after 0029, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.models.triggers import drop_triggers

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    with op.batch_alter_table("portfolio_check") as table:
        table.add_column(sa.Column("unit_id", sa.Integer(), nullable=True))
        table.add_column(
            sa.Column("carried", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        table.create_foreign_key(
            op.f("fk_portfolio_check_unit_id_unit_kompetensi"),
            "unit_kompetensi",
            ["unit_id"],
            ["id"],
        )


def downgrade() -> None:
    drop_triggers(op.get_bind())
    with op.batch_alter_table("portfolio_check") as table:
        table.drop_constraint(
            op.f("fk_portfolio_check_unit_id_unit_kompetensi"), type_="foreignkey"
        )
        table.drop_column("carried")
        table.drop_column("unit_id")
