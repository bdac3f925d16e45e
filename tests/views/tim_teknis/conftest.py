"""People and a case of a running pleno, for the tests of the tim teknis."""

from __future__ import annotations

import pytest

from lsp.database import db
from lsp.vocabulary import PermohonanStatus
from tests.services.plenos import call
from tests.workflow.cases import make_permohonan

S = PermohonanStatus


@pytest.fixture
def place(cast):
    """A case of a running pleno, not voted on yet."""
    case = make_permohonan(S.RECOMMENDED, cast=cast, work_done=False)
    made = call(cast, case)
    db.session.commit()
    return made.cases[0]
