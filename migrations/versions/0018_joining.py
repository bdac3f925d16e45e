"""Who went into a meeting through the portal when, and the verdict of a device test

Revision 0018, after 0017, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.models.triggers import drop_triggers

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.create_table(
        "meeting_join",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("party", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "party IN ('asesi', 'asesor', 'penyelia')", name=op.f("ck_meeting_join_party_known")
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_meeting_join_booking_id_booking")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_meeting_join_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_join")),
    )
    op.create_index(op.f("ix_meeting_join_booking_id"), "meeting_join", ["booking_id"])
    op.create_table(
        "device_check",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("is_fit", sa.Boolean(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_device_check_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_device_check")),
    )


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_table("device_check")
    op.drop_table("meeting_join")
