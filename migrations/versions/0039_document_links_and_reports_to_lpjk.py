"""Document links and reports to LPJK

Revision 0039, after 0038, 2026-11-23.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.database import EncryptedText, UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.create_table(
        "document_link",
        sa.Column("permohonan_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=4), nullable=False),
        sa.Column("paper", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("token", EncryptedText("document_link.token"), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_by_id", sa.Integer(), nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by_id IS NULL) AND (revoked_at IS NULL) = (revoke_reason = '')",
            name=op.f("ck_document_link_revoked_has_who_and_why"),
        ),
        sa.CheckConstraint(
            "purpose IN ('lpjk', 'bnsp')", name=op.f("ck_document_link_purpose_known")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_document_link_document_id_document")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"],
            ["user_account.id"],
            name=op.f("fk_document_link_made_by_id_user_account"),
        ),
        sa.ForeignKeyConstraint(
            ["permohonan_id"],
            ["permohonan.id"],
            name=op.f("fk_document_link_permohonan_id_permohonan"),
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by_id"],
            ["user_account.id"],
            name=op.f("fk_document_link_revoked_by_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_link")),
        sa.UniqueConstraint("public_id", name=op.f("uq_document_link_public_id")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_document_link_token_digest")),
    )
    with op.batch_alter_table("document_link", schema=None) as batch_op:
        batch_op.create_index("ix_document_link_case", ["permohonan_id"], unique=False)
        batch_op.create_index(
            "uq_document_link_standing",
            ["permohonan_id", "attempt", "purpose", "paper"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )

    op.create_table(
        "document_link_read",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "answer IN ('served', 'revoked', 'ended', 'absent')",
            name=op.f("ck_document_link_read_answer_known"),
        ),
        sa.ForeignKeyConstraint(
            ["link_id"],
            ["document_link.id"],
            name=op.f("fk_document_link_read_link_id_document_link"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_link_read")),
    )
    with op.batch_alter_table("document_link_read", schema=None) as batch_op:
        batch_op.create_index(
            "ix_document_link_read_link", ["link_id", "answer", "at"], unique=False
        )

    op.create_table(
        "sent_with_gaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("lacking", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_sent_with_gaps_reason_given")),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["outbox_message.id"],
            name=op.f("fk_sent_with_gaps_message_id_outbox_message"),
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user_account.id"], name=op.f("fk_sent_with_gaps_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_with_gaps")),
        sa.UniqueConstraint("message_id", name=op.f("uq_sent_with_gaps_message_id")),
    )


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_table("sent_with_gaps")
    with op.batch_alter_table("document_link_read", schema=None) as batch_op:
        batch_op.drop_index("ix_document_link_read_link")

    op.drop_table("document_link_read")
    with op.batch_alter_table("document_link", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_document_link_standing",
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )
        batch_op.drop_index("ix_document_link_case")

    op.drop_table("document_link")
