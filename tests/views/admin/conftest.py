"""Who works at the admin's desk, in which LSP, and a sheet of asesi sent from there."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from lsp.database import db
from lsp.vocabulary import InstrumentPaper, Role
from tests import factories
from tests.html import errors, notices, soup
from tests.support.assessment import make_instrument
from tests.support.imports import send
from tests.support.muk import PEOPLE
from tests.support.sheets import table, xlsx


@pytest.fixture
def admin(sign_in):
    return sign_in(Role.ADMIN)


@pytest.fixture
def skema(app):
    return factories.make_skema()


@pytest.fixture
def upload(admin, skema):
    """Send rows, follow to the page of the sheet."""
    public_id = skema.public_id

    def uploading(content, **chosen) -> BeautifulSoup:
        if not isinstance(content, bytes):
            content = xlsx(table(content))
        chosen = {"skema": public_id, "kind": "baru", "mode": "daring", **chosen}
        answer = send(admin, content, **chosen)
        assert answer.status_code == 303, notices(soup(answer)) or errors(soup(answer))
        return soup(admin.get(answer.location))

    return uploading


@pytest.fixture
def draft(skema):
    """A draft of FR.IA.07 that could come into force."""
    made = make_instrument(
        skema,
        InstrumentPaper.DPL,
        questions=("Apa itu JSA?", "Apa itu APD?"),
        in_force=False,
        people=PEOPLE,
    )
    db.session.commit()
    return made
