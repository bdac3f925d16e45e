"""Booking: which seat it took the place of, so that a moved meeting stays one meeting

Revision 0015, after 0014, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.models.triggers import drop_triggers

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    with op.batch_alter_table("booking") as table:
        table.add_column(sa.Column("moved_from_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_booking_moved_from_id_booking"), "booking", ["moved_from_id"], ["id"]
        )
        table.create_unique_constraint(op.f("uq_booking_moved_from_id"), ["moved_from_id"])


def downgrade() -> None:
    drop_triggers(op.get_bind())
    with op.batch_alter_table("booking") as table:
        table.drop_constraint(op.f("uq_booking_moved_from_id"), type_="unique")
        table.drop_constraint(op.f("fk_booking_moved_from_id_booking"), type_="foreignkey")
        table.drop_column("moved_from_id")
