"""Planning: an asesor's own SKK and days off, permissions that were corrected or ended, a zone a person chose

Revision 0016, after 0015, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.models.triggers import drop_triggers

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.add_column(
        "asesor_profile", sa.Column("skk_number", sa.String(60), nullable=False, server_default="")
    )
    op.add_column("asesor_profile", sa.Column("skk_valid_until", sa.Date(), nullable=True))
    op.add_column(
        "user_account",
        sa.Column("zone_chosen", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "asesor_day_off",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("from_moment", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_moment", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_asesor_day_off_dates_in_order")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_asesor_day_off_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asesor_day_off")),
        sa.UniqueConstraint("public_id", name=op.f("uq_asesor_day_off_public_id")),
    )
    op.create_index(
        "ix_asesor_day_off_user_id_until_moment", "asesor_day_off", ["user_id", "until_moment"]
    )
    with op.batch_alter_table("remote_permission") as table:
        table.add_column(sa.Column("corrects_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("ended_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("end_reason", sa.Text(), nullable=False, server_default=""))
        table.create_foreign_key(
            op.f("fk_remote_permission_corrects_id_remote_permission"),
            "remote_permission",
            ["corrects_id"],
            ["id"],
        )
        table.create_unique_constraint(op.f("uq_remote_permission_corrects_id"), ["corrects_id"])


def downgrade() -> None:
    drop_triggers(op.get_bind())
    with op.batch_alter_table("remote_permission") as table:
        table.drop_constraint(op.f("uq_remote_permission_corrects_id"), type_="unique")
        table.drop_constraint(
            op.f("fk_remote_permission_corrects_id_remote_permission"), type_="foreignkey"
        )
        table.drop_column("end_reason")
        table.drop_column("ended_on")
        table.drop_column("corrects_id")
    op.drop_table("asesor_day_off")
    op.drop_column("user_account", "zone_chosen")
    op.drop_column("asesor_profile", "skk_valid_until")
    op.drop_column("asesor_profile", "skk_number")
