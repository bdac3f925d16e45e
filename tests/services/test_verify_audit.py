"""`flask lsp verify-audit` from the shell."""

import pytest
from sqlalchemy import text

from lsp import cli
from lsp.database import db
from lsp.services import accounts
from tests.factories import QUICK_HASH


@pytest.fixture
def run(app, monkeypatch):
    """run("prepare", "--empty"): the result of `flask lsp …`; tables stand already, so nothing is migrated."""
    monkeypatch.setattr(cli, "migrate_database", lambda: None)
    monkeypatch.setattr(accounts, "hash_password", lambda _password: QUICK_HASH)
    for name in (
        "LSP_ADMIN_EMAIL",
        "LSP_KETUA_EMAIL",
        "LSP_ADMIN_NAME",
        "LSP_KETUA_NAME",
        "LSP_NAME",
    ):
        monkeypatch.delenv(name, raising=False)

    def invoke(*words, **options):
        result = app.test_cli_runner().invoke(args=["lsp", *words], **options)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        db.session.rollback()
        return result

    return invoke


class TestVerifyAudit:
    def test_a_whole_chain(self, run):
        run("demo")
        result = run("verify-audit")
        assert result.exit_code == 0
        assert "utuh" in result.output

    def test_a_changed_row_is_named(self, run):
        run("demo")
        db.session.execute(text("DROP TRIGGER audit_event_no_update"))
        db.session.execute(text("UPDATE audit_event SET action = 'nothing' WHERE seq = 2"))
        db.session.commit()
        result = run("verify-audit")
        assert result.exit_code == 1
        assert "catatan 2" in result.output

    def test_a_database_that_cannot_be_read(self, run):
        db.session.execute(text("ALTER TABLE audit_event RENAME TO gone"))
        db.session.commit()
        assert run("verify-audit").exit_code == 2
