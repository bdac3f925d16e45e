"""Routes of the ketua: banding. The panel meets on paper; here its outcome moves the case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.administration import AppealOutcomeForm
from lsp.permissions import access, visible_permohonan, writes
from lsp.services import appeals
from lsp.views.html import page, redirect_after_post
from lsp.views.ketua import KETUA, PANELS, Panel, bp
from lsp.vocabulary import PermohonanStatus


def _waiting() -> Mapping[str, Any]:
    return {"appeals": [case for case in appeals.waiting() if case.asesi_id != g.actor.id]}


__all__ = ["bp"]

PANELS.append(Panel("ketua/_appeals.html", _waiting))


@bp.get("/banding/<permohonan_id>")
@access(roles=KETUA, load=visible_permohonan)
def appeal(permohonan_id: str) -> ResponseReturnValue:
    return _appeal_page(_form(empty=True))


@bp.post("/banding/<permohonan_id>")
@access(roles=KETUA, load=visible_permohonan)
@writes
def record_appeal(permohonan_id: str) -> ResponseReturnValue:
    form = _form()
    if not form.validate():
        return _appeal_page(form, status=422)
    try:
        appeals.record_outcome(
            g.actor,
            g.permohonan,
            outcome=form.outcome.data or "",
            letter=form.letter.data or "",
            reason=form.reason.data or "",
            version=form.version.data or 0,
            asesor=form.asesor.data or "",
        )
    except DomainError as refusal:
        db.session.rollback()
        return _appeal_page(form, status=409, notice=str(refusal))
    db.session.commit()
    return redirect_after_post(
        url_for("ketua.home"), f"Hasil banding dicatat: {g.permohonan.status.label}."
    )


def _form(*, empty: bool = False) -> AppealOutcomeForm:
    form = AppealOutcomeForm(formdata=None) if empty else AppealOutcomeForm()
    form.outcome.choices = [SelectChoice(value, words) for value, words in appeals.OUTCOMES.items()]
    outside = appeals.asesor_outside(g.permohonan)
    form.asesor.choices = [
        SelectChoice(
            "", "Pilih asesor…" if outside else "Belum ada asesor lain yang memenuhi syarat"
        ),
        *(SelectChoice(person.public_id, person.name) for person in outside),
    ]
    return form


def _appeal_page(
    form: AppealOutcomeForm, *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    waits = g.permohonan.status is PermohonanStatus.APPEALED
    filed = next(
        (event for event in reversed(g.permohonan.events) if event.transition == "appeal"), None
    )
    return page(
        "ketua/appeal.html",
        status=status,
        form=form,
        permohonan=g.permohonan,
        filed=filed,
        waits=waits,
        notice=notice,
    )
