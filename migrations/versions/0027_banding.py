"""Banding with its panel, findings and history

Revision 0027, after 0026, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.database import UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.create_table(
        "banding",
        sa.Column("permohonan_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("status_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("filed_at", UtcDateTime(), nullable=False),
        sa.Column("fr_ak_04", sa.JSON(), nullable=False),
        sa.Column("words_version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("completion_asked", sa.Text(), nullable=False),
        sa.Column("completion_due", sa.Date(), nullable=True),
        sa.Column("completion", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("outcome_reason", sa.Text(), nullable=False),
        sa.Column("letter_number", sa.String(length=60), nullable=False),
        sa.Column("new_asesor_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('', 'uphold', 'reassess', 'redecide')",
            name=op.f("ck_banding_outcome_known"),
        ),
        sa.ForeignKeyConstraint(
            ["new_asesor_id"],
            ["user_account.id"],
            name=op.f("fk_banding_new_asesor_id_user_account"),
        ),
        sa.ForeignKeyConstraint(
            ["permohonan_id"], ["permohonan.id"], name=op.f("fk_banding_permohonan_id_permohonan")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_banding")),
        sa.UniqueConstraint("public_id", name=op.f("uq_banding_public_id")),
    )
    op.create_index("ix_banding_case", "banding", ["permohonan_id", "attempt"], unique=False)
    op.create_index("ix_banding_status", "banding", ["status", "status_at"], unique=False)
    op.create_table(
        "banding_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("banding_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("transition", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=True),
        sa.Column("target", sa.String(length=32), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_role", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user_account.id"], name=op.f("fk_banding_event_actor_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["banding_id"], ["banding.id"], name=op.f("fk_banding_event_banding_id_banding")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_banding_event")),
    )
    op.create_index(
        op.f("ix_banding_event_banding_id"), "banding_event", ["banding_id"], unique=False
    )
    op.create_table(
        "banding_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("banding_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("not_teaching_declared_at", UtcDateTime(), nullable=True),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=True),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(found_at IS NULL) = (finding = '')", name=op.f("ck_banding_member_found_has_words")
        ),
        sa.ForeignKeyConstraint(
            ["banding_id"], ["banding.id"], name=op.f("fk_banding_member_banding_id_banding")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_banding_member_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_banding_member")),
        sa.UniqueConstraint(
            "banding_id", "user_id", name=op.f("uq_banding_member_banding_id_user_id")
        ),
    )
    op.create_index(op.f("ix_banding_member_user_id"), "banding_member", ["user_id"], unique=False)


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_table("banding_member")
    op.drop_table("banding_event")
    op.drop_table("banding")
