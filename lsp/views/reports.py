"""What was written after an assessment, to be read and printed: FR.AK.03 of a case, FR.AK.05 and FR.AK.06 of a jadwal.

An asesor reads his own reports. FR.AK.03 with a name on it he never reads: he has its sums (views/asesor/reports.py).
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from lsp.database import db
from lsp.models import AsesorProfile, FrAk03
from lsp.permissions import access, visible_fr_ak_05, visible_fr_ak_06, visible_without_asesor
from lsp.services import (
    fr_ak_03 as feedback,
    fr_ak_05 as report,
    fr_ak_06 as review,
    jadwal_reports,
)
from lsp.views.html import page
from lsp.vocabulary import Role

bp = Blueprint("reports", __name__)
READERS = (Role.ADMIN, Role.KETUA, Role.AUDITOR)


@bp.get("/umpan-balik/<permohonan_id>")
@access(roles=(*READERS, Role.TIM_TEKNIS), load=visible_without_asesor)
def fr_ak_03(permohonan_id: str) -> ResponseReturnValue:
    """Each attempt's paper; what was not given in time says so."""
    papers = db.session.scalars(
        select(FrAk03).where(FrAk03.permohonan_id == g.permohonan.id).order_by(FrAk03.attempt)
    ).all()
    return page(
        "reports/fr_ak_03.html",
        permohonan=g.permohonan,
        papers=[(paper, feedback.words_of(paper).body) for paper in papers],
    )


@bp.get("/laporan/<report_id>/fr-ak-05")
@access(roles=(*READERS, Role.ASESOR), load=visible_fr_ak_05)
def fr_ak_05(report_id: str) -> ResponseReturnValue:
    batch = jadwal_reports.batch_of(g.report.jadwal, g.report.asesor_id)
    rows = report.signed_rows(g.report, batch)
    return _page("reports/fr_ak_05.html", words=report.words_of(g.report).body, rows=rows)


@bp.get("/laporan/<report_id>/fr-ak-06")
@access(roles=(*READERS, Role.ASESOR), load=visible_fr_ak_06)
def fr_ak_06(report_id: str) -> ResponseReturnValue:
    return _page("reports/fr_ak_06.html", words=review.words_of(g.report).body)


def _page(template: str, **context: Any) -> ResponseReturnValue:
    profile = db.session.get(AsesorProfile, g.report.asesor_id)
    return page(
        template,
        paper=g.report,
        jadwal=g.report.jadwal,
        held=jadwal_reports.meetings_held(g.report),
        asesor=g.report.asesor.name,
        met_number=profile.met_number if profile is not None else "",
        **context,
    )
