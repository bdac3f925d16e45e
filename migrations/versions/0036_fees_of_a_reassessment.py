"""Fees of an asesmen ulang beside those of the certification

Revision 0036, after 0035, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.models.triggers import drop_triggers

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_OLD = "uq_fee_jenjang_kind_mode_effective_from"
_NEW = "uq_fee_purpose_jenjang_kind_mode_effective_from"


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    with op.batch_alter_table("fee") as table:
        table.add_column(
            sa.Column("purpose", sa.String(32), nullable=False, server_default="sertifikasi")
        )
        table.drop_constraint(_OLD, type_="unique")
        table.create_unique_constraint(
            _NEW, ["purpose", "jenjang", "kind", "mode", "effective_from"]
        )
        table.create_check_constraint(op.f("ck_fee_purpose_has_fees"), "purpose <> 'selisih'")
    with op.batch_alter_table("fee") as table:
        table.alter_column("purpose", server_default=None)


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.execute("DELETE FROM fee WHERE purpose <> 'sertifikasi'")
    with op.batch_alter_table("fee") as table:
        table.drop_constraint(op.f("ck_fee_purpose_has_fees"), type_="check")
        table.drop_constraint(_NEW, type_="unique")
        table.create_unique_constraint(_OLD, ["jenjang", "kind", "mode", "effective_from"])
        table.drop_column("purpose")
