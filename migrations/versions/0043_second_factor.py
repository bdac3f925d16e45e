"""A second factor for staff: the secret of an app, recovery codes, and taking it off by two people

Revision 0043, after 0042, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.database import UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_OPEN = sa.text("decided_at IS NULL")


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.create_table(
        "totp_key",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_totp_key_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_totp_key")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_recovery_code_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("user_id", "digest", name=op.f("uq_recovery_code_user_id_digest")),
    )
    op.create_table(
        "totp_removal",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (approved IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)",
            name=op.f("ck_totp_removal_decision_has_time"),
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR (decided_by_id <> proposed_by_id AND decided_by_id <> user_id)",
            name=op.f("ck_totp_removal_two_others"),
        ),
        sa.CheckConstraint(
            "proposed_by_id <> user_id", name=op.f("ck_totp_removal_not_for_oneself")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["user_account.id"],
            name=op.f("fk_totp_removal_decided_by_id_user_account"),
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"],
            ["user_account.id"],
            name=op.f("fk_totp_removal_proposed_by_id_user_account"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_totp_removal_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_totp_removal")),
        sa.UniqueConstraint("public_id", name=op.f("uq_totp_removal_public_id")),
    )
    op.create_index(
        "uq_totp_removal_open",
        "totp_removal",
        ["user_id"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_index("uq_totp_removal_open", table_name="totp_removal")
    for table in ("totp_removal", "recovery_code", "totp_key"):
        op.drop_table(table)
