"""The fictional LSP of the journeys: its people, skema, TUK and fees, before anything happened."""

from __future__ import annotations

import pytest

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
