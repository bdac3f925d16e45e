"""FR.APL.02: the overview with progress and gaps, and one unit a page."""

from __future__ import annotations

from typing import Any

from flask import abort, g, request
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.registration import AnswerForm, SelectChoice
from lsp.models import Permohonan
from lsp.permissions import writes
from lsp.services import apl02
from lsp.services.apl02 import ElemenRow, GivenAnswer, UnitPage
from lsp.views.asesi.shared import CASE, bp, editable, must_be_editable, onward, own
from lsp.views.editions import ChangedElsewhere, check_edition, edition_of
from lsp.views.html import page, panel
from lsp.vocabulary import Answer

_FORM = f"{CASE}/fr-apl-02"


@bp.get(_FORM)
@own
def fr_apl_02(permohonan_id: str) -> ResponseReturnValue:
    units = apl02.units(g.permohonan)
    return page(
        "asesi/fr_apl_02.html",
        permohonan=g.permohonan,
        units=units,
        editable=editable(g.permohonan),
        total=sum(unit.total for unit in units),
        answered=sum(unit.answered for unit in units),
        gaps=sum(unit.gaps for unit in units),
        first_open=next((unit for unit in units if not unit.done), None),
    )


@bp.get(f"{_FORM}/<int(max=999):unit_position>")
@own
def unit(permohonan_id: str, unit_position: int) -> ResponseReturnValue:
    found = _unit(g.permohonan, unit_position)
    return _unit_page(found, _stored(found))


@bp.post(f"{_FORM}/<int(max=999):unit_position>")
@own
@writes
def save_unit(permohonan_id: str, unit_position: int) -> ResponseReturnValue:
    """Save all answers of a unit; `autosave` comes from a changed answer and is answered with a line."""
    found = _unit(g.permohonan, unit_position)
    forms = _forms(found)
    wrong = [form for form in forms if not form.validate()]
    autosave = "autosave" in request.form
    if wrong and not autosave:
        return _unit_page(found, _typed(forms), errors=_errors(forms), status=422)
    try:
        _save(found, forms)
    except DomainError as refusal:
        return _refused(found, forms, refusal, autosave=autosave)
    db.session.commit()
    if autosave:
        return _autosaved(g.permohonan, unit_position, wrong)
    if "stay" in request.form:
        return onward("fr_apl_02", g.permohonan, "Jawaban tersimpan.")
    if unit_position < found.count:
        return onward("unit", g.permohonan, "Tersimpan.", unit_position=unit_position + 1)
    return onward("fr_apl_02", g.permohonan, "Jawaban tersimpan.")


def _unit(permohonan: Permohonan, position: int) -> UnitPage:
    found = apl02.unit_page(permohonan, position)
    if found is None:
        abort(404)
    return found


def _forms(found: UnitPage) -> list[AnswerForm]:
    files = [SelectChoice(file.public_id) for file in found.files]
    forms = []
    for number, _elemen in enumerate(found.elements, 1):
        form = AnswerForm(prefix=f"e{number}")
        form.documents.choices = files
        forms.append(form)
    return forms


def _save(found: UnitPage, forms: list[AnswerForm]) -> None:
    must_be_editable(g.permohonan)
    stored = [_plain(found, row) for row in found.elements]
    wanted = [_wanted(form) for form in forms]
    check_edition(seen=request.form.get("seen"), stored=stored, wanted=wanted)
    ids = {file.public_id: file.id for file in found.files}
    answers = {
        elemen.id: GivenAnswer(
            Answer(answer) if answer else None, note, [ids[each] for each in documents]
        )
        for elemen, form, (answer, note, documents) in zip(
            found.elements, forms, wanted, strict=True
        )
        if not form.errors
    }
    apl02.save_answers(g.permohonan, answers)


def _plain(found: UnitPage, row: ElemenRow) -> list[Any]:
    files = sorted(file.public_id for file in found.files if file.id in row.documents)
    return [row.answer.value if row.answer else "", row.evidence_note, files]


def _wanted(form: AnswerForm) -> list[Any]:
    return [form.answer.data or "", form.note.data or "", sorted(set(form.documents.data or ()))]


def _stored(found: UnitPage) -> list[list[Any]]:
    return [_plain(found, row) for row in found.elements]


def _typed(forms: list[AnswerForm]) -> list[list[Any]]:
    return [_wanted(form) for form in forms]


def _errors(forms: list[AnswerForm]) -> list[dict[str, str]]:
    return [
        {name: str(messages[0]) for name, messages in form.errors.items() if name} for form in forms
    ]


def _refused(
    found: UnitPage, forms: list[AnswerForm], refusal: DomainError, *, autosave: bool
) -> ResponseReturnValue:
    db.session.rollback()
    seen = request.form.get("seen", "")
    if autosave:
        return page("asesi/_autosave.html", status=409, problem=str(refusal), seen=seen)
    if isinstance(refusal, ChangedElsewhere):
        seen = edition_of(_stored(found))
    return _unit_page(
        found, _typed(forms), errors=_errors(forms), seen=seen, notice_text=str(refusal), status=409
    )


def _autosaved(
    permohonan: Permohonan, position: int, wrong: list[AnswerForm]
) -> ResponseReturnValue:
    found = _unit(permohonan, position)
    problem = wrong[0].first_error() if wrong else ""
    return page(
        "asesi/_autosave.html",
        status=422 if problem else 200,
        problem=f"Belum tersimpan: {problem}" if problem else "",
        saved_at=found.saved_at,
        seen=edition_of(_stored(found)),
    )


def _unit_page(
    found: UnitPage,
    values: list[list[Any]],
    *,
    errors: list[dict[str, str]] | None = None,
    seen: str = "",
    notice_text: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    return panel(
        "asesi/unit.html",
        "asesi/_unit_panel.html",
        status=status,
        permohonan=g.permohonan,
        unit=found,
        values=values,
        errors=errors or [{} for _ in values],
        seen=seen or edition_of(_stored(found)),
        saved_at=found.saved_at,
        notice_text=notice_text,
        editable=editable(g.permohonan),
    )
