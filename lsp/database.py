"""How we talk to the database: column types, connection settings, and the turn that writers take.

SQLite is the default, PostgreSQL the way out when it is outgrown; both behave alike above this module.
Readers use BEGIN; a writer calls `begin_write()` before its first read and commits once.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import Enum as PythonEnum
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, Engine, Enum, LargeBinary, MetaData, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session, SessionTransaction
from sqlalchemy.types import TypeDecorator

from lsp import crypto

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC. A naive value is a programming error and refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the database; use lsp.clock.now()")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class EncryptedText(TypeDecorator[str]):
    """Text that is ciphertext in the database; `context` is `table.column` and bound to the value."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else crypto.keyring().encrypt(value, context=self.context)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return (
            None if value is None else crypto.keyring().decrypt(bytes(value), context=self.context)
        )


class EncryptedJson(TypeDecorator[dict[str, Any]]):
    """A JSON object that is ciphertext in the database (payload of a mail, answers of a person)."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> bytes | None:
        if value is None:
            return None
        return crypto.keyring().encrypt(json.dumps(value, ensure_ascii=False), context=self.context)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> dict[str, Any] | None:
        if value is None:
            return None
        opened: dict[str, Any] = json.loads(
            crypto.keyring().decrypt(bytes(value), context=self.context)
        )
        return opened


def enum_type(enum: type[PythonEnum]) -> Enum:
    """A text column that holds the value (never the name) of one of our enums."""
    return Enum(
        enum,
        native_enum=False,
        length=32,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
        create_constraint=False,
    )


class Base(DeclarativeBase):
    """Root of all models; mypy sees this, Flask-SQLAlchemy builds `db.Model` from it."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base)
db.Model.registry.update_type_annotation_map(  # type: ignore[attr-defined]
    {datetime: UtcDateTime()}
)


#: How long SQLite waits for a writer outside the queue (lsp/config.py gives it to each connection).
SQLITE_SECONDS = 10.0


class DatabaseBusy(Exception):
    """A writer waited too long for its turn; the person is asked to press again."""


class WriterQueue:
    """One writer at a time: a mutex in the process, a file lock across processes.

    SQLite would refuse or retry unfairly (measured: p95 of a save 840 ms against 72 ms with this queue).
    PostgreSQL has row locks and needs no queue: build it with `lock_path=None`.
    """

    def __init__(self, lock_path: Path | None, *, patience: float = 10.0) -> None:
        #: How long a writer waits for its turn, in seconds; a person is then asked to press again.
        self.patience = patience
        self._mutex = threading.Lock()
        self._handle: int | None = None
        self._lock_path = lock_path

    def acquire(self, patience: float | None = None) -> None:
        """Wait for the turn. Raises DatabaseBusy when patience ends."""
        if self._lock_path is None:
            return
        seconds = self.patience if patience is None else patience
        deadline = time.monotonic() + seconds
        if not self._mutex.acquire(timeout=seconds):
            raise DatabaseBusy
        try:
            handle = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                self._wait_for_other_processes(handle, deadline)
            except BaseException:
                os.close(handle)
                raise
            self._handle = handle
        except BaseException:
            self._mutex.release()
            raise

    def release(self) -> None:
        if self._lock_path is None:
            return
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)
        self._mutex.release()

    @staticmethod
    def _wait_for_other_processes(handle: int, deadline: float) -> None:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise DatabaseBusy from None
                time.sleep(0.002)


_TURN = "lsp_writer_queue"
_TURN_KEY = 7_105_112


def begin_write() -> None:
    """Open the unit of work of a writer: take the turn, then BEGIN IMMEDIATE, before anything is read.

    Whatever the session had read before is dropped, so decisions rest on what is true now.
    The turn ends with the transaction (commit, rollback or session removal). Raises DatabaseBusy.
    """
    session = db.session()
    session.rollback()
    queue: WriterQueue = current_app.extensions["writer_queue"]
    queue.acquire()
    session.info[_TURN] = queue
    try:
        connection = session.connection(execution_options={"sqlite_write": True})
        if connection.dialect.name == "postgresql":
            # Writers take turns here too: a vote must not slip in while the chair decides, and two orders of
            # locking (audit first, case first) must not meet. All of them queue on the audit head anyway.
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _TURN_KEY})
    except BaseException:
        session.rollback()
        _end_turn(session)
        raise


