"""Questions that are asked often are answered from an index, not by reading a whole table."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from lsp import clock
from lsp.database import db
from lsp.services import worklist
from lsp.services.work_kinds import FEW


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


@pytest.mark.parametrize(
    ("part", "begins_with", "never"),
    [
        (worklist._ADMINS, "ix_user_role_role", "SCAN user_account"),
        *((worklist._narrowed(key), "", "SEARCH permohonan USING COVERING INDEX") for key in FEW),
    ],
)
def test_the_tiles_begin_with_the_few(app, part, begins_with, never):
    """A hundred thousand accounts and some thousand cases of a state are not gone through for a handful."""
    connection = db.session.connection()
    asked = part.params(overdue=clock.now()).compile(
        connection, compile_kwargs={"render_postcompile": True}
    )
    steps = connection.exec_driver_sql(
        f"EXPLAIN QUERY PLAN {asked}", tuple("2026-01-01" for _ in asked.positiontup)
    )
    plan = " / ".join(str(step[3]) for step in steps)
    assert begins_with in plan
    assert never not in plan
