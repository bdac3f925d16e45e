"""The fictional LSP of the journeys before anything happened (people, skema, TUK, fees), and a real browser."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import make_server

from lsp.database import db, write_transaction
from lsp.services import accounts
from lsp.services.demo.base import load_base
from lsp.services.demo_accounts import DEMO_PASSWORD


@pytest.fixture
def demo_people(app, quick_passwords):
    app.config["WTF_CSRF_ENABLED"] = True
    db.session.rollback()
    with write_transaction():
        load_base(accounts.hash_password(DEMO_PASSWORD))


@pytest.fixture
def address(app) -> Iterator[str]:
    """The portal on a free port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
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
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()
