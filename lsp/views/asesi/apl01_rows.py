"""The rows of FR.APL.01: a list and one form, for education, experience and training alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, g
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.apl01_rows import EducationForm, ExperienceForm, RowForm, TrainingForm
from lsp.forms.registration import SelectChoice
from lsp.models import Document
from lsp.permissions import writes
from lsp.services import apl01, apl01_rows, claimed_rule
from lsp.services.apl01_rows import KINDS
from lsp.views.apl01_words import TITLES, rows_words
from lsp.views.asesi.shared import (
    CASE,
    CLOSED,
    address,
    bp,
    editable,
    must_be_editable,
    note_of_signature,
    onward,
    own,
)
from lsp.views.editions import ChangedElsewhere, check_edition, edition_of
from lsp.views.html import panel, wants_fragment
from lsp.vocabulary import Form
from lsp.workflow.dossier import dossier_of

_ROWS = f"{CASE}/fr-apl-01/<any(pendidikan, pengalaman, pelatihan):kind>"
_FORMS: dict[str, type[RowForm]] = {
    "pendidikan": EducationForm,
    "pengalaman": ExperienceForm,
    "pelatihan": TrainingForm,
}
#: Fields of a form that are no column of its table.
_NOT_STORED = ("seen", "still", "proof")
#: Where the next rows or section are asked, with the words of the button.
_AFTER = {
    "pendidikan": ("fr_apl_01_section", {"section": "pekerjaan"}, "Lanjut ke Pekerjaan sekarang"),
    "pengalaman": ("rows", {"kind": "pelatihan"}, "Lanjut ke Pelatihan"),
    "pelatihan": ("documents", {}, "Lanjut ke Dokumen"),
}


@dataclass(frozen=True, slots=True)
class Undo:
    """The way back after a change: where the former values post to, and what happened."""

    sentence: str
    action: str
    values: dict[str, str]
    what: str


@bp.get(_ROWS)
@own
def rows(permohonan_id: str, kind: str) -> ResponseReturnValue:
    if not editable(g.permohonan):
        return onward("fr_apl_01", g.permohonan)
    return _page(kind, _form(kind, formdata=None))


@bp.post(_ROWS)
@own
@writes
def add_row(permohonan_id: str, kind: str) -> ResponseReturnValue:
    form = _form(kind)
    if not form.validate():
        return _page(kind, form, status=422)
    values = _wanted(kind, form)
    try:
        must_be_editable(g.permohonan)
        if not _stands_already(kind, values):
            apl01_rows.add(g.permohonan, kind, values)
    except DomainError as refusal:
        return _refused(kind, form, refusal)
    db.session.commit()
    return _told(kind, f"{KINDS[kind].word.capitalize()} ditambahkan.")


@bp.get(f"{_ROWS}/<row_id>")
@own
def row(permohonan_id: str, kind: str, row_id: str) -> ResponseReturnValue:
    if not editable(g.permohonan):
        return onward("fr_apl_01", g.permohonan)
    found = _row(kind, row_id)
    if found is None:
        abort(404)
    form = _form(kind, formdata=None, data=_stored(kind, found))
    form.seen.data = _edition(kind, found)
    return _page(kind, form, changing=row_id)


@bp.post(f"{_ROWS}/<row_id>")
@own
@writes
def save_row(permohonan_id: str, kind: str, row_id: str) -> ResponseReturnValue:
    found, form = _row(kind, row_id), _form(kind)
    if found is None:
        return _gone(kind, form)
    if not form.validate():
        return _page(kind, form, status=422, changing=row_id)
    before = _stored(kind, found)
    try:
        must_be_editable(g.permohonan)
        typed = {name: form[name].data for name in before}
        check_edition(
            seen=form.seen.data, stored=_plain(before), wanted=_plain(typed), what="Baris ini"
        )
        changed = apl01_rows.change(g.permohonan, kind, row_id, _wanted(kind, form))
    except DomainError as refusal:
        return _refused(kind, form, refusal, changing=row_id)
    db.session.commit()
    former = _as_typed(before) | {"seen": _edition(kind, changed)}
    where = address("save_row", g.permohonan, kind=kind, row_id=changed.public_id)
    title = _title(kind, changed.public_id)
    undo = Undo(f"“{title}” diubah.", where, former, f"perubahan {title}")
    # Drawn at once, also for a plain browser: the former words belong into no address and no cookie.
    return _page(kind, _form(kind, formdata=None), said="Perubahan disimpan.", undo=undo)


@bp.post(f"{_ROWS}/<row_id>/hapus")
@own
@writes
def remove_row(permohonan_id: str, kind: str, row_id: str) -> ResponseReturnValue:
    found, title = _row(kind, row_id), _title(kind, row_id)
    if found is None and editable(g.permohonan):
        return _told(kind, "Baris ini sudah dihapus.")
    before = _as_typed(_stored(kind, found)) if found is not None else {}
    try:
        must_be_editable(g.permohonan)
        apl01_rows.remove(g.permohonan, kind, row_id)
    except DomainError as refusal:
        return _refused(kind, _form(kind, formdata=None), refusal)
    db.session.commit()
    where = address("add_row", g.permohonan, kind=kind)
    undo = Undo(f"“{title}” dihapus.", where, before, f"penghapusan {title}")
    said = f"{KINDS[kind].word.capitalize()} dihapus."
    return _page(kind, _form(kind, formdata=None), said=said, undo=undo)


# --- between form and table --------------------------------------------------------------------------------


def _form(kind: str, **how: Any) -> RowForm:
    form = _FORMS[kind](**how)
    if isinstance(form, EducationForm):
        form.level.choices = [SelectChoice("", "Pilih …"), *map(SelectChoice, apl01_rows.levels())]
    if isinstance(form, ExperienceForm | TrainingForm):
        files = [SelectChoice(file.public_id, file.original_name) for file in _proofs(kind)]
        form.proof.choices = [SelectChoice("", "Belum dipilih"), *files]
    return form


def _proofs(kind: str) -> list[Document]:
    """The standing files that may prove a row of this kind."""
    dossier, code = dossier_of(g.permohonan), KINDS[kind].proof_code
    rows = {row.id for row in dossier.requirements if row.code == code}
    return [file for file in dossier.documents if file.requirement_id in rows]


def _row(kind: str, row_id: str) -> Any | None:
    return apl01_rows.row_of(dossier_of(g.permohonan).fr_apl_01, kind, row_id)


def _title(kind: str, row_id: str) -> str:
    found = rows_words(dossier_of(g.permohonan).fr_apl_01, kind, ())
    return next((each.title for each in found if each.id == row_id), "")


def _stored(kind: str, row: Any) -> dict[str, Any]:
    """A stored row as its form would hold it."""
    names = [name for name in _FORMS[kind](formdata=None)._fields if name not in _NOT_STORED]
    values = {name: getattr(row, name) for name in names}
    if kind == "pengalaman":
        values["still"] = row.ended_on is None
    if KINDS[kind].proof_column:
        chosen = getattr(row, KINDS[kind].proof_column)
        values["proof"] = next((f.public_id for f in _proofs(kind) if f.id == chosen), "")
    return values


def _edition(kind: str, row: Any) -> str:
    return edition_of(_plain(_stored(kind, row)))


def _wanted(kind: str, form: RowForm) -> dict[str, Any]:
    """What was typed, by column of the table."""
    values = {
        name: (field.data or "") if isinstance(field, StringField | SelectField) else field.data
        for name, field in form._fields.items()
        if name not in _NOT_STORED
    }
    if KINDS[kind].proof_column:
        ids = {file.public_id: file.id for file in _proofs(kind)}
        values[KINDS[kind].proof_column] = ids.get(form["proof"].data or "")
    return values


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Values that can be compared: nothing is empty text."""
    return {name: "" if value in (None, False) else value for name, value in values.items()}


