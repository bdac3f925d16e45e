"""Work list: who is to verify a case, what was done to many cases at once, and lists as files

Revision 0006, after 0005, 2026-11-22.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.database import EncryptedText, UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ASSIGNED = {
    "ix_permohonan_assigned_recent": ["assigned_verifier_id", "status_at", "id"],
    "ix_permohonan_status_assigned_recent": ["status", "assigned_verifier_id", "status_at", "id"],
}


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    with op.batch_alter_table("permohonan") as batch:
        batch.add_column(sa.Column("assigned_verifier_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            "fk_permohonan_assigned_verifier_id_user_account",
            "user_account",
            ["assigned_verifier_id"],
            ["id"],
        )
        batch.create_check_constraint(
            "assigned_verifier_is_not_asesi",
            "assigned_verifier_id IS NULL OR assigned_verifier_id <> asesi_id",
        )
    for name, columns in _ASSIGNED.items():
        op.create_index(name, "permohonan", columns)
    _make_work_batch()
    _make_list_export()


def _make_work_batch() -> None:
    op.create_table(
        "work_batch",
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("verifier_id", sa.Integer(), nullable=True),
        sa.Column("done", sa.JSON(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.Column("undone_count", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user_account.id"], name="fk_work_batch_actor_id_user_account"
        ),
        sa.ForeignKeyConstraint(
            ["verifier_id"], ["user_account.id"], name="fk_work_batch_verifier_id_user_account"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_work_batch"),
        sa.UniqueConstraint("public_id", name="uq_work_batch_public_id"),
    )


def _make_list_export() -> None:
    op.create_table(
        "list_export",
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=4), nullable=False),
        sa.Column("filter", EncryptedText("list_export.filter"), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=True),
        sa.Column("storage_key", sa.String(length=32), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("format IN ('csv', 'xlsx')", name="format_known"),
        sa.CheckConstraint(
            "storage_key IS NULL OR (made_at IS NOT NULL AND row_count IS NOT NULL)",
            name="file_was_made",
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["user_account.id"], name="fk_list_export_asked_by_id_user_account"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_list_export"),
        sa.UniqueConstraint("public_id", name="uq_list_export_public_id"),
    )
    op.create_index("ix_list_export_created_at", "list_export", ["created_at"])


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_table("list_export")
    op.drop_table("work_batch")
    for name in _ASSIGNED:
        op.drop_index(name, table_name="permohonan")
    with op.batch_alter_table("permohonan") as batch:
        batch.drop_constraint("assigned_verifier_is_not_asesi", type_="check")
        batch.drop_constraint("fk_permohonan_assigned_verifier_id_user_account", type_="foreignkey")
        batch.drop_column("assigned_verifier_id")