@contextmanager
def write_transaction() -> Iterator[None]:
    """A whole unit of work for code outside a request (worker, commands): commits at the end, else rolls back."""
    begin_write()
    try:
        yield
        db.session.commit()
    finally:
        db.session.rollback()


BRIEF_SECONDS = 0.2


@contextmanager
def brief_write() -> Iterator[Connection]:
    """A small write on a connection of its own that is not worth waiting for; commits at the end.

    Raises DatabaseBusy or OperationalError after BRIEF_SECONDS: whoever reads a page must not wait for it.
    """
    queue: WriterQueue = current_app.extensions["writer_queue"]
    queue.acquire(BRIEF_SECONDS)
    try:
        with db.engine.connect() as connection:
            sqlite = connection.dialect.name == "sqlite"
            if (
                sqlite
            ):  # said to the driver: a statement of ours would begin the transaction and wait
                _set_patience(connection, BRIEF_SECONDS)
            try:
                with connection.execution_options(sqlite_write=True).begin():
                    if not sqlite:
                        milliseconds = int(BRIEF_SECONDS * 1000)
                        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {milliseconds}")
                    yield connection
            finally:
                if sqlite:
                    _set_patience(connection, SQLITE_SECONDS)
    finally:
        queue.release()


def _set_patience(connection: Connection, seconds: float) -> None:
    driver: Any = connection.connection.dbapi_connection
    driver.execute(f"pragma busy_timeout = {int(seconds * 1000)}")


def insert_or_keep(model: type[Any], **values: Any) -> None:
    """Add a row unless one with its key is there, in one statement both databases know."""
    # ON CONFLICT is no part of SQLAlchemy's common language: each dialect has an insert of its own.
    dialect = import_module(f"sqlalchemy.dialects.{db.engine.dialect.name}")
    db.session.execute(dialect.insert(model).values(**values).on_conflict_do_nothing())


def _end_turn(session: Session) -> None:
    queue: WriterQueue | None = session.info.pop(_TURN, None)
    if queue is not None:
        queue.release()


def _after_transaction(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        _end_turn(session)


def is_writing() -> bool:
    """Whether the present session holds the writer's turn (always true once begun, on PostgreSQL too)."""
    return _TURN in db.session().info


event.listen(Session, "after_transaction_end", _after_transaction)


_REMEMBERED = "lsp_remembered"
Key = TypeVar("Key")
Value = TypeVar("Value")


def remembered(topic: str, *, while_writing: bool = False) -> dict[Any, Any]:
    """What this unit of work has read about `topic`, to be read once however many rules ask.

    Gone at every write and with the transaction, and a writer begins with none: no guard judges what was true before.
    While something waits to be written it is empty too, since the query that is then sent writes that first.
    """
    session = db.session()
    if not while_writing and (session.new or session.dirty or session.deleted):
        return {}
    topics: dict[str, dict[Any, Any]] = session.info.setdefault(_REMEMBERED, {})
    return topics.setdefault(topic, {})


def read_once(topic: str, key: object, read: Callable[[], Value]) -> Value:
    """What `read` answers, asked of it once in a unit of work."""
    known = remembered(topic)
    if key not in known:
        known[key] = read()
    found: Value = known[key]
    return found


def read_each(
    topic: str, keys: Iterable[Key], read: Callable[[list[Key]], Mapping[Key, Value]]
) -> dict[Key, Value]:
    """The same of many at once: `read` gets those that are not known yet, and answers for each of them."""
    known, keys = remembered(topic), list(keys)
    missing = [key for key in keys if key not in known]
    if missing:
        known.update(read(missing))
    return {key: known[key] for key in keys}


def _forget(session: Session, *_: Any) -> None:
    session.info.pop(_REMEMBERED, None)


def _forget_when_written(state: ORMExecuteState) -> None:
    """insert(), update() and delete() statements write without a flush."""
    if state.is_insert or state.is_update or state.is_delete:
        _forget(state.session)


event.listen(Session, "after_flush", _forget)
event.listen(Session, "after_transaction_end", _forget)
event.listen(Session, "do_orm_execute", _forget_when_written)


def prepare_engine(engine: Engine) -> None:
    """Put our settings on every connection of a SQLite engine; PostgreSQL needs none."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin by itself
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=wal",
            "synchronous=full",  # signed statements must survive a power cut
            "foreign_keys=on",
            "recursive_triggers=on",  # else INSERT OR REPLACE slips past the append-only triggers
            "trusted_schema=off",
            "secure_delete=on",
            "temp_store=memory",
        ):
            cursor.execute("pragma " + pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("sqlite_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
