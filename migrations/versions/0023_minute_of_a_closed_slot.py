"""A closed slot no longer keeps its minute: only standing slots of one asesor must begin apart

Revision 0023, after 0022, 2026-11-23.
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from lsp.database import UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_STANDING = sa.text("cancelled_at IS NULL")


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    with op.batch_alter_table("slot") as table:
        table.drop_constraint(op.f("uq_slot_asesor_id_starts_at"), type_="unique")
    op.create_index(
        "uq_slot_standing",
        "slot",
        ["asesor_id", "starts_at"],
        unique=True,
        sqlite_where=_STANDING,
        postgresql_where=_STANDING,
    )
    op.create_index("ix_slot_asesor_id_starts_at", "slot", ["asesor_id", "starts_at"])


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_index("ix_slot_asesor_id_starts_at", "slot")
    op.drop_index("uq_slot_standing", "slot")
    _part_from_others()
    with op.batch_alter_table("slot") as table:
        table.create_unique_constraint(
            op.f("uq_slot_asesor_id_starts_at"), ["asesor_id", "starts_at"]
        )


def _part_from_others() -> None:
    """The old rule counts closed slots too: each closed one begins a few microseconds earlier than its twin."""
    slot = sa.table(
        "slot",
        sa.column("id", sa.Integer),
        sa.column("asesor_id", sa.Integer),
        sa.column("starts_at", UtcDateTime()),
        sa.column("cancelled_at", UtcDateTime()),
    )
    connection, held = op.get_bind(), set()
    standing_first = (slot.c.cancelled_at.is_not(None), slot.c.id)
    for row in connection.execute(sa.select(slot).order_by(*standing_first)).all():
        start = row.starts_at
        while (row.asesor_id, start) in held:
            start -= timedelta(microseconds=1)
        held.add((row.asesor_id, start))
        if start != row.starts_at:
            connection.execute(slot.update().where(slot.c.id == row.id).values(starts_at=start))
