"""Questions that are asked often are answered from an index, not by reading a whole table."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from lsp.database import db


@pytest.mark.parametrize(
    ("question", "index"),
    [
        (
            "SELECT permohonan_id FROM invoice WHERE status = 'open' AND due_on < '2026-01-01'",
            "ix_invoice_due",
        ),
        (
            "SELECT answer_id FROM fr_apl_02_evidence WHERE document_id = 1",
            "ix_fr_apl_02_evidence_document_id",
        ),
    ],
)
def test_it_is_answered_from_its_index(app, question, index):
    plan = db.session.execute(text(f"EXPLAIN QUERY PLAN {question}")).all()
    assert index in " ".join(row.detail for row in plan)
