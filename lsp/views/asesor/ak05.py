"""FR.AK.05 of the asesor and a jadwal: its texts save themselves as they are written; signing fixes it."""

from __future__ import annotations

from typing import Any

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.feedback import Ak05Form, ReportSignForm
from lsp.models import FrAk05
from lsp.permissions import writes
from lsp.services import fr_ak_05 as papers, jadwal_reports
from lsp.views.asesor.report_answers import fixed, report_address, saved_line, sign_page
from lsp.views.asesor.reports import JADWAL, of_own_jadwal
from lsp.views.asesor.shared import bp
from lsp.views.editions import check_edition, edition_of
from lsp.views.html import panel, redirect_after_post, wants_fragment

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
    """Save all that is there; `autosave` comes from a changed field and is answered with a line."""
    paper, form = _paper(), Ak05Form()
    autosave = "autosave" in request.form and wants_fragment()
    if not form.validate():
        if autosave:
            return saved_line(request.form.get("seen", ""), problem=form.first_error(), status=422)
        return _show(paper, form, status=422)
    texts = {name: form[name].data or "" for name in papers.TEXTS}
    try:
        check_edition(seen=form.seen.data, stored=_stored(paper), wanted=_values(texts), what=NAME)
        paper = papers.save(g.actor, g.jadwal, texts)
    except DomainError as refusal:
        db.session.rollback()
        if autosave:
            return saved_line(request.form.get("seen", ""), problem=str(refusal), status=409)
        return _show(_paper(), form, status=409, notice=str(refusal))
    seen = edition_of(_stored(paper))
    db.session.commit()
    if autosave:
        return saved_line(seen)
    if "lanjut" in request.form:
        return redirect_after_post(report_address("ask_sign_fr_ak_05"))
    return redirect_after_post(report_address("jadwal_report"), "FR.AK.05 tersimpan.")


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
    if not form.validate():
        return _sign_page(paper, form, status=422)
    try:
        check_edition(seen=form.seen.data, stored=_read(paper), wanted=None, what=NAME)
        papers.sign(g.actor, g.jadwal, typed_name=form.typed_name.data or "")
    except DomainError as refusal:
        db.session.rollback()
        return _sign_page(_paper(), form, status=409, notice=str(refusal))
    db.session.commit()
    return redirect_after_post(report_address("jadwal_report"), "FR.AK.05 ditandatangani.")


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
