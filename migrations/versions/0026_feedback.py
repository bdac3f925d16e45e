"""What is written after an assessment: FR.AK.03, FR.AK.05, FR.AK.06

Revision 0026, after 0025, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.database import UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.create_table(
        "fr_ak_03",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("permohonan_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("words_version", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=True),
        sa.Column("left_empty_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "given_at IS NULL OR left_empty_at IS NULL", name=op.f("ck_fr_ak_03_given_or_left")
        ),
        sa.ForeignKeyConstraint(
            ["permohonan_id"], ["permohonan.id"], name=op.f("fk_fr_ak_03_permohonan_id_permohonan")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fr_ak_03")),
        sa.UniqueConstraint(
            "permohonan_id", "attempt", name=op.f("uq_fr_ak_03_permohonan_id_attempt")
        ),
    )
    op.create_table(
        "fr_ak_05",
        sa.Column("jadwal_id", sa.Integer(), nullable=False),
        sa.Column("asesor_id", sa.Integer(), nullable=False),
        sa.Column("words_version", sa.Integer(), nullable=False),
        sa.Column("aspects", sa.Text(), nullable=False),
        sa.Column("refusals", sa.Text(), nullable=False),
        sa.Column("suggestions", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asesor_id"], ["user_account.id"], name=op.f("fk_fr_ak_05_asesor_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["jadwal_id"], ["jadwal.id"], name=op.f("fk_fr_ak_05_jadwal_id_jadwal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fr_ak_05")),
        sa.UniqueConstraint("jadwal_id", "asesor_id", name=op.f("uq_fr_ak_05_jadwal_id_asesor_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_fr_ak_05_public_id")),
    )
    op.create_table(
        "fr_ak_06",
        sa.Column("jadwal_id", sa.Integer(), nullable=False),
        sa.Column("asesor_id", sa.Integer(), nullable=False),
        sa.Column("words_version", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("recommendation_process", sa.Text(), nullable=False),
        sa.Column("recommendation_consistency", sa.Text(), nullable=False),
        sa.Column("signed_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asesor_id"], ["user_account.id"], name=op.f("fk_fr_ak_06_asesor_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["jadwal_id"], ["jadwal.id"], name=op.f("fk_fr_ak_06_jadwal_id_jadwal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fr_ak_06")),
        sa.UniqueConstraint("jadwal_id", "asesor_id", name=op.f("uq_fr_ak_06_jadwal_id_asesor_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_fr_ak_06_public_id")),
    )


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_table("fr_ak_06")
    op.drop_table("fr_ak_05")
    op.drop_table("fr_ak_03")
