"""A portal on an empty database, and steps of the migrations up and down, for their tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask

from lsp import bind_migrations
from lsp.config import ROOT
from lsp.database import db
from lsp.models.triggers import (
    TRIGGERS,
)
from tests.support.app import build
from tests.support.postgres import PostgresNotFound, fresh_database, running_postgres

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


def config_of(app):
    return app.extensions["migrate"].migrate.get_config(FOLDER)
