"""How a certificate's PDF was made, official PDFs, batches of certificates, and the unit list as a printed fact

Revision 0042, after 0041, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.database import UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_FIRST = sa.text("replaces_id IS NULL")


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), primary_key=True)


def _to(column: str, table: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(column, sa.Integer(), sa.ForeignKey(f"{table}.id"), nullable=nullable)


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    # Certificates until now printed no unit list.
    with op.batch_alter_table("certificate") as table:
        table.add_column(
            sa.Column("print_unit_list", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("certificate") as table:
        table.alter_column("print_unit_list", server_default=None)
    op.create_table(
        "certificate_making",
        _id(),
        _to("certificate_id", "certificate"),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("unsigned_sha256", sa.String(64), nullable=False),
        sa.Column("signed_sha256", sa.String(64), nullable=True),
        sa.Column("key_fingerprint", sa.String(64), nullable=False),
        sa.Column("key_subject", sa.String(300), nullable=False),
        sa.Column("time_stamp_by", sa.String(200), nullable=False),
        sa.Column("typst_version", sa.String(20), nullable=False),
        sa.UniqueConstraint("certificate_id", name=op.f("uq_certificate_making_certificate_id")),
        sa.CheckConstraint(
            "(signed_sha256 IS NULL) = (key_fingerprint = '')",
            name=op.f("ck_certificate_making_signed_by_a_key"),
        ),
    )
    op.create_table(
        "official_certificate",
        _id(),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        _to("certificate_id", "certificate"),
        sa.Column("storage_key", sa.String(32), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("is_signed", sa.Boolean(), nullable=False),
        _to("attached_by_id", "user_account"),
        _to("replaces_id", "official_certificate", nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.UniqueConstraint("public_id", name=op.f("uq_official_certificate_public_id")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_official_certificate_storage_key")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_official_certificate_replaces_id")),
        sa.CheckConstraint(
            "replaces_id IS NULL OR reason <> ''",
            name=op.f("ck_official_certificate_replaced_for_a_reason"),
        ),
    )
    op.create_index(
        op.f("ix_official_certificate_certificate_id"), "official_certificate", ["certificate_id"]
    )
    op.create_index(
        "uq_official_certificate_first",
        "official_certificate",
        ["certificate_id"],
        unique=True,
        sqlite_where=_FIRST,
        postgresql_where=_FIRST,
    )
    op.create_table(
        "issue_batch",
        _id(),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        _to("actor_id", "user_account"),
        sa.UniqueConstraint("public_id", name=op.f("uq_issue_batch_public_id")),
    )
    op.create_table(
        "issue_batch_item",
        _id(),
        _to("batch_id", "issue_batch"),
        _to("certificate_id", "certificate"),
        sa.UniqueConstraint("certificate_id", name=op.f("uq_issue_batch_item_certificate_id")),
    )
    op.create_index(op.f("ix_issue_batch_item_batch_id"), "issue_batch_item", ["batch_id"])


def downgrade() -> None:
    drop_triggers(op.get_bind())
    for table in ("issue_batch_item", "issue_batch", "official_certificate", "certificate_making"):
        op.drop_table(table)
    with op.batch_alter_table("certificate") as batch:
        batch.drop_column("print_unit_list")
