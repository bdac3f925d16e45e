"""Corrections of a setting: a second version from the same day may stand

Revision 0003, after 0002, 2026-11-22.
"""

from __future__ import annotations

from alembic import op

from lsp.models.triggers import drop_triggers

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    with op.batch_alter_table("setting") as batch:
        batch.drop_constraint("uq_setting_key_effective_from", type_="unique")
    op.create_index("ix_setting_key_effective_from", "setting", ["key", "effective_from"])


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_index("ix_setting_key_effective_from", table_name="setting")
    # What was corrected goes: of each day the version that holds is kept.
    op.execute(
        "DELETE FROM setting WHERE id NOT IN (SELECT max(id) FROM setting GROUP BY key, effective_from)"
    )
    with op.batch_alter_table("setting") as batch:
        batch.create_unique_constraint("uq_setting_key_effective_from", ["key", "effective_from"])
