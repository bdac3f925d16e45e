"""What FR.AK.05 and FR.AK.06 of a jadwal answer alike: the line of an autosave, the page to sign on, a signed paper."""

from __future__ import annotations

from typing import Any

from flask import g, render_template, url_for
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.models import FrAk05, FrAk06
from lsp.views.asesor.shared import answer
from lsp.views.html import page, redirect_after_post


def report_address(endpoint: str) -> str:
    """Of this jadwal; `asesor.` need not be said."""
    return url_for(f"asesor.{endpoint}", jadwal_id=g.jadwal.public_id)


def saved_line(seen: str, *, problem: str = "", status: int = 200) -> ResponseReturnValue:
    """The answer to a change that saved itself: when it was stored, or why not."""
    saved_at = None if problem else clock.now()
    text = render_template(
        "asesor/_report_saved.html", seen=seen, problem=problem, saved_at=saved_at
    )
    return answer(text, status=status)


def fixed(paper: FrAk05 | FrAk06, endpoint: str) -> ResponseReturnValue:
    """A signed report is read, not written."""
    return redirect_after_post(url_for(f"reports.{endpoint}", report_id=paper.public_id))


def sign_page(
    name: str, paper_template: str, *, status: int, **context: Any
) -> ResponseReturnValue:
    """The whole paper as it will be fixed, and the name to type below it."""
    return page(
        "asesor/report_sign.html",
        status=status,
        name=name,
        paper_template=paper_template,
        jadwal=g.jadwal,
        asesor=g.actor.name,
        **context,
    )
