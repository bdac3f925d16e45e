"""Banding as the admin has it: the list with its last days, taking one in, asking once for what lacks."""

from __future__ import annotations

from datetime import date

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.banding import AskCompletionForm, VersionForm
from lsp.permissions import access, visible_permohonan, writes
from lsp.services import banding
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.banding_words import about
from lsp.views.filters import tanggal
from lsp.views.html import page, redirect_after_post
from lsp.workflow.banding import BANDING
from lsp.workflow.guards.after_decision import appeal_until
from lsp.workflow.guards.banding import answer_until


def case_with_banding(actor: Actor, permohonan_id: str) -> dict[str, object] | None:
    """A case that was ever contested, as `g.permohonan`."""
    found = visible_permohonan(actor, permohonan_id)
    if found is None or not banding.has_any(found["permohonan"]):  # type: ignore[arg-type]
        return None
    return dict(found)


@bp.get("/banding")
@access(roles=ADMIN)
def banding_list() -> ResponseReturnValue:
    return page(
        "admin/banding/list.html",
        unanswered=[(row, answer_until(row)) for row in banding.unanswered(without=g.actor.id)],
        answered=banding.answered(without=g.actor.id),
        today=clock.today_wib(),
        most=banding.MOST,
    )


@bp.get("/permohonan/<permohonan_id>/banding", endpoint="banding")
@access(roles=ADMIN, load=case_with_banding)
def show_banding(permohonan_id: str) -> ResponseReturnValue:
    return _page(AskCompletionForm(formdata=None))


@bp.post("/permohonan/<permohonan_id>/banding/terima")
@access(roles=ADMIN, load=case_with_banding)
@writes
def accept_banding(permohonan_id: str) -> ResponseReturnValue:
    form = VersionForm()
    if not form.validate():
        return _page(AskCompletionForm(formdata=None), status=422, notice=form.first_error())
    try:
        number = banding.accept(g.actor, g.permohonan, version=form.version.data or 0)
    except DomainError as refusal:
        db.session.rollback()
        return _page(AskCompletionForm(formdata=None), status=409, notice=str(refusal))
    db.session.commit()
    return redirect_after_post(
        _address(), f"Banding diterima dengan nomor {number}. Ketua LSP diminta menunjuk panel."
    )


@bp.post("/permohonan/<permohonan_id>/banding/lengkapi")
@access(roles=ADMIN, load=case_with_banding)
@writes
def ask_completion(permohonan_id: str) -> ResponseReturnValue:
    form = AskCompletionForm()
    if not form.validate():
        return _page(form, status=422)
    try:
        banding.ask_completion(
            g.actor,
            g.permohonan,
            asked=form.note.data or "",
            until=form.completion_due.data,
            version=form.version.data or 0,
        )
    except DomainError as refusal:
        db.session.rollback()
        return _page(form, status=409, notice=form.put_by_its_field(refusal))
    until = tanggal(form.completion_due.data)
    db.session.commit()
    return redirect_after_post(_address(), f"Asesi diminta melengkapi banding sampai {until}.")


def _address() -> str:
    return url_for("admin.banding", permohonan_id=g.permohonan.public_id)


def _running_window() -> date | None:
    """The last day on which the asesi might still send a banding at all, while it has not passed."""
    last_day = appeal_until(g.permohonan)
    return last_day if last_day is not None and last_day > clock.today_wib() else None


def _page(form: AskCompletionForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    found = banding.of_case(g.permohonan)
    ask = BANDING.choice(found, g.actor, "ask_completion")
    if form.completion_due.data is None and not form.errors:
        form.completion_due.data = banding.usual_completion_date(found)
    return page(
        "admin/banding/show.html",
        status=status,
        notice=notice,
        permohonan=g.permohonan,
        accept=BANDING.choice(found, g.actor, "accept"),
        ask=ask,
        may_ask=ask is not None and not found.completion_asked,
        form=form,
        window=_running_window(),
        letter_url=url_for("banding.letter", banding_id=found.public_id),
        **about(found),
    )
