"""Accounts and receipts: the bank account as dated rows, and the kuitansi of a paid invoice

Revision 0007, after 0006, 2026-11-22.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lsp.database import UtcDateTime
from lsp.models.triggers import drop_triggers

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.create_table(
        "payment_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("bank", sa.String(length=80), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_account")),
    )
    op.create_index("ix_payment_account_effective_from", "payment_account", ["effective_from"])
    op.create_table(
        "payment_receipt",
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("received_from", sa.String(length=120), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=120), nullable=False),
        sa.Column("lembaga_name", sa.String(length=120), nullable=False),
        sa.Column("lembaga_address", sa.Text(), nullable=False),
        sa.Column("lembaga_contact", sa.String(length=300), nullable=False),
        sa.Column("city", sa.String(length=80), nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_receipt_amount_positive")),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoice.id"], name=op.f("fk_payment_receipt_invoice_id_invoice")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_receipt")),
        sa.UniqueConstraint("invoice_id", name=op.f("uq_payment_receipt_invoice_id")),
        sa.UniqueConstraint("number", name=op.f("uq_payment_receipt_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payment_receipt_public_id")),
    )


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_table("payment_receipt")
    op.drop_index("ix_payment_account_effective_from", table_name="payment_account")
    op.drop_table("payment_account")
