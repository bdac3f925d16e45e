"""A keluhan names the case and the people it is about, and has a finding of its investigator

Revision 0033, after 0032, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.models.triggers import drop_triggers

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_OPEN = sa.text("closed_at IS NULL")


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    with op.batch_alter_table("complaint") as table:
        table.add_column(sa.Column("sent_key", sa.String(length=32), nullable=True))
        table.add_column(
            sa.Column("certificate_number", sa.String(length=60), nullable=False, server_default="")
        )
        table.add_column(sa.Column("permohonan_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("finding", sa.Text(), nullable=False, server_default=""))
        table.create_foreign_key(
            op.f("fk_complaint_permohonan_id_permohonan"), "permohonan", ["permohonan_id"], ["id"]
        )
    op.create_index("ix_complaint_sent_key", "complaint", ["sent_key"], unique=True)
    op.create_index(
        "ix_complaint_open", "complaint", ["id"], sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.create_table(
        "complaint_person",
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"],
            ["complaint.id"],
            name=op.f("fk_complaint_person_complaint_id_complaint"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_complaint_person_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("complaint_id", "user_id", name=op.f("pk_complaint_person")),
    )


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_table("complaint_person")
    op.drop_index("ix_complaint_open", table_name="complaint")
    op.drop_index("ix_complaint_sent_key", table_name="complaint")
    with op.batch_alter_table("complaint") as table:
        table.drop_constraint(op.f("fk_complaint_permohonan_id_permohonan"), type_="foreignkey")
        for name in ("finding", "permohonan_id", "certificate_number", "sent_key"):
            table.drop_column(name)
