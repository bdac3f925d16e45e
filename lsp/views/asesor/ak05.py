"""FR.AK.05 of the asesor and a jadwal: its texts save themselves as they are written; signing fixes it."""

from __future__ import annotations

from typing import Any

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp.forms.feedback import Ak05Form, ReportSignForm
from lsp.models import FrAk05
from lsp.permissions import writes
from lsp.services import fr_ak_05 as papers, jadwal_reports
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

NAME = "FR.AK.05"


@bp.get(f"{JADWAL}/fr-ak-05")
@of_own_jadwal
def fr_ak_05(jadwal_id: str) -> ResponseReturnValue:
    paper = _paper()
    return fixed(paper, "fr_ak_05") if paper and paper.signed_at else _show(paper)


@bp.post(f"{JADWAL}/fr-ak-05")
@of_own_jadwal
@writes
def save_fr_ak_05(jadwal_id: str) -> ResponseReturnValue:
    form = Ak05Form()

    def store() -> str:
        texts = {name: form[name].data or "" for name in papers.TEXTS}
        check_edition(
            seen=form.seen.data, stored=_stored(_paper()), wanted=_values(texts), what=NAME
        )
        return edition_of(_stored(papers.save(g.actor, g.jadwal, texts)))

    return save_report(
        NAME,
        problem=None if form.validate() else form.first_error(),
        store=store,
        again=lambda **said: _show(_paper(), form, **said),
        on_to="ask_sign_fr_ak_05",
    )


@bp.get(f"{JADWAL}/fr-ak-05/tanda-tangan")
@of_own_jadwal
def ask_sign_fr_ak_05(jadwal_id: str) -> ResponseReturnValue:
    paper = _paper()
    return fixed(paper, "fr_ak_05") if paper and paper.signed_at else _sign_page(paper)


@bp.post(f"{JADWAL}/fr-ak-05/tanda-tangan")
@of_own_jadwal
@writes
def sign_fr_ak_05(jadwal_id: str) -> ResponseReturnValue:
    paper, form = _paper(), ReportSignForm()
    if paper is not None and paper.signed_at is not None:
        return fixed(paper, "fr_ak_05")
    return sign_report(
        NAME,
        form,
        stored=lambda: _read(paper),
        sign=papers.sign,
        again=lambda **said: _sign_page(_paper(), form, **said),
    )


def _paper() -> FrAk05 | None:
    return papers.paper_of(g.jadwal, g.actor.id)


def _values(texts: dict[str, str]) -> list[str]:
    return [texts[name] for name in papers.TEXTS]


def _stored(paper: FrAk05 | None) -> list[str]:
    return _values({name: getattr(paper, name) for name in papers.TEXTS}) if paper else []


def _read(paper: FrAk05 | None) -> list[Any]:
    """What the signer has before his eyes: his texts, and the batch as it stands."""
    batch = jadwal_reports.batch_of(g.jadwal, g.actor.id)
    return [_stored(paper), [row.as_json() for row in papers.rows_of(batch)]]


def _show(
    paper: FrAk05 | None, form: Ak05Form | None = None, *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    batch = jadwal_reports.batch_of(g.jadwal, g.actor.id)
    return panel(
        "asesor/fr_ak_05.html",
        "asesor/_ak_05_panel.html",
        status=status,
        jadwal=g.jadwal,
        words=papers.words_of(paper).body,
        rows=papers.rows_of(batch),
        refusals=papers.refusals_noted(batch),
        incidents=batch.incidents,
        form=form or Ak05Form(formdata=None, **papers.texts_of(paper, batch)),
        seen=edition_of(_stored(paper)),
        reason=jadwal_reports.why_not_signed(batch, g.actor.id),
        action=report_address("save_fr_ak_05"),
        notice_text=notice,
        saved_at=None,
        problem="",
        back_url=report_address("jadwal_report"),
    )


def _sign_page(
    paper: FrAk05 | None, form: ReportSignForm | None = None, *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    batch = jadwal_reports.batch_of(g.jadwal, g.actor.id)
    rows = papers.rows_of(batch)
    return sign_page(
        NAME,
        "reports/_fr_ak_05.html",
        status=status,
        notice_text=notice,
        form=form or ReportSignForm(formdata=None),
        reason=papers.why_not_signed(paper, batch, g.actor.id),
        action=url_for("asesor.sign_fr_ak_05", jadwal_id=g.jadwal.public_id),
        edit_url=report_address("fr_ak_05"),
        seen=edition_of([_stored(paper), [row.as_json() for row in rows]]),
        paper=paper,
        rows=rows,
        words=papers.words_of(paper).body,
    )
