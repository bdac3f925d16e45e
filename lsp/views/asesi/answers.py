"""An answer to the admin about a section that was sent back, from whoever finds that it is right."""

from __future__ import annotations

from flask import abort, g, request
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.registration import AnswerToAdminForm
from lsp.permissions import writes
from lsp.services import repair_answers
from lsp.views.asesi.shared import CASE, bp, onward, own, step_closed
from lsp.views.html import page
from lsp.vocabulary import FormSection

_ANSWER = f"{CASE}/jawab/<section>"


def _section(name: str) -> FormSection:
    if name not in list(FormSection):
        abort(404)
    return FormSection(name)


@bp.get(_ANSWER)
@own
def ask_answer(permohonan_id: str, section: str) -> ResponseReturnValue:
    item = repair_answers.asked_item(g.permohonan, _section(section))
    form = AnswerToAdminForm(formdata=None, words=item.answer if item else "")
    return _page(form, section)


@bp.post(_ANSWER)
@own
@writes
def answer(permohonan_id: str, section: str) -> ResponseReturnValue:
    form, takes_back = AnswerToAdminForm(), "take_back" in request.form
    if not takes_back and not form.validate():
        return _page(form, section, status=422)
    words = "" if takes_back else form.words.data or ""
    try:
        repair_answers.answer(g.actor, g.permohonan, _section(section), words)
    except DomainError:
        db.session.rollback()
        return _page(form, section, status=409)
    db.session.commit()
    said = (
        "Jawaban tersimpan. Admin membacanya setelah Anda mengirim."
        if words
        else "Jawaban ditarik."
    )
    return onward("permohonan", g.permohonan, said)


def _page(form: AnswerToAdminForm, section: str, *, status: int = 200) -> ResponseReturnValue:
    found = _section(section)
    item = repair_answers.asked_item(g.permohonan, found)
    if item is None:
        title = f"Jawaban tentang {found.label}"
        return step_closed(title, repair_answers.NOT_ASKED, status=status)
    return page(
        "asesi/answer.html",
        status=status,
        permohonan=g.permohonan,
        section=found.value,
        label=found.label,
        asked_note=item.note,
        given=item.answer,
        form=form,
    )
