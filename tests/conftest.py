"""Fixtures that every test may ask for. Makers of rows stand in factories.py, reading of pages in html.py.

A test that takes `app` (directly or through `client`, `sign_in`) has a fresh prepared database and a request
context of its own, so `url_for`, `db.session` and services work in it. Marked `both`, it runs on PostgreSQL too.
"""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import make_url

from lsp import clock, crypto
from lsp.database import db
from lsp.gateways import signer, storage
from lsp.models import User
from lsp.services import accounts
from lsp.vocabulary import Role
from tests import factories
from tests.support.app import PortalClient, build, prepare
from tests.support.postgres import PostgresNotFound, fresh_database, running_postgres

pytest_plugins = ["tests.support.require_all", "tests.support.migrations"]

SignIn = Callable[..., PortalClient]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "app" in metafunc.fixturenames and metafunc.definition.get_closest_marker("both"):
        metafunc.parametrize("database", ["sqlite", "postgresql"], indirect=True)


# --- No test reaches another host ------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Iterator[None]:
    """Refuse to connect or to look up names beyond this machine."""
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex"):
        patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
    look_up = socket.getaddrinfo

    def _look_up(host: Any, *rest: Any, **named: Any) -> Any:
        _refuse_foreign(host)
        return look_up(host, *rest, **named)

    patch.setattr(socket, "getaddrinfo", _look_up)
    yield
    patch.undo()


def _guarded(connect: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            _refuse_foreign(address[0])
        return connect(self, address)

    return guarded


def _refuse_foreign(host: Any) -> None:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return
    try:
        if ipaddress.ip_address(name).is_loopback:
            return
    except ValueError:
        pass
    raise AssertionError(f"a test tried to reach {name}; tests stay on this machine")


# --- No test waits for the disk --------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def _no_flush_to_disk() -> Iterator[None]:
    """What is written reaches the disk when the system likes: no test cuts the power.

    Servers and workers that a test starts as processes of their own flush as they do in production.
    """
    patch = pytest.MonkeyPatch()
    patch.setattr(os, "fsync", lambda _handle: None)
    yield
    patch.undo()


# --- Databases -------------------------------------------------------------------------------------------


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """`sqlite`, or `postgresql` in the second run of a test marked `both`."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture(scope="session")
def _sqlite_app(tmp_path_factory: pytest.TempPathFactory) -> tuple[Flask, Path]:
    """One app for all SQLite tests of a process, and its prepared database file to copy from."""
    app = build(tmp_path_factory.mktemp("portal"))
    with app.app_context():
        event.listen(db.engine, "connect", _leave_flushing_to_the_system)
    prepare(app)
    template = tmp_path_factory.mktemp("template") / "portal.sqlite3"
    shutil.copy(_database_file(app), template)
    return app, template


def _leave_flushing_to_the_system(connection: Any, _record: Any) -> None:
    connection.execute("pragma synchronous=off")


@pytest.fixture(scope="session")
def _postgres_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """(address of a private server, name of a prepared database on it to copy from)."""
    try:
        with running_postgres() as server, fresh_database(server) as url:
            prepare(build(tmp_path_factory.mktemp("pg-template"), database_url=url))
            yield server, str(make_url(url).database)
    except PostgresNotFound as missing:
        pytest.skip(str(missing))


@pytest.fixture
def app(database: str, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The portal with a fresh prepared database, and a request context for the test itself."""
    if database == "postgresql":
        server, template = request.getfixturevalue("_postgres_template")
        folder = request.getfixturevalue("tmp_path")
        with fresh_database(server, template) as url:
            yield from _with_context(build(folder, database_url=url))
        return
    app, template = request.getfixturevalue("_sqlite_app")
    folder = app.config["LSP"].data_folder
    shutil.rmtree(folder)
    folder.mkdir()
    shutil.copy(template, _database_file(app))
    yield from _with_context(app)


def _with_context(app: Flask) -> Iterator[Flask]:
    settings = dict(app.config)
    # One store and one keyring a process: an app built meanwhile (another database) has put in its own.
    crypto.install(app.config["LSP"].keyring)
    storage.install(app.config["LSP"])
    signer.install(app.config["LSP"])
    with app.test_request_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    app.config.clear()
    app.config.update(settings)


def _database_file(app: Flask) -> Path:
    folder: Path = app.config["LSP"].data_folder
    return folder / "portal.sqlite3"


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    """Stands in for pytest-flask's fixture of this name: `app` pushes the context, requests get their own."""


# --- People ----------------------------------------------------------------------------------------------


@pytest.fixture
def client(app: Flask) -> PortalClient:
    """Nobody's browser. Each page it fetches is checked (tests/html.py)."""
    made = app.test_client()
    assert isinstance(made, PortalClient)
    return made


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """sign_in(Role.ADMIN), sign_in(Role.ASESOR, Role.TIM_TEKNIS) or sign_in(user): that person's browser.

    No password is hashed. The person is at `.user`; a role makes a new person each time.
    """

    def signed_in(who: User | Role = Role.ASESI, *more: Role) -> PortalClient:
        user = who if isinstance(who, User) else factories.make_user(who, *more)
        return factories.browser_of(app, user)

    return signed_in


@pytest.fixture
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Password hashes of next to no work, for tests that sign in by the form many times."""
    monkeypatch.setattr(accounts, "_hasher", factories.QUICK_HASHER)
    accounts._dummy_hash.cache_clear()
    yield
    accounts._dummy_hash.cache_clear()


@pytest.fixture
def demo(app: Flask) -> None:
    """As an installation with demo data shows itself; its accounts are not made."""
    app.config["DEMO"] = True


@pytest.fixture
def steady_clock() -> Iterator[time_machine.Traveller]:
    """Time stands still a second after the hour, so no window of tries ends in the middle of a test."""
    start = clock.now().replace(minute=0, second=1, microsecond=0)
    with time_machine.travel(start, tick=False) as moment:
        yield moment
