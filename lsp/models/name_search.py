"""Any part of an asesi's name is found along an index: FTS5 trigrams on SQLite, pg_trgm on PostgreSQL.

Derived from `permohonan.asesi_name` and kept by the database itself, whoever writes; made and renewed with the
triggers (lsp/models/triggers.py), so no migration names it. What people type is folded as the names are.
"""

# ruff: noqa: S608 - the SQL is put together from constants of this file; what a person typed is a parameter
from __future__ import annotations

import sqlite3
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    UnaryExpression,
    bindparam,
    column,
    event,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.operators import custom_op

from lsp.models.permohonan import Permohonan

#: SQLite's index, a table of its own with four more under it; it holds no copy of the names.
TABLE = "permohonan_name"
#: Names that came, changed or went since the index was last brought up to date, and what stood in it.
CHANGES = f"{TABLE}_change"
#: PostgreSQL's.
INDEX = "ix_permohonan_name_trigram"
#: More names than this are not looked up one by one and sorted; the list is walked in its order instead.
FEW = 2_000

_PLAIN = (
    ("áàâäÁÀÂÄ", "a"),
    ("éèêëÉÈÊË", "e"),
    ("íïÍÏ", "i"),
    ("óòôöÓÒÔÖ", "o"),
    ("úùüÚÙÜ", "u"),
    ("ñÑ", "n"),
    ("çÇ", "c"),
    ("’‘`", "'"),
)
_FOLD = {letter: plain for letters, plain in _PLAIN for letter in letters}
_FOLD_ORDINALS = {ord(letter): plain for letter, plain in _FOLD.items()}


def folded(words: str) -> str:
    """As names stand in the index: small letters, common accents and curly apostrophes off, single spaces."""
    return " ".join(words.lower().translate(_FOLD_ORDINALS).split())


def fragment(words: str) -> str:
    """What is looked up for these words: anywhere from three letters on; two begin a word, one is a word."""
    plain = folded(words)
    if len(plain) > 2:
        return plain
    return f" {plain}" if len(plain) == 2 else f" {plain} "


def _quoted(letters: str) -> str:
    return "'" + letters.replace("'", "''") + "'"


_NOTE = f"INSERT INTO {CHANGES} (id, before) VALUES ({{values}}) ON CONFLICT (id) DO NOTHING"
#: Name -> statement, as SQLite keeps them in its schema.
_SQLITE = {
    TABLE: (
        f"CREATE VIRTUAL TABLE {TABLE} USING fts5(name, content='', columnsize=0, tokenize='trigram')"
    ),
    CHANGES: f"CREATE TABLE {CHANGES} (id INTEGER PRIMARY KEY, before TEXT)",
} | {
    f"{TABLE}_{event.split()[0].lower()}": (
        f"CREATE TRIGGER {TABLE}_{event.split()[0].lower()} AFTER {event} ON permohonan"
        f" FOR EACH ROW BEGIN {_NOTE.format(values=values)}; END"
    )
    for event, values in (
        ("INSERT", "NEW.id, NULL"),
        ("UPDATE OF asesi_name", "NEW.id, OLD.asesi_name"),
        ("DELETE", "OLD.id, OLD.asesi_name"),
    )
}
# Immutable in PostgreSQL, so it may be indexed; `unaccent` is not. Written out in the query as in the index.
_POSTGRESQL_NAME = (
    "(' ' || translate(lower(permohonan.asesi_name), "
    + _quoted("".join(_FOLD))
    + ", "
    + _quoted("".join(_FOLD.values()))
    + ") || ' ')"
)


def install(connection: Connection) -> bool:
    """Make the index where it is missing or of an older portal. The caller's transaction commits.

    False where PostgreSQL does not let this user have pg_trgm: names are then read one by one.
    """
    if connection.dialect.name == "sqlite":
        _install_sqlite(connection)
        return True
    return _install_postgresql(connection)


def _install_sqlite(connection: Connection) -> None:
    standing = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE name IN :names").bindparams(
            bindparam("names", list(_SQLITE), expanding=True)
        )
    )
    if {row.name: row.sql for row in standing} == _SQLITE:
        return
    drop(connection)
    for statement in _SQLITE.values():
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"INSERT INTO {CHANGES} (id) SELECT id FROM permohonan")
    _apply(_driver(connection))


