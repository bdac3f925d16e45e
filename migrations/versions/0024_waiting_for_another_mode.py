"""Who waits for the other mode (daring or luring) is found without reading every case, and why he asked for it

Revision 0024, after 0023, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.models.triggers import drop_triggers

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_INDEX = "ix_permohonan_mode_agreed_at"
_FEW = sa.text("mode_agreed_at IS NOT NULL")


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.add_column(
        "permohonan",
        sa.Column("refuses_recording", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index(
        _INDEX, "permohonan", ["mode_agreed_at"], sqlite_where=_FEW, postgresql_where=_FEW
    )


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_index(_INDEX, table_name="permohonan")
    op.drop_column("permohonan", "refuses_recording")
