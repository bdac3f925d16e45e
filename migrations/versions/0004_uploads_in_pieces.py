"""Uploads in pieces, and what each document row accepts

Revision 0004, after 0003, 2026-11-22.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.database import EncryptedText, UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: What rows of skema that are there already take, by their code in process 3.5.
_EXAMPLES = {"wajah": ("1d",), "kartu": ("1a", "1c", "5b"), "surat": ("1b", "2a", "2b", "3", "4")}


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.add_column(
        "document_requirement",
        sa.Column("accepts", sa.String(32), nullable=False, server_default="picture_or_pdf"),
    )
    op.add_column("document_requirement", sa.Column("example", sa.String(32), nullable=True))
    rows = sa.table(
        "document_requirement", sa.column("code"), sa.column("accepts"), sa.column("example")
    )
    op.execute(rows.update().where(rows.c.code == "1d").values(accepts="picture"))
    for example, codes in _EXAMPLES.items():
        op.execute(rows.update().where(rows.c.code.in_(codes)).values(example=example))
    op.create_table(
        "upload",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("permohonan_id", sa.Integer(), nullable=False),
        sa.Column("requirement_id", sa.Integer(), nullable=True),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("said", EncryptedText("upload.said"), nullable=False),
        sa.Column("part_key", EncryptedText("upload.part_key"), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("length BETWEEN 1 AND 10000000", name=op.f("ck_upload_length_range")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_upload_user_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["permohonan_id"], ["permohonan.id"], name=op.f("fk_upload_permohonan_id_permohonan")
        ),
        sa.ForeignKeyConstraint(
            ["requirement_id"],
            ["document_requirement.id"],
            name=op.f("fk_upload_requirement_id_document_requirement"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_upload_document_id_document")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        sa.UniqueConstraint("public_id", name=op.f("uq_upload_public_id")),
    )
    op.create_index("ix_upload_user", "upload", ["user_id", "expires_at"])
    op.create_index("ix_upload_case", "upload", ["permohonan_id"])


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_table("upload")
    op.drop_column("document_requirement", "example")
    op.drop_column("document_requirement", "accepts")
