"""Migrations go up from nothing, down and up again, with rows in the tables, on both databases; the models fit them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import flask_migrate
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Column, String, func, inspect, select, text

from lsp import bind_migrations
from lsp.config import ROOT
from lsp.database import begin_write, db
from lsp.models import (
    AssessmentPlan,
    AuditHead,
    Banding,
    Mapa,
    OutboxMessage,
    Permohonan,
    Slot,
    StatusCount,
    name_search,
)
from lsp.models.audit import GENESIS
from lsp.models.name_search import is_modelled
from lsp.models.queue import add_mail
from lsp.models.triggers import (
    TRIGGERS,
    drop_triggers,
    expected_triggers,
    install_triggers,
)
from lsp.services import audit, installation
from lsp.vocabulary import BandingStatus, PermohonanStatus, Role
from lsp.workflow.mapa import instruments_of
from tests import factories
from tests.factories import make_skema
from tests.services.raw_sql import installed_triggers
from tests.support.app import build
from tests.support.meetings import make_slot
from tests.support.postgres import PostgresNotFound, fresh_database, running_postgres
from tests.workflow.cases import make_cast, make_permohonan

FOLDER = str(ROOT / "migrations")
NAMES = {trigger.name for trigger in TRIGGERS}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    try:
        with running_postgres() as url:
            yield url
    except PostgresNotFound as missing:
        pytest.skip(str(missing))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The portal on a database in which nothing is."""
    if request.param == "sqlite":
        yield from _in_context(build(tmp_path))
        return
    with fresh_database(request.getfixturevalue("server")) as url:
        yield from _in_context(build(tmp_path, database_url=url))


def _in_context(app: Flask) -> Iterator[Flask]:
    bind_migrations(app)
    with app.test_request_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def up(revision="head"):
    db.session.rollback()
    flask_migrate.upgrade(FOLDER, revision=revision)


def down(revision="base"):
    db.session.rollback()
    flask_migrate.downgrade(FOLDER, revision=revision)


def _config(app):
    return app.extensions["migrate"].migrate.get_config(FOLDER)


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
        command.upgrade(_config(app), "head")
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


def test_two_drafts_of_one_id_izin_leave_the_younger_without(empty):
    """Since 0011 an ID Izin is in one draft; which of two it belongs to is for people to find out."""
    up()
    installation.prepare_database()
    cast = make_cast()
    first, second = (make_permohonan(PermohonanStatus.DRAFT, cast=cast).id for _ in range(2))
    before = ScriptDirectory(FOLDER).get_revision("0011").down_revision
    down(before)
    both = text("UPDATE permohonan SET id_izin = 'I-SAMA' WHERE id IN (:first, :second)")
    with db.engine.begin() as connection:
        drop_triggers(connection)
        connection.execute(both, {"first": first, "second": second})
        install_triggers(connection)
    up()
    rows = select(Permohonan.id_izin).order_by(Permohonan.id)
    assert list(db.session.scalars(rows)) == ["I-SAMA", ""]


def test_open_skema_get_a_mapa_of_their_methods_and_plans_stay(empty):
    """Since 0020 a plan names a MAPA; a pre-assessment on the day of the step still finds one to choose."""
    up()
    installation.prepare_database()
    cast = make_cast()
    case = make_permohonan(PermohonanStatus.READY, cast=cast).id
    closed = make_skema(opened_at=None).id
    opened = cast.skema.id
    cast.skema.methods = ["portofolio", "tertulis"]
    db.session.commit()
    down("0015")
    up()
    made = db.session.scalars(select(Mapa)).all()
    assert [mapa.skema_version_id for mapa in made] == [opened]
    assert (made[0].approach, made[0].made_by_portal) == ("portofolio", True)
    assert all(row["codes"] == ["CVP", "DPT", "PW"] for row in made[0].matrix.values())
    assert closed != opened
    plan = db.session.scalars(select(AssessmentPlan)).one()
    assert (plan.permohonan_id, plan.mapa_id, plan.mapa_changes) == (case, None, {})
    assert plan.methods == ["portofolio", "wawancara"]
    assert instruments_of(plan) == {"FR.IA.08", "FR.IA.09"}
    plan.mapa = made[0]
    assert instruments_of(plan) == {"FR.IA.05", "FR.IA.08", "FR.IA.09"}


def test_a_case_under_appeal_gets_its_banding(empty):
    """Before 0035 its reason stood in the history alone, and mails of the outcome told what it said."""
    up()
    installation.prepare_database()
    case = make_permohonan(PermohonanStatus.APPEALED)
    case_id, asesi_id, filed = case.id, case.asesi_id, case.status_at
    before = ScriptDirectory(FOLDER).get_revision("0035").down_revision
    down(before)
    with db.engine.begin() as connection:
        drop_triggers(connection)
        for table in ("banding_event", "banding"):
            connection.execute(text(f"DELETE FROM {table}"))
        reason = text(
            "UPDATE permohonan_event SET note = 'Bukti saya.' WHERE transition = 'appeal'"
        )
        connection.execute(reason)
        install_triggers(connection)
    add_mail(case.asesi, "reassessment_opened", dedupe="lama", permohonan_id=case_id)
    db.session.execute(
        text("UPDATE outbox_message SET kind = 'appeal_upheld' WHERE kind = 'reassessment_opened'")
    )
    db.session.commit()
    up()
    made = db.session.scalars(select(Banding)).one()
    assert (made.permohonan_id, made.status, made.reason) == (
        case_id,
        BandingStatus.FILED,
        "Bukti saya.",
    )
    assert (made.filed_at, made.fr_ak_04, made.version) == (filed, {}, 1)
    assert [event.actor_id for event in made.events] == [asesi_id]
    kinds = set(db.session.scalars(select(OutboxMessage.kind)))
    assert "banding_answered" in kinds
    assert "appeal_upheld" not in kinds
    up()
    assert db.session.scalar(select(func.count(Banding.id))) == 1


def test_going_back_parts_a_closed_slot_from_its_twin(empty):
    """Before 0023 a closed slot kept its minute; what stands since keeps its time, the closed one gives way."""
    up()
    installation.prepare_database()
    asesor = factories.make_user(Role.ASESOR)
    begins = datetime(2026, 11, 30, 3, tzinfo=UTC)
    closed = make_slot(asesor, starts_at=begins, cancelled_at=begins - timedelta(days=6))
    standing = make_slot(asesor, starts_at=begins, jadwal=closed.jadwal)
    closed_id, standing_id = closed.id, standing.id
    db.session.commit()
    down("0022")
    rows = db.session.execute(select(Slot.id, Slot.starts_at)).all()
    assert {*rows} == {(standing_id, begins), (closed_id, begins - timedelta(microseconds=1))}
    up()
