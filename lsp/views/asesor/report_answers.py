"""What FR.AK.05 and FR.AK.06 of a jadwal do alike: saving what was typed, by itself or by a press, and signing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.feedback import ReportSignForm
from lsp.models import FrAk05, FrAk06
from lsp.views.asesor.shared import answer
from lsp.views.editions import check_edition
from lsp.views.html import page, redirect_after_post, wants_fragment

#: The page of a report once more, with what was typed; takes status and notice.
Again = Callable[..., ResponseReturnValue]


def report_address(endpoint: str) -> str:
    """Of this jadwal; `asesor.` need not be said."""
    return url_for(f"asesor.{endpoint}", jadwal_id=g.jadwal.public_id)


def save_report(
    name: str, *, problem: str | None, store: Callable[[], str], again: Again, on_to: str
) -> ResponseReturnValue:
    """Store what was typed; `autosave` comes from a changed field and is answered with a line.

    problem: of a form that is not valid, else None. store: writes it and tells its edition; raises DomainError.
    on_to: the page to sign on, where its button was pressed.
    """
    autosave = "autosave" in request.form and wants_fragment()
    if problem is not None:
        return _unsaved_line(problem, 422) if autosave else again(status=422)
    try:
        seen = store()
    except DomainError as refusal:
        db.session.rollback()
        sentence = str(refusal)
        return _unsaved_line(sentence, 409) if autosave else again(status=409, notice=sentence)
    db.session.commit()
    if autosave:
        return _saved_line(seen)
    if "lanjut" in request.form:
        return redirect_after_post(report_address(on_to))
    return redirect_after_post(report_address("jadwal_report"), f"{name} tersimpan.")


def sign_report(
    name: str,
    form: ReportSignForm,
    *,
    stored: Callable[[], Any],
    sign: Callable[..., object],
    again: Again,
) -> ResponseReturnValue:
    """Fix it under a name. stored: what the signer had before his eyes, as it is now; sign: of the service."""
    if not form.validate():
        return again(status=422)
    try:
        check_edition(seen=form.seen.data, stored=stored(), wanted=None, what=name)
        sign(g.actor, g.jadwal, typed_name=form.typed_name.data or "")
    except DomainError as refusal:
        db.session.rollback()
        return again(status=409, notice=str(refusal))
    db.session.commit()
    return redirect_after_post(report_address("jadwal_report"), f"{name} ditandatangani.")


def _unsaved_line(problem: str, status: int) -> ResponseReturnValue:
    return _saved_line(request.form.get("seen", ""), problem=problem, status=status)


def _saved_line(seen: str, *, problem: str = "", status: int = 200) -> ResponseReturnValue:
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
