"""How Alembic runs our migrations (through Flask-Migrate), on SQLite and PostgreSQL alike.

Each migration is one transaction: its changes, the triggers put back, foreign keys checked, or nothing of it.
Not for data of an installation (settings, texts): those rows are added at the start, by the portal itself.
"""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from flask import current_app
from sqlalchemy import Connection

from lsp.database import EncryptedJson, EncryptedText, UtcDateTime
from lsp.models.audit import GENESIS
from lsp.models.triggers import install_triggers

_IMPORT = "from lsp.database import {}"
_AUDIT_HEAD = f"INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '{GENESIS}')"  # noqa: S608 - constants


def run() -> None:
    extension = current_app.extensions["migrate"]
    engine = extension.db.engine
    # One writer from the first read on (lsp/database.py); PostgreSQL does not look at it.
    with engine.connect().execution_options(sqlite_write=True) as connection:
        _foreign_keys(connection, enforced=False)
        try:
            context.configure(
                connection=connection,
                target_metadata=extension.db.metadata,
                render_item=_render_item,
                process_revision_directives=_complete_revision,
                on_version_apply=_keep_promises,
                # Our SQLite connections begin by themselves, so tables are made and dropped in a transaction there too.
                transactional_ddl=True,
                transaction_per_migration=True,
                **extension.configure_args,
            )
            with context.begin_transaction():
                context.run_migrations()
        finally:
            connection.rollback()
            _foreign_keys(connection, enforced=True)


def _foreign_keys(connection: Connection, *, enforced: bool) -> None:
    """SQLite only, and only outside a transaction: rebuilding a table drops it, and that would delete what
    refers to it (ON DELETE CASCADE)."""
    if connection.dialect.name == "sqlite":
        cursor = connection.connection.cursor()
        cursor.execute(f"pragma foreign_keys={'on' if enforced else 'off'}")
        cursor.close()


def _keep_promises(ctx: MigrationContext, *_: Any, **__: Any) -> None:
    """After each migration, in its transaction: the triggers are back and no row refers to nothing."""
    connection = ctx.connection
    assert connection is not None  # noqa: S101 - we never write SQL files
    install_triggers(connection)
    if connection.dialect.name == "sqlite":
        orphans = connection.exec_driver_sql("pragma foreign_key_check").fetchall()
        if orphans:
            raise RuntimeError(f"this migration leaves rows that refer to nothing: {orphans[:5]}")


def _render_item(kind: str, item: Any, autogen_context: AutogenContext) -> str | Literal[False]:
    """Write our column types with what they need imported; an enum is the text column it is in the database."""
    if kind != "type":
        return False
    if isinstance(item, sa.Enum):
        return f"sa.String(length={item.length})"
    if isinstance(item, UtcDateTime):
        autogen_context.imports.add(_IMPORT.format("UtcDateTime"))
        return "UtcDateTime()"
    if isinstance(item, (EncryptedText, EncryptedJson)):
        name = type(item).__name__
        autogen_context.imports.add(_IMPORT.format(name))
        return f"{name}({item.context!r})"
    return False


def _complete_revision(_context: Any, revision: Any, directives: list[ops.MigrationScript]) -> None:
    """The first migration also begins the audit chain."""
    upgrades = directives[0].upgrade_ops
    if upgrades is not None and not upgrades.is_empty() and not any(revision):
        upgrades.ops.append(ops.ExecuteSQLOp(_AUDIT_HEAD))


run()
