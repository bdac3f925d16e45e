"""People and a case of a running pleno, for the tests of the tim teknis."""

from __future__ import annotations

import pytest

from lsp import clock
from lsp.database import db
from lsp.services import pleno
from lsp.vocabulary import PermohonanStatus
from tests.workflow.cases import actor_of, make_permohonan

S = PermohonanStatus


@pytest.fixture
def place(cast):
    """A case of a running pleno, not voted on yet."""
    case = make_permohonan(S.RECOMMENDED, cast=cast, work_done=False)
    made = pleno.open_pleno(
        actor_of(cast.admin), held_on=clock.today_wib(), member_ids=[each.id for each in cast.members],
        chair_id=cast.chair.id, cases=[case],
    )  # fmt: skip
    db.session.commit()
    return made.cases[0]
