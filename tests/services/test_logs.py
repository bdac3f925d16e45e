"""What the log keeps of a statement that failed: the statement, and nothing of the person it was about."""

from __future__ import annotations

import io

import pytest
import structlog
from sqlalchemy.exc import DBAPIError

from lsp.database import db
from lsp.models import User

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("app")]

#: Break a CHECK constraint, a NOT NULL and the width or type of a column.
REFUSED: tuple[dict, ...] = ({"email": "Siti@Contoh"}, {"email": None}, {"email": {}})


@pytest.mark.parametrize("columns", REFUSED)
def test_a_failing_statement_is_logged_without_its_parameters(columns):
    db.session.add(User(**({"name": "Rosmaida\n\nSimbolon"} | columns)))
    with pytest.raises(DBAPIError) as failed:
        db.session.flush()
    db.session.rollback()
    line = written(failed.value)
    assert "INSERT INTO user_account" in line
    for known in ("Rosmaida", "Simbolon", "Siti"):
        assert known not in line


def written(error: BaseException) -> str:
    """The line as the portal would print it."""
    printed = io.StringIO()
    log = structlog.wrap_logger(
        structlog.PrintLogger(printed), processors=structlog.get_config()["processors"]
    )
    log.error("unexpected", exc_info=error)
    return printed.getvalue()
