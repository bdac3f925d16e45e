"""What a step makes of the plans of cases that were under way."""

from __future__ import annotations

from sqlalchemy import select, update

from lsp.database import db
from lsp.models import AssessmentPlan
from lsp.services import installation
from lsp.vocabulary import PermohonanStatus
from tests.test_migrations import down, empty, server, up  # noqa: F401
from tests.workflow.cases import make_cast, make_permohonan


def test_plans_of_the_time_before_instruments_are_known(empty):  # noqa: F811
    """Since 0031 instruments are filled here; what was planned before may have them on paper."""
    up()
    installation.prepare_database()
    cast = make_cast()
    planned = make_permohonan(PermohonanStatus.READY, cast=cast).id
    begun = make_permohonan(PermohonanStatus.READY, cast=cast).id
    db.session.execute(
        update(AssessmentPlan)
        .where(AssessmentPlan.permohonan_id == begun)
        .values(mapa_chosen_at=None)
    )
    db.session.commit()
    down("0028")
    up()
    rows = select(AssessmentPlan.permohonan_id, AssessmentPlan.papers_outside)
    assert dict(db.session.execute(rows).all()) == {planned: True, begun: False}
