"""Why a tick of FR.AK.02 is another than the instruments give, and plans that were made before instruments

Revision 0031, after 0030, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.models.triggers import drop_triggers

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.add_column(
        "fr_ak_02_unit",
        sa.Column("changed_reason", sa.Text(), nullable=False, server_default=""),
    )
    op.add_column(
        "assessment_plan",
        sa.Column("papers_outside", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    # What was chosen until today was chosen before instruments could be filled in the portal.
    op.execute(
        sa.text("UPDATE assessment_plan SET papers_outside = true WHERE mapa_chosen_at IS NOT NULL")
    )


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_column("assessment_plan", "papers_outside")
    op.drop_column("fr_ak_02_unit", "changed_reason")
