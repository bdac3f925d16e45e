"""Umpan balik: what the asesi answered to each item of FR.AK.03 in a period, without their names; and as a file."""

from __future__ import annotations

from datetime import date, timedelta

from flask import g, make_response, request, url_for
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.database import begin_write, db
from lsp.permissions import access
from lsp.services import feedback_sums
from lsp.services.feedback_sums import Wanted
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.html import page

#: The period that shows first.
_DAYS = 365


@bp.get("/umpan-balik")
@access(roles=ADMIN)
def feedback() -> ResponseReturnValue:
    wanted = _wanted()
    return page(
        "admin/feedback.html",
        wanted=wanted,
        sums=feedback_sums.of_period(g.actor, wanted),
        asesor=feedback_sums.asesor_with_feedback(),
        most=feedback_sums.MOST,
        file_url=url_for(
            "admin.feedback_file",
            dari=wanted.since.isoformat(),
            sampai=wanted.until.isoformat(),
            asesor=wanted.asesor or None,
        ),
    )


@bp.get("/umpan-balik/unduh")
@access(roles=ADMIN)
def feedback_file() -> ResponseReturnValue:
    """The sums as CSV; each download leaves a line in the audit chain."""
    wanted = _wanted()
    begin_write()
    content = feedback_sums.as_csv(g.actor, wanted)
    db.session.commit()
    answer = make_response(content)
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = (
        f'attachment; filename="umpan-balik-{wanted.since}-{wanted.until}.csv"'
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _wanted() -> Wanted:
    """What the address says; what it does not know is as if it were not there."""
    today = clock.today_wib()
    until = _day("sampai") or today
    since = _day("dari") or until - timedelta(days=_DAYS)
    return Wanted(min(since, until), max(since, until), request.args.get("asesor", ""))


def _day(name: str) -> date | None:
    try:
        found = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return found if 2000 < found.year < 2100 else None
