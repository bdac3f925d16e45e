"""A surveilan on the desk of the asesor who was named: what the holder sent, what a superior said, his verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, g, request, url_for
from flask.typing import ResponseReturnValue

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.surveilan import VerdictForm, read_points
from lsp.models import Permohonan, Surveilan
from lsp.permissions import access, writes
from lsp.services import surveilan, surveilan_desk as desk
from lsp.services.surveilan_desk import Found
from lsp.views.asesor.shared import bp
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import Role, SurveilanStatus

_OUTCOMES = {
    "met": "Terpenuhi",
    "chance": "Belum terpenuhi, beri kesempatan kedua",
    "not_met": "Tidak terpenuhi",
}


def named_for(actor: Actor, surveilan_id: str) -> Mapping[str, object] | None:
    """A surveilan that names this asesor, judged or not, as `g.surveilan`; never of his own certificate."""
    found = db.session.scalar(
        surveilan.find(surveilan_id)
        .join(Permohonan)
        .where(Surveilan.asesor_id == actor.id, Permohonan.asesi_id != actor.id)
    )
    return {"surveilan": found} if found is not None else None


assigned_one = access(roles=(Role.ASESOR,), load=named_for)


@bp.get("/asesor/surveilan/<surveilan_id>", endpoint="surveilan")
@assigned_one
def show_surveilan(surveilan_id: str) -> ResponseReturnValue:
    return _show(VerdictForm(formdata=None))


@bp.post("/asesor/surveilan/<surveilan_id>")
@assigned_one
@writes
def judge_surveilan(surveilan_id: str) -> ResponseReturnValue:
    form = VerdictForm()
    words = surveilan.words_of(g.surveilan).body
    if not form.validate():
        return _show(form, status=422, wrong=_errors_of(form))
    found = Found(
        points=read_points(request.form, words),
        methods=request.form.getlist("methods"),
        other_method=form.other_method.data or "",
        outcome=request.form.get("outcome", ""),
        reason=form.reason.data or "",
        second_until=form.second_until.data,
    )
    try:
        desk.judge(g.actor, g.surveilan, found, version=form.version.data or 0)
    except DomainError as refusal:
        db.session.rollback()
        again = named_for(g.actor, surveilan_id)
        if again is None:
            abort(404)
        g.surveilan = again["surveilan"]
        return _show(form, status=409, wrong=[(_control(refusal.field), str(refusal))])
    db.session.commit()
    return redirect_after_post(
        url_for("asesor.home"), "Penilaian surveilan tersimpan dan dikirim kepada pemegangnya."
    )


def _control(name: str) -> str:
    """The first control of a group of buttons, else the control itself."""
    return f"{name}-0" if name in ("methods", "outcome") or name.startswith("p-") else name


def _errors_of(form: VerdictForm) -> list[tuple[str, str]]:
    # What the page itself puts in has no control to lead to.
    return [
        (
            "" if getattr(control.widget, "input_type", "") == "hidden" else control.id,
            str(control.errors[0]),
        )
        for control in form
        if control.errors
    ]


def _show(
    form: VerdictForm, *, status: int = 200, wrong: list[tuple[str, str]] | None = None
) -> ResponseReturnValue:
    case = g.surveilan
    sent = [each for each in case.reports if each.sent_at is not None]
    words, outcomes = surveilan.words_of(case).body, dict(_OUTCOMES)
    del outcomes["not_met" if case.attempt == 1 else "chance"]
    return page(
        "asesor/surveilan.html",
        status=status,
        surveilan=case,
        certificate=case.certificate,
        words=words,
        methods=[(each["key"], each["label"]) for each in words["methods"]],
        report=sent[-1] if sent else None,
        body=sent[-1].body if sent else {},
        files=surveilan.files_of(case, sent[-1].attempt if sent else 0),
        earlier=_earlier(case, sent),
        letters=surveilan.letters_of(case),
        verdict=case.verdicts[-1] if case.verdicts else None,
        open=case.status is SurveilanStatus.EXAMINED,
        outcomes=list(outcomes.items()),
        typed=request.form,
        form=form,
        wrong=wrong or [],
    )


def _earlier(case: Surveilan, sent: list[Any]) -> list[Any]:
    """Files of the attempt before: they were sent once and count still."""
    return surveilan.files_of(case, 1) if sent and sent[-1].attempt > 1 else []
