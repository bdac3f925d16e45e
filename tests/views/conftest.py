"""The people and the skema that most pages are tested with."""

from __future__ import annotations

import pytest

from lsp.database import db
from tests.workflow.cases import make_cast


@pytest.fixture
def cast(app):
    made = make_cast()
    db.session.commit()
    return made
