"""Migrations go up from nothing, down and up again, with rows in the tables, on both databases; the models fit them."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Column, String, func, inspect, select, text

from lsp.database import begin_write, db
from lsp.models import (
    AuditHead,
    Permohonan,
    StatusCount,
    name_search,
)
from lsp.models.audit import GENESIS
from lsp.models.name_search import is_modelled
from lsp.models.triggers import (
    drop_triggers,
    expected_triggers,
    install_triggers,
)
from lsp.services import audit, installation
from lsp.vocabulary import PermohonanStatus
from tests.services.raw_sql import installed_triggers
from tests.support.migrations import FOLDER, NAMES, config_of, down, up
from tests.workflow.cases import make_cast, make_permohonan


def tables():
    with db.engine.connect() as connection:
        found = set(inspect(connection).get_table_names()) - {"alembic_version"}
    return {name for name in found if is_modelled(None, name, "table", True, None)}


def triggers():
    with db.engine.connect() as connection:
        return installed_triggers(connection)


def revisions():
    """All steps, oldest first."""
    script = ScriptDirectory(FOLDER)
    return [step.revision for step in reversed(list(script.walk_revisions()))]


def test_one_line_of_steps_leads_to_one_head():
    script = ScriptDirectory(FOLDER)
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def test_up_down_and_up_again(empty):
    assert tables() == set()
    up()
    assert tables() == set(db.metadata.tables)
    assert triggers() == NAMES
    down()
    assert tables() == set()
    assert triggers() == set()
    up()
    assert tables() == set(db.metadata.tables)
    assert triggers() == NAMES


def test_each_step_leaves_its_triggers(empty):
    """One by one up and one by one down; batch mode would lose those of a table it rebuilds."""
    steps = revisions()
    for revision in steps:
        up(revision)
        assert triggers() == of_tables_there_are()
    assert triggers() == NAMES
    for revision in reversed(steps[:-1]):
        down(revision)
        assert triggers() == of_tables_there_are()


def of_tables_there_are():
    """An older step lacks the tables of later ones; those that guard the procedure are there from the first."""
    with db.engine.connect() as connection:
        names = {trigger.name for trigger in expected_triggers(connection)}
    assert {"audit_event_no_update", "vote_own_case", "certificate_frozen"} <= names
    return names


def test_models_and_tables_are_the_same(empty):
    up()
    command.check(
        empty.extensions["migrate"].migrate.get_config(FOLDER)
    )  # as `flask db check`; raises
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": is_modelled}
        )
        assert compare_metadata(context, db.metadata) == []


def test_constraints_and_indexes_are_those_of_the_models(empty, tmp_path):
    """`compare_metadata` does not look at CHECK constraints and at the conditions of partial indexes."""
    up()
    migrated = _promises()
    down()
    db.create_all()
    assert _promises() == migrated
    db.drop_all()


def _promises():
    """CHECK constraints, keys, indexes with their conditions and columns by table, as the database says them."""
    with db.engine.connect() as connection:
        inspector = inspect(connection)
        return {
            table: [
                sorted(
                    (row["name"], row["sqltext"]) for row in inspector.get_check_constraints(table)
                ),
                sorted(
                    _index(row)
                    for row in inspector.get_indexes(table)
                    if row["name"] != name_search.INDEX
                ),
                sorted(
                    (row["name"], row["constrained_columns"])
                    for row in inspector.get_foreign_keys(table)
                ),
                sorted(
                    (row["name"], row["column_names"])
                    for row in inspector.get_unique_constraints(table)
                ),
                sorted(  # a column that came later stands last in the table, wherever the model has it
                    (row["name"], str(row["type"]), row["nullable"])
                    for row in inspector.get_columns(table)
                ),
            ]
            for table in sorted(db.metadata.tables)
        }


def _index(row):
    conditions = {key: str(value) for key, value in row.get("dialect_options", {}).items()}
    return row["name"], row["unique"], row["column_names"], sorted(conditions.items())


def test_first_step_begins_the_audit_chain(empty):
    up()
    head = db.session.scalars(select(AuditHead)).one()
    assert (head.id, head.seq, head.hash) == (1, 0, GENESIS)
    assert audit.first_fault() is None


def test_migrated_database_can_be_prepared_and_worked_in(empty):
    up()
    begin_write()
    installation.prepare_database()
    db.session.commit()
    case = make_permohonan(PermohonanStatus.ISSUED)
    assert db.session.get(Permohonan, case.id).status is PermohonanStatus.ISSUED
    assert db.session.get(StatusCount, "issued").count == 1


@pytest.fixture
def full(empty):
    up()
    begin_write()
    installation.prepare_database()
    db.session.commit()
    cast = make_cast()
    for status in (PermohonanStatus.ISSUED, PermohonanStatus.APPEALED, PermohonanStatus.RETURNED):
        make_permohonan(status, cast=cast)
    return empty


def counts():
    """Rows by table."""
    db.session.rollback()
    return {
        name: db.session.scalar(select(func.count()).select_from(table))
        for name, table in db.metadata.tables.items()
    }


def test_running_it_again_with_rows_changes_nothing(full):
    before = counts()
    assert before["permohonan"] == 3
    up()
    assert counts() == before


def test_down_to_nothing_with_rows_and_up_again(full):
    down()
    assert tables() == set()
    up()
    after = counts()
    assert after.pop("audit_head") == 1
    assert set(after.values()) == {0}


def test_rebuilding_a_table_keeps_rows_and_what_refers_to_them(full):
    """What a later step will do to `permohonan`, the table with most triggers and references, run as env.py runs it."""
    before = counts()
    _as_a_step(full, lambda op: _add_column(op, "permohonan"))
    assert counts() == before
    assert triggers() == NAMES
    assert "later" in {column["name"] for column in inspect(db.engine).get_columns("permohonan")}
    # A table whose rows others would lose with it (ON DELETE CASCADE).
    _as_a_step(full, lambda op: _add_column(op, "fr_apl_02_answer"))
    assert counts() == before
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("pragma foreign_keys").scalar() == 1
            assert connection.exec_driver_sql("pragma foreign_key_check").fetchall() == []


def _add_column(operations, table):
    rebuild = "always" if db.engine.dialect.name == "sqlite" else "auto"
    with operations.batch_alter_table(table, recreate=rebuild) as batch:
        batch.add_column(Column("later", String(10), server_default="", nullable=False))


def _as_a_step(app, change):
    """Run a change through the true env.py, in a step that stands in no file."""
    original = MigrationContext.run_migrations

    def run_migrations(self, **_):
        with self.begin_transaction(_per_migration=True):
            drop_triggers(self.connection)
            change(Operations(self))
            for callback in self.on_version_apply_callbacks:
                callback(ctx=self, step=None, heads=(), run_args={})

    db.session.rollback()
    MigrationContext.run_migrations = run_migrations
    try:
        command.upgrade(config_of(app), "head")
    finally:
        MigrationContext.run_migrations = original


def test_step_that_fails_leaves_nothing_behind(full):
    before, had = counts(), tables()

    def breaks(operations):
        operations.drop_table("throttle_count")
        operations.execute("INSERT INTO audit_head (id, seq, hash) VALUES (2, 0, 'x')")
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        _as_a_step(full, breaks)
    assert tables() == had
    assert counts() == before
    assert triggers() == NAMES


def test_step_that_leaves_orphans_is_refused(full):
    if db.engine.dialect.name != "sqlite":
        return  # PostgreSQL refuses the statement itself

    def orphans(operations):
        operations.execute("DELETE FROM tuk")

    before = counts()
    with pytest.raises(RuntimeError, match="refer to nothing"):
        _as_a_step(full, orphans)
    assert counts() == before
    assert triggers() == NAMES


def test_start_of_the_portal_puts_lost_triggers_back(full):
    begin_write()
    drop_triggers(db.session.connection())
    db.session.commit()
    assert triggers() == set()
    begin_write()
    installation.prepare_database()
    db.session.commit()
    assert triggers() == NAMES
    with db.engine.begin() as connection:
        install_triggers(connection)
    assert db.session.scalar(text("SELECT count(*) FROM permohonan")) == 3
