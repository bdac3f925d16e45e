"""The file that a holder sends with his answer to a proposal about his certificate

Revision 0045, after 0044, 2026-11-24.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.models.triggers import drop_triggers

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificate_answer_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
            name=op.f("fk_certificate_answer_file_document_id_document"),
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["certificate_proposal.id"],
            name=op.f("fk_certificate_answer_file_proposal_id_certificate_proposal"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_answer_file")),
        sa.UniqueConstraint("document_id", name=op.f("uq_certificate_answer_file_document_id")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_certificate_answer_file_proposal_id")),
    )


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_table("certificate_answer_file")
