"""The fictional LSP of the journeys before anything happened (people, skema, TUK, fees), and a real browser."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from werkzeug.serving import make_server

from lsp.database import db, write_transaction
from lsp.services import accounts
from lsp.services.demo.base import load_base
from lsp.services.demo_accounts import DEMO_PASSWORD

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@pytest.fixture
def demo_people(app, quick_passwords):
    app.config["WTF_CSRF_ENABLED"] = True
    db.session.rollback()
    with write_transaction():
        load_base(accounts.hash_password(DEMO_PASSWORD))


def _read_whole(app: Flask) -> WSGIApplication:
    """The app with each answer read and closed at once.

    This server forgets to close an answer, a file of the static folder for one, when the browser breaks the line.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        body = app(environ, start_response)
        try:
            return list(body)
        finally:
            if hasattr(body, "close"):
                body.close()

    return answer


@pytest.fixture
def address(app) -> Iterator[str]:
    """The portal on a free port of this machine."""
    server = make_server("127.0.0.1", 0, _read_whole(app), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)


@pytest.fixture
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM"],
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                # A camera with a moving picture and a microphone that beeps, allowed without a question.
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
            ],
        )
        yield browser
        browser.close()
