"""Indexes of files and invoices: where a file is evidence, and which invoices are overdue

Revision 0002, after 0001, 2026-11-22.
"""

from __future__ import annotations

from alembic import op

from lsp.models.triggers import drop_triggers

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_triggers(op.get_bind())  # env.py puts them back in the same transaction
    op.create_index("ix_fr_apl_02_evidence_document_id", "fr_apl_02_evidence", ["document_id"])
    op.create_index("ix_invoice_due", "invoice", ["status", "due_on"])


def downgrade() -> None:
    drop_triggers(op.get_bind())
    op.drop_index("ix_invoice_due", table_name="invoice")
    op.drop_index("ix_fr_apl_02_evidence_document_id", table_name="fr_apl_02_evidence")
