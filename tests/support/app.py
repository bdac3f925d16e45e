"""The portal as tests run it: settings made by hand, a prepared database, a client that checks what it fetches.

Fixtures that use this stand in tests/conftest.py; what a good page is stands in tests/html.py.
"""

from __future__ import annotations

import contextvars
import importlib
import importlib.util
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask, Response, has_app_context
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session
from werkzeug.test import TestResponse

from lsp import create_app
from lsp.config import Config
from lsp.crypto import PURPOSES, Keyring, KeySet
from lsp.database import db
from lsp.models import User
from tests.html import page_faults

BASE_URL = "http://localhost"
#: One keyring for all apps of a test run, because the installed keyring is the process's.
KEYRING = Keyring(
    {
        purpose: KeySet(purpose, {1: bytes([number]) * 32})
        for number, purpose in enumerate(PURPOSES, 1)
    }
)
_UNSAVED = "tests_unsaved_write"


def settings(folder: Path, **changes: Any) -> Config:
    """A Config for tests; `changes` are its fields (demo=True, testing=False, database_url=…)."""
    values: dict[str, Any] = {
        "data_folder": folder,
        "database_url": f"sqlite:///{folder / 'portal.sqlite3'}",
        "base_url": BASE_URL,
        "secret_key": "a secret for tests only, 32 or more",
        "keyring": KEYRING,
        "mail_from": "portal@lsp.example",
        "testing": True,
    }
    return Config(**(values | changes))


def build(folder: Path, **changes: Any) -> Flask:
    """An app whose client checks pages and that remembers how its last request ended."""
    app = create_app(settings(folder, **changes))
    app.test_client_class = PortalClient
    # A laden machine must not turn a race of sixty-four into a lack of patience.
    app.extensions["writer_queue"].patience = 120.0
    _watch(app)
    return app


def prepare(app: Flask) -> None:
    """Make tables, triggers and what every installation has, as a migrated and prepared database has them."""
    from lsp.models.triggers import install_triggers

    with app.app_context():
        db.create_all()
        with db.engine.begin() as connection:
            install_triggers(connection)
        if importlib.util.find_spec("lsp.services.installation") is not None:
            importlib.import_module("lsp.services.installation").prepare_database()
            db.session.commit()
        db.session.remove()
        db.engine.dispose()


@dataclass
class Ending:
    """How the last request ended: what it left uncommitted, and the error behind a 500."""

    unsaved: list[str] = field(default_factory=list)
    error: Exception | None = None


def ending(app: Flask) -> Ending:
    found: Ending = app.extensions["tests_ending"]
    return found


def _watch(app: Flask) -> None:
    app.extensions["tests_ending"] = Ending()

    # Registered last, so it runs before the portal's own teardown rolls back.
    @app.teardown_request
    def _note_unsaved(_error: BaseException | None) -> None:
        session = db.session()
        left = [*session.new, *session.dirty, *session.deleted]
        ending(app).unsaved = [repr(each) for each in left] + session.info.pop(_UNSAVED, [])

    handlers = app.error_handler_spec[None][None]
    shown = handlers[Exception]

    def _keep(error: Exception) -> Any:
        ending(app).error = error
        return shown(error)

    handlers[Exception] = _keep


def _remember_flush(session: Session, _context: object) -> None:
    session.info.setdefault(_UNSAVED, []).append("flushed rows")


def _remember_statement(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        state.session.info.setdefault(_UNSAVED, []).append(str(state.statement))


def _forget(session: Session) -> None:
    session.info.pop(_UNSAVED, None)


event.listen(Session, "after_flush", _remember_flush)
event.listen(Session, "do_orm_execute", _remember_statement)
event.listen(Session, "after_commit", _forget)
event.listen(Session, "after_rollback", _forget)


class PortalClient(FlaskClient):
    """Fetches like a browser and refuses what no page of ours may be: broken HTML, a lost change, a hidden 500.

    Each request runs in a context of its own, so it sees nothing of the test's session or `g`; what the test
    made is committed first and read anew afterwards.
    """

    #: Set False on a client that is meant to see the page of an unknown error.
    raise_unknown_errors = True
    #: Who is signed in here (tests/factories.py, browser_of).
    user: User | None = None

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if has_app_context():
            db.session.commit()
        self.application.extensions["tests_ending"] = Ending()
        fetch = super().open
        response = contextvars.Context().run(lambda: fetch(*args, **kwargs))
        after = ending(self.application)
        if after.error is not None and self.raise_unknown_errors:
            raise AssertionError(f"{response.request.path} answered 500") from after.error
        if response.status_code < 400:
            assert not after.unsaved, (
                f"{response.request.path} left changes uncommitted: {after.unsaved}"
            )
        check_answer(response)
        return response


def check_answer(response: TestResponse | Response) -> None:
    """Assert what holds for every answer of the portal, and the rules of pages for those in HTML."""
    policy = response.headers.get("Content-Security-Policy", "")
    assert policy, "an answer without Content-Security-Policy"
    # The few words beside a redirect are Werkzeug's, and no browser shows them.
    if response.mimetype != "text/html" or 300 <= response.status_code < 400:
        return
    faults = page_faults(response.get_data(as_text=True), policy=policy)
    where = getattr(getattr(response, "request", None), "path", "")
    assert not faults, f"{where} ({response.status_code}): " + "; ".join(faults)
