"""Statements that go round the program, to see what the database itself refuses."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from lsp import clock
from lsp.database import db
from lsp.models import DutyWaiver, Permohonan, User
from lsp.models.triggers import TRIGGERS, drop_triggers
from lsp.vocabulary import DutyRule


def run(statement: str, **values: Any) -> None:
    db.session.execute(text(statement), values)


def refuses(statement: str, words: str, **values: Any) -> None:
    """The statement is refused with these words, and passes without the triggers (then it is undone).

    The second half keeps a misspelt statement from counting as refused.
    """
    with pytest.raises(DBAPIError, match=words), db.session.begin_nested():
        run(statement, **values)
    outer = db.session.begin_nested()
    drop_triggers(db.session.connection())
    run(statement, **values)
    outer.rollback()


def waive(case: Permohonan, rule: DutyRule, user: User, given_by: User) -> None:
    db.session.add(
        DutyWaiver(
            permohonan_id=case.id,
            rule=rule,
            person_id=user.id,
            reason="LSP kecil.",
            given_by_id=given_by.id,
            given_at=clock.now(),
        )
    )
    db.session.flush()


def installed_triggers(connection: Connection) -> set[str]:
    """Names of our triggers that the database really has."""
    statement = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    if connection.dialect.name == "sqlite":
        statement = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    return {*connection.scalars(text(statement))} & {trigger.name for trigger in TRIGGERS}