def _install_postgresql(connection: Connection) -> bool:
    if connection.scalar(text("SELECT to_regclass(:name)"), {"name": INDEX}) is not None:
        return True
    try:
        with connection.begin_nested():
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
            connection.execute(
                text(
                    f"CREATE INDEX {INDEX} ON permohonan USING gin ({_POSTGRESQL_NAME} gin_trgm_ops)"
                )
            )
            # Of a hundred sample names it cannot be seen that a word stands in one name of two hundred.
            connection.execute(text(f"ALTER INDEX {INDEX} ALTER COLUMN 1 SET STATISTICS 1000"))
            connection.execute(text("ANALYZE permohonan"))
    except DBAPIError:
        return False
    return True


def drop(connection: Connection) -> None:
    """Remove index and triggers; a migration that rebuilds the table begins with it."""
    if connection.dialect.name != "sqlite":
        connection.execute(text(f"DROP INDEX IF EXISTS {INDEX}"))
        return
    for name in _SQLITE:
        kind = "TABLE" if name in (TABLE, CHANGES) else "TRIGGER"
        connection.execute(text(f"DROP {kind} IF EXISTS {name}"))


def follow(engine: Engine) -> None:
    """SQLite: before each commit that wrote, bring the index up to date, in the same transaction.

    Triggers only note what changed: one that writes to FTS5 itself is refused with `trusted_schema` off.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.info["changes_before"] = _driver(connection).total_changes

    @event.listens_for(engine, "commit")
    def _commit(connection: Connection) -> None:
        driver = _driver(connection)
        if driver.total_changes != connection.info.get("changes_before") and _stands(driver):
            _apply(driver)


def _driver(connection: Connection) -> sqlite3.Connection:
    driver: Any = connection.connection.dbapi_connection
    return cast(sqlite3.Connection, driver)


def _stands(driver: sqlite3.Connection) -> bool:
    """Not before the first migration, and not in the middle of one."""
    found = driver.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (CHANGES,)).fetchone()
    return found is not None


def _apply(driver: sqlite3.Connection) -> None:
    """Take out what stood in the index and put in what stands now; the notes of it go."""
    while rows := driver.execute(
        f"SELECT change.id, change.before, permohonan.asesi_name FROM {CHANGES} AS change"
        " LEFT JOIN permohonan ON permohonan.id = change.id LIMIT 1000"
    ).fetchall():
        gone = [(key, _padded(before)) for key, before, _now in rows if before is not None]
        come = [(key, _padded(now)) for key, _before, now in rows if now is not None]
        driver.executemany(
            f"INSERT INTO {TABLE} ({TABLE}, rowid, name) VALUES ('delete', ?, ?)", gone
        )
        driver.executemany(f"INSERT INTO {TABLE} (rowid, name) VALUES (?, ?)", come)
        driver.executemany(f"DELETE FROM {CHANGES} WHERE id = ?", [(row[0],) for row in rows])


def _padded(name: str) -> str:
    return f" {folded(name)} "


def is_modelled(
    _object: Any, name: str | None, kind: str, reflected: bool, _compare_to: Any
) -> bool:
    """For Alembic: what stands in the database for searching is no table or index of the models."""
    parent = name or ""
    if kind == "table":
        return not (reflected and (parent == TABLE or parent.startswith(f"{TABLE}_")))
    return not (reflected and kind == "index" and parent == INDEX)


# --- Asking ----------------------------------------------------------------------------------------------


def _hits(words: str) -> Any:
    """SQLite: keys of the cases whose name holds the words."""
    phrase = '"' + fragment(words).replace('"', '""') + '"'
    return (
        select(column("rowid"))
        .select_from(table(TABLE))
        .where(literal_column(TABLE).op("MATCH")(phrase))
    )


def count_up_to_many(words: str) -> ColumnElement[int]:
    """SQLite: how many names hold the words, counted no further than one more than a few."""
    some = _hits(words).limit(FEW + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def in_index(words: str) -> ColumnElement[bool]:
    """SQLite: the name holds the words, asked of the index first: for a few, in any order."""
    return Permohonan.id.in_(_hits(words))


def along_order(words: str) -> ColumnElement[bool]:
    """SQLite: the same, asked row by row while the list is walked in its order: for many."""
    found: ColumnElement[bool] = free(Permohonan.id).in_(_hits(words))
    return found


def holds(words: str) -> ColumnElement[bool]:
    """PostgreSQL: the name holds the words; the planner chooses between the index and the order."""
    pattern = fragment(words)
    for sign in ("\\", "%", "_"):
        pattern = pattern.replace(sign, "\\" + sign)
    name: ColumnElement[str] = literal_column(_POSTGRESQL_NAME)
    return name.like(f"%{pattern}%")


def free(expression: Any) -> Any:
    """`+column`: the same value, for which SQLite looks at no index."""
    return UnaryExpression(expression, operator=custom_op("+"), type_=expression.type)
