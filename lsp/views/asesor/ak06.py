"""FR.AK.06 of the asesor and a jadwal: principles by procedure, dimensions by paper; saves itself, signing fixes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.feedback import Ak06Form, ReportSignForm, read_cells, wrong_cells
from lsp.models import FrAk06
from lsp.permissions import writes
from lsp.services import fr_ak_06 as papers, jadwal_reports
from lsp.views.asesor.report_answers import fixed, report_address, saved_line, sign_page
from lsp.views.asesor.reports import JADWAL, of_own_jadwal
from lsp.views.asesor.shared import bp
from lsp.views.editions import check_edition, edition_of
from lsp.views.html import panel, redirect_after_post, wants_fragment

NAME = "FR.AK.06"


@bp.get(f"{JADWAL}/fr-ak-06")
@of_own_jadwal
def fr_ak_06(jadwal_id: str) -> ResponseReturnValue:
    paper = _paper()
    return fixed(paper, "fr_ak_06") if paper and paper.signed_at else _show(paper)


@bp.post(f"{JADWAL}/fr-ak-06")
@of_own_jadwal
@writes
def save_fr_ak_06(jadwal_id: str) -> ResponseReturnValue:
    """Save all that is there; `autosave` comes from a changed field and is answered with a line."""
    paper, form = _paper(), Ak06Form()
    shape = papers.shape_of(papers.words_of(paper))
    answers = read_cells(request.form, shape.ticks, shape.dimensions)
    wrong = wrong_cells(answers, shape.dimensions)
    autosave = "autosave" in request.form and wants_fragment()
    if not form.validate() or wrong:
        sentence = form.first_error() or next(iter(wrong.values()), "")
        if autosave:
            return saved_line(request.form.get("seen", ""), problem=sentence, status=422)
        return _show(paper, form, answers, wrong=wrong, status=422)
    texts = {name: form[name].data or "" for name in papers.TEXTS}
    try:
        check_edition(
            seen=form.seen.data, stored=_stored(paper), wanted=_values(answers, texts), what=NAME
        )
        paper = papers.save(g.actor, g.jadwal, answers=answers, texts=texts)
    except DomainError as refusal:
        db.session.rollback()
        if autosave:
            return saved_line(request.form.get("seen", ""), problem=str(refusal), status=409)
        return _show(_paper(), form, answers, status=409, notice=str(refusal))
    seen = edition_of(_stored(paper))
    db.session.commit()
    if autosave:
        return saved_line(seen)
    if "lanjut" in request.form:
        return redirect_after_post(report_address("ask_sign_fr_ak_06"))
    return redirect_after_post(report_address("jadwal_report"), "FR.AK.06 tersimpan.")


@bp.get(f"{JADWAL}/fr-ak-06/tanda-tangan")
@of_own_jadwal
def ask_sign_fr_ak_06(jadwal_id: str) -> ResponseReturnValue:
    paper = _paper()
    return fixed(paper, "fr_ak_06") if paper and paper.signed_at else _sign_page(paper)


@bp.post(f"{JADWAL}/fr-ak-06/tanda-tangan")
@of_own_jadwal
@writes
def sign_fr_ak_06(jadwal_id: str) -> ResponseReturnValue:
    paper, form = _paper(), ReportSignForm()
    if paper is not None and paper.signed_at is not None:
        return fixed(paper, "fr_ak_06")
    if not form.validate():
        return _sign_page(paper, form, status=422)
    try:
        check_edition(seen=form.seen.data, stored=_stored(paper), wanted=None, what=NAME)
        papers.sign(g.actor, g.jadwal, typed_name=form.typed_name.data or "")
    except DomainError as refusal:
        db.session.rollback()
        return _sign_page(_paper(), form, status=409, notice=str(refusal))
    db.session.commit()
    return redirect_after_post(report_address("jadwal_report"), "FR.AK.06 ditandatangani.")


def _paper() -> FrAk06 | None:
    return papers.paper_of(g.jadwal, g.actor.id)


def _values(answers: Mapping[str, Any], texts: Mapping[str, str]) -> list[Any]:
    filled = {key: value for key, value in answers.items() if value}
    return [filled, [texts[name] for name in papers.TEXTS]]


def _stored(paper: FrAk06 | None) -> list[Any]:
    if paper is None:
        return []
    return _values(paper.answers, {name: getattr(paper, name) for name in papers.TEXTS})


def _show(
    paper: FrAk06 | None,
    form: Ak06Form | None = None,
    answers: Mapping[str, Any] | None = None,
    *,
    wrong: Mapping[str, str] | None = None,
    status: int = 200,
    notice: str = "",
) -> ResponseReturnValue:
    batch = jadwal_reports.batch_of(g.jadwal, g.actor.id)
    stored = {name: getattr(paper, name) for name in papers.TEXTS} if paper else {}
    return panel(
        "asesor/fr_ak_06.html",
        "asesor/_ak_06_panel.html",
        status=status,
        jadwal=g.jadwal,
        words=papers.words_of(paper).body,
        facts=papers.facts_of(batch),
        answers=answers if answers is not None else paper.answers if paper else {},
        wrong=wrong or {},
        form=form or Ak06Form(formdata=None, **stored),
        seen=edition_of(_stored(paper)),
        reason=jadwal_reports.why_not_signed(batch, g.actor.id),
        action=report_address("save_fr_ak_06"),
        notice_text=notice,
        saved_at=None,
        problem="",
        back_url=report_address("jadwal_report"),
    )


def _sign_page(
    paper: FrAk06 | None, form: ReportSignForm | None = None, *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    batch = jadwal_reports.batch_of(g.jadwal, g.actor.id)
    return sign_page(
        NAME,
        "reports/_fr_ak_06.html",
        status=status,
        notice_text=notice,
        form=form or ReportSignForm(formdata=None),
        reason=papers.why_not_signed(paper, batch, g.actor.id),
        action=url_for("asesor.sign_fr_ak_06", jadwal_id=g.jadwal.public_id),
        edit_url=report_address("fr_ak_06"),
        seen=edition_of(_stored(paper)),
        paper=paper,
        words=papers.words_of(paper).body,
    )
