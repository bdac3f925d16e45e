"""Checklist: sections of the forms, what was sealed at a return, phrases for notes, the education that was used

Revision 0005, after 0004, 2026-11-22.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.database import EncryptedJson, UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.create_table(
        "note_phrase",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("retired_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_note_phrase_text_not_empty")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_phrase")),
        sa.UniqueConstraint("public_id", name=op.f("uq_note_phrase_public_id")),
    )
    op.add_column("permohonan", sa.Column("met_education", sa.String(length=300), nullable=True))
    with op.batch_alter_table("checklist_item") as batch:
        batch.alter_column("requirement_id", existing_type=sa.Integer(), nullable=True)
        batch.add_column(sa.Column("section", sa.String(length=32), nullable=True))
        batch.add_column(sa.Column("sealed", EncryptedJson("checklist_item.sealed"), nullable=True))
        batch.create_unique_constraint(
            op.f("uq_checklist_item_permohonan_id_section"), ["permohonan_id", "section"]
        )
        batch.create_check_constraint(
            op.f("ck_checklist_item_about_one_thing"),
            "(requirement_id IS NULL) <> (section IS NULL)",
        )


def downgrade() -> None:
    drop_triggers(op.get_bind())
    # What was said about sections goes: the older portal knows document rows alone.
    op.execute("DELETE FROM checklist_item WHERE section IS NOT NULL")
    with op.batch_alter_table("checklist_item") as batch:
        batch.drop_constraint(op.f("ck_checklist_item_about_one_thing"), type_="check")
        batch.drop_constraint(op.f("uq_checklist_item_permohonan_id_section"), type_="unique")
        batch.drop_column("sealed")
        batch.drop_column("section")
        batch.alter_column("requirement_id", existing_type=sa.Integer(), nullable=False)
    op.drop_column("permohonan", "met_education")
    op.drop_table("note_phrase")
