"""What a dossier holds: education, training, more of experience, where a value came from, documents by address

Revision 0008, after 0007, 2026-11-22.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.database import UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    with op.batch_alter_table("work_experience") as batch:
        batch.add_column(sa.Column("location", sa.String(200), nullable=False, server_default=""))
        batch.add_column(sa.Column("project_value", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("reference_document_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("origin", sa.String(32), nullable=False, server_default="asesi"))
        batch.create_foreign_key(
            "fk_work_experience_reference_document_id_document",
            "document",
            ["reference_document_id"],
            ["id"],
        )
    op.create_table(
        "formal_education",
        sa.Column(
            "fr_apl_01_id", sa.Integer(), sa.ForeignKey("fr_apl_01.permohonan_id"), nullable=False
        ),
        sa.Column("level", sa.String(40), nullable=False),
        sa.Column("school", sa.String(160), nullable=False),
        sa.Column("study_programme", sa.String(120), nullable=False),
        sa.Column("graduation_year", sa.Integer(), nullable=True),
        sa.Column("diploma_number", sa.String(60), nullable=False),
        sa.Column("diploma_date", sa.Date(), nullable=True),
        sa.Column("origin", sa.String(32), nullable=False),
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
    )
    op.create_index("ix_formal_education_fr_apl_01_id", "formal_education", ["fr_apl_01_id"])
    op.create_table(
        "training",
        sa.Column(
            "fr_apl_01_id", sa.Integer(), sa.ForeignKey("fr_apl_01.permohonan_id"), nullable=False
        ),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("organiser", sa.String(160), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("hours", sa.Integer(), nullable=True),
        sa.Column(
            "certificate_document_id", sa.Integer(), sa.ForeignKey("document.id"), nullable=True
        ),
        sa.Column("origin", sa.String(32), nullable=False),
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
    )
    op.create_index("ix_training_fr_apl_01_id", "training", ["fr_apl_01_id"])
    op.create_table(
        "field_source",
        sa.Column("permohonan_id", sa.Integer(), sa.ForeignKey("permohonan.id"), primary_key=True),
        sa.Column("field", sa.String(40), primary_key=True),
        sa.Column("origin", sa.String(32), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "linked_document",
        sa.Column("permohonan_id", sa.Integer(), sa.ForeignKey("permohonan.id"), nullable=False),
        sa.Column(
            "requirement_id", sa.Integer(), sa.ForeignKey("document_requirement.id"), nullable=True
        ),
        sa.Column("label", sa.String(160), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("named_at", UtcDateTime(), nullable=False),
        sa.Column("document_id", sa.Integer(), sa.ForeignKey("document.id"), nullable=True),
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("public_id", sa.String(16), nullable=False, unique=True),
    )
    op.create_index("ix_linked_document_permohonan_id", "linked_document", ["permohonan_id"])


def downgrade() -> None:
    drop_triggers(op.get_bind())
    for table in ("linked_document", "field_source", "training", "formal_education"):
        op.drop_table(table)
    with op.batch_alter_table("work_experience") as batch:
        batch.drop_constraint(
            "fk_work_experience_reference_document_id_document", type_="foreignkey"
        )
        for column in ("origin", "reference_document_id", "project_value", "location"):
            batch.drop_column(column)
