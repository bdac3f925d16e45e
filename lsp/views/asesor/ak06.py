"""FR.AK.06 of the asesor and a jadwal: principles by procedure, dimensions by paper; saves itself, signing fixes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from lsp.forms.feedback import Ak06Form, ReportSignForm, read_cells, wrong_cells
from lsp.models import FrAk06
from lsp.permissions import writes
from lsp.services import fr_ak_06 as papers, jadwal_reports
from lsp.views.asesor.report_answers import (
    fixed,
    report_address,
    save_report,
    sign_page,
    sign_report,
)
from lsp.views.asesor.reports import JADWAL, of_own_jadwal
from lsp.views.asesor.shared import bp
from lsp.views.editions import check_edition, edition_of
from lsp.views.html import panel

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
    form, shape = Ak06Form(), papers.shape_of(papers.words_of(_paper()))
    answers = read_cells(request.form, shape.ticks, shape.dimensions)
    wrong = wrong_cells(answers, shape.dimensions)

    def store() -> str:
        texts = {name: form[name].data or "" for name in papers.TEXTS}
        check_edition(
            seen=form.seen.data,
            stored=_stored(_paper()),
            wanted=_values(answers, texts),
            what=NAME,
        )
        return edition_of(_stored(papers.save(g.actor, g.jadwal, answers=answers, texts=texts)))

    valid = form.validate()
    return save_report(
        NAME,
        problem=None
        if valid and not wrong
        else form.first_error() or next(iter(wrong.values()), ""),
        store=store,
        again=lambda **said: _show(_paper(), form, answers, wrong=wrong, **said),
        on_to="ask_sign_fr_ak_06",
    )


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
    return sign_report(
        NAME,
        form,
        stored=lambda: _stored(paper),
        sign=papers.sign,
        again=lambda **said: _sign_page(_paper(), form, **said),
    )


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
