"""What tests of the outbox share: an app with tables and no pages, a store of either kind, a mail server that sins.

A test file that takes a store names FIXTURES. The whole portal is not needed here, and a worker in a process of
its own starts faster without it.
"""

from __future__ import annotations

import itertools
import random
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy.engine import make_url

import lsp.models  # noqa: F401 - registers all tables
from lsp import crypto, logs
from lsp.config import Config
from lsp.database import WriterQueue, db, prepare_engine, write_transaction
from lsp.models import OutboxMessage
from lsp.services import outbox
from lsp.vocabulary import Channel
from lsp.worker import worker_command
from tests.support.app import settings
from tests.support.postgres import PostgresNotFound, fresh_database, running_postgres

_serial = itertools.count(1)


def bare_app(config: Config) -> Flask:
    """Tables, keys and the worker's command."""
    app = Flask("lsp")
    app.config.update(config.flask_settings())
    crypto.install(config.keyring)
    logs.configure(testing=True)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    app.extensions["writer_queue"] = WriterQueue(
        config.data_folder / "writer.lock" if config.sqlite else None
    )
    app.cli.add_command(worker_command)
    return app


@dataclass(frozen=True)
class Store:
    """Where an installation keeps its things."""

    folder: Path
    url: str

    @property
    def mails(self) -> list[Path]:
        return sorted((self.folder / "outbox").glob("*.eml"))

    def config(self, **changes: Any) -> Config:
        return settings(self.folder, database_url=self.url, **changes)


@pytest.fixture(scope="session", name="outbox_postgres")
def outbox_postgres_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """(address of a private server, name of a database with tables on it to copy from)."""
    try:
        with running_postgres() as server, fresh_database(server) as url:
            _make_tables(Store(tmp_path_factory.mktemp("outbox-template"), url))
            yield server, str(make_url(url).database)
    except PostgresNotFound as missing:
        pytest.skip(str(missing))


@pytest.fixture(params=["sqlite", "postgresql"], name="store")
def store_fixture(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty data folder and a database with tables, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        store = Store(tmp_path, f"sqlite:///{tmp_path / 'portal.sqlite3'}")
        _make_tables(store)
        yield store
        return
    with fresh_database(*request.getfixturevalue("outbox_postgres")) as url:
        yield Store(tmp_path, url)


def _make_tables(store: Store) -> None:
    with in_app(store.config()):
        db.create_all()


@pytest.fixture(name="folder_store")
def folder_store_fixture(tmp_path: Path) -> Store:
    """As `store`, on SQLite only: for what does not depend on the database."""
    store = Store(tmp_path, f"sqlite:///{tmp_path / 'portal.sqlite3'}")
    _make_tables(store)
    return store


#: To be imported by a test file, which makes them known to pytest there.
FIXTURES = (outbox_postgres_fixture, store_fixture, folder_store_fixture)


@contextmanager
def in_app(config: Config) -> Iterator[Flask]:
    """The context of a fresh app; its connections are closed at the end."""
    app = bare_app(config)
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def add_mail(
    kind: str = "account_exists", *, to: str = "budi@contoh.example", **context: Any
) -> str:
    """Write a mail row and commit. Returns its public id, once it is acknowledged."""
    with write_transaction():
        row = outbox.add(
            Channel.MAIL,
            kind,
            dedupe=f"test:{next(_serial)}",
            payload={"to": to, "name": "Budi Contoh", "context": context},
        )
        assert row is not None
        return row.public_id


def all_rows() -> dict[str, OutboxMessage]:
    db.session.rollback()
    return {row.public_id: row for row in db.session.query(OutboxMessage).all()}


class Sink:
    """A mail server in a thread. `sins` says what it does to each mail in turn: ok, 4xx, 5xx, late5xx or cut."""

    def __init__(self, sins: Callable[[], str] = lambda: "ok") -> None:
        self.sins = sins
        self.taken: list[bytes] = []
        self.cuts = 0
        self._sin = "ok"

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, to: str, _options: Any
    ) -> str:
        self._sin = self.sins()
        if self._sin == "4xx":
            return f"451 4.3.0 <{to}>: try later"
        if self._sin == "5xx":
            return f"550 5.1.1 <{to}>: no such person"
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        if self._sin == "late5xx":
            return "554 5.7.1 refused as spam"
        self.taken.append(envelope.content)
        if self._sin == "cut":
            self.cuts += 1
            server.transport.abort()
        return "250 OK"

    @property
    def ids(self) -> Counter[str]:
        """How often each Message-ID arrived."""
        lines = [line for mail in self.taken for line in mail.splitlines()]
        name = b"message-id: "
        return Counter(
            line[len(name) :].decode() for line in lines if line.lower().startswith(name)
        )


def over_smtp(
    store: Store, port: int, scheme: str = "smtp", query: str = "", **changes: Any
) -> Config:
    """Settings that send to a server on this machine."""
    return store.config(smtp_url=f"{scheme}://127.0.0.1:{port}{query}", **changes)


@contextmanager
def smtp_server(sink: Sink, **settings: Any) -> Iterator[int]:
    """Run a sink on a free port of this machine, and give the port."""
    controller = Controller(sink, hostname="127.0.0.1", port=free_port(), **settings)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def random_sins(seed: int, weights: dict[str, int]) -> Callable[[], str]:
    """Sins drawn by chance, the same for the same seed."""
    chance = random.Random(seed)
    return lambda: chance.choices(list(weights), list(weights.values()))[0]