def _as_typed(values: dict[str, Any]) -> dict[str, str]:
    """Values as hidden inputs of a form hold them; what is empty is left out."""
    return {
        name: "y" if value is True else value.isoformat() if isinstance(value, date) else str(value)
        for name, value in values.items()
        if value not in (None, "", False)
    }


def _stands_already(kind: str, values: dict[str, Any]) -> bool:
    """The same form sent twice adds one row."""
    found = apl01_rows.rows_of(dossier_of(g.permohonan).fr_apl_01, kind)
    return any(all(getattr(row, name) == value for name, value in values.items()) for row in found)


# --- pages -------------------------------------------------------------------------------------------------


def _refused(
    kind: str, form: RowForm, refusal: DomainError, *, changing: str = ""
) -> ResponseReturnValue:
    db.session.rollback()
    if isinstance(refusal, ChangedElsewhere):
        form.seen.data = _edition(kind, _row(kind, changing))
    notice = form.put_by_its_field(refusal)
    return _page(kind, form, status=409, notice_text=notice, changing=changing)


def _told(kind: str, said: str) -> ResponseReturnValue:
    """The list, and what happened."""
    if wants_fragment():
        return _page(kind, _form(kind, formdata=None), said=said)
    return onward("rows", g.permohonan, said, kind=kind)


def _gone(kind: str, form: RowForm) -> ResponseReturnValue:
    """The row was removed in another tab: what was typed stands in the form of a new row."""
    form.seen.data = ""
    notice = apl01_rows.GONE if editable(g.permohonan) else CLOSED
    return _page(kind, form, status=409, notice_text=notice)


def _page(
    kind: str, form: RowForm, *, changing: str = "", notice_text: str = "", **more: Any
) -> ResponseReturnValue:
    dossier = dossier_of(g.permohonan)
    stored, found = dossier.fr_apl_01, KINDS[kind]
    files = dossier.documents if found.proof_column else ()
    months = apl01.months_of_experience(stored.experiences) if stored else 0
    endpoint, where, words = _AFTER[kind]
    return panel(
        "asesi/rows.html",
        "asesi/_rows_panel.html",
        permohonan=g.permohonan,
        kind=kind,
        title=TITLES[kind],
        word=found.word,
        form=form,
        rows=rows_words(stored, kind, files),
        months=months if kind == "pengalaman" else 0,
        changing=changing,
        has_proofs=bool(found.proof_column and _proofs(kind)),
        notice_text=notice_text or (CLOSED if not editable(g.permohonan) else ""),
        editable=editable(g.permohonan),
        signed_note=note_of_signature(g.permohonan, Form.FR_APL_01),
        doubt=claimed_rule.doubt(g.permohonan) if kind == "pengalaman" and months else "",
        onward=(address(endpoint, g.permohonan, **where), words),
        **({"undo": None} | more),
    )
