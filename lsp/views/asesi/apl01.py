"""FR.APL.01: an overview of its sections, one section a page, and the rows of experience."""

from __future__ import annotations

from typing import Any

from flask import abort, g, request
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.registration import ExperienceForm, SectionForm
from lsp.models import Permohonan
from lsp.permissions import writes
from lsp.services import apl01
from lsp.views.asesi import sections
from lsp.views.asesi.shared import CASE, CLOSED, bp, editable, must_be_editable, onward, own
from lsp.views.editions import ChangedElsewhere, check_edition, edition_of
from lsp.views.html import page, panel, wants_fragment
from lsp.workflow.dossier import dossier_of

_FORM = f"{CASE}/fr-apl-01"
DOUBTED = "Tersimpan, tetapi ada yang perlu Anda periksa. Jika memang benar, simpan sekali lagi untuk lanjut."
#: Where a saved section leads.
_AFTER = {"pribadi": "pekerjaan", "pekerjaan": "sertifikasi", "sertifikasi": "pengalaman"}


@bp.get(_FORM)
@own
def fr_apl_01(permohonan_id: str) -> ResponseReturnValue:
    return page(
        "asesi/fr_apl_01.html",
        permohonan=g.permohonan,
        editable=editable(g.permohonan),
        sections=sections.overview(g.permohonan),
    )


@bp.get(f"{_FORM}/<any(pribadi, pekerjaan, sertifikasi):section>")
@own
def fr_apl_01_section(permohonan_id: str, section: str) -> ResponseReturnValue:
    if not editable(g.permohonan):
        return onward("fr_apl_01", g.permohonan)
    form = sections.form_for(g.permohonan, section)
    return _section_page(g.permohonan, section, form)


@bp.post(f"{_FORM}/<any(pribadi, pekerjaan, sertifikasi):section>")
@own
@writes
def save_fr_apl_01(permohonan_id: str, section: str) -> ResponseReturnValue:
    """Save a section. Two more presses come here: `cities` only lists anew, `autosave` keeps what is right."""
    form = sections.form_from_request(g.permohonan, section)
    if "cities" in request.form:
        return panel("asesi/section.html", "asesi/_city_field.html", **_context(section, form))
    valid = form.validate()
    autosave = "autosave" in request.form
    if not valid and not autosave:
        return _section_page(g.permohonan, section, form, status=422)
    try:
        _save(g.permohonan, section, form)
    except DomainError as refusal:
        return _refused(section, form, refusal, autosave=autosave)
    db.session.commit()
    if autosave:
        return _autosaved(section, form)
    if section == "pribadi" and _new_doubt(g.permohonan):
        return onward("fr_apl_01_section", g.permohonan, DOUBTED, section=section)
    if "stay" in request.form:
        return onward("fr_apl_01", g.permohonan, "Bagian ini tersimpan.")
    if section == "sertifikasi":
        return onward("experience", g.permohonan, "Bagian ini tersimpan.")
    return onward("fr_apl_01_section", g.permohonan, "Tersimpan.", section=_AFTER[section])


def _new_doubt(permohonan: Permohonan) -> bool:
    """Whether something looks odd that the page did not show yet; a second press then leads on."""
    found = "|".join(doubt.sentence for doubt in apl01.doubts(permohonan))
    return bool(found) and found != request.form.get("doubted")


def _save(permohonan: Permohonan, section: str, form: SectionForm) -> None:
    must_be_editable(permohonan)
    stored = sections.stored_values(permohonan, section)
    wanted = sections.values_of(permohonan, section, form)
    check_edition(seen=form.seen.data, stored=stored, wanted=stored | sections.plain(wanted))
    apl01.save_section(permohonan, section, wanted)


def _refused(
    section: str, form: SectionForm, refusal: DomainError, *, autosave: bool
) -> ResponseReturnValue:
    db.session.rollback()
    if autosave:
        return page("asesi/_autosave.html", status=409, problem=str(refusal), seen=form.seen.data)
    if isinstance(refusal, ChangedElsewhere):
        form.seen.data = edition_of(sections.stored_values(g.permohonan, section))
    return _section_page(g.permohonan, section, form, status=409, notice_text=str(refusal))


def _autosaved(section: str, form: SectionForm) -> ResponseReturnValue:
    wrong = [str(field.label.text) for field in form if field.errors]
    problem = f"Belum tersimpan, periksa lagi: {', '.join(wrong)}." if wrong else ""
    stored = dossier_of(g.permohonan).fr_apl_01
    return page(
        "asesi/_autosave.html",
        status=422 if problem else 200,
        problem=problem,
        saved_at=stored.updated_at if stored else None,
        seen=edition_of(sections.stored_values(g.permohonan, section)),
    )


def _context(section: str, form: SectionForm, **more: Any) -> dict[str, Any]:
    stored = dossier_of(g.permohonan).fr_apl_01
    return {
        "permohonan": g.permohonan,
        "section": section,
        "form": form,
        "editable": editable(g.permohonan),
        "doubts": apl01.doubts(g.permohonan) if section == "pribadi" else (),
        "rules": sections.rules(g.permohonan) if section == "sertifikasi" else (),
        "saved_at": stored.updated_at if stored else None,
        "seen": form.seen.data,
    } | more


def _section_page(
    permohonan: Permohonan, section: str, form: SectionForm, *, status: int = 200, **more: Any
) -> ResponseReturnValue:
    return panel(
        "asesi/section.html",
        "asesi/_section_panel.html",
        status=status,
        **_context(section, form, **more),
    )


# --- Experience ------------------------------------------------------------------------------------------


@bp.get(f"{_FORM}/pengalaman")
@own
def experience(permohonan_id: str) -> ResponseReturnValue:
    if not editable(g.permohonan):
        return onward("fr_apl_01", g.permohonan)
    return _experience_page(ExperienceForm(formdata=None))


@bp.post(f"{_FORM}/pengalaman")
@own
@writes
def add_experience(permohonan_id: str) -> ResponseReturnValue:
    form = ExperienceForm()
    if not form.validate():
        return _experience_page(form, status=422)
    values = {field.name: field.data or "" for field in form}
    try:
        must_be_editable(g.permohonan)
        if not _stands_already(g.permohonan, values):
            apl01.add_experience(g.permohonan, **values)
    except DomainError as refusal:
        db.session.rollback()
        return _experience_page(form, status=409, notice_text=str(refusal))
    db.session.commit()
    return _experience_changed("Pengalaman ditambahkan.")


@bp.post(f"{_FORM}/pengalaman/<experience_id>/hapus")
@own
@writes
def remove_experience(permohonan_id: str, experience_id: str) -> ResponseReturnValue:
    gone = next((row for row in _rows(g.permohonan) if row.public_id == experience_id), None)
    if gone is None:
        abort(404)
    values = {name: getattr(gone, name) for name in ExperienceForm(formdata=None)._fields}
    try:
        must_be_editable(g.permohonan)
        apl01.remove_experience(g.permohonan, experience_id)
    except DomainError as refusal:
        db.session.rollback()
        return _experience_page(ExperienceForm(formdata=None), status=409, notice_text=str(refusal))
    db.session.commit()
    # Drawn at once, also for a plain browser: the row is gone, and its words belong into no address and no cookie.
    said = "Pengalaman dihapus."
    return _experience_page(ExperienceForm(formdata=None), said=said, removed=values)


def _rows(permohonan: Permohonan) -> list[Any]:
    form = dossier_of(permohonan).fr_apl_01
    return list(form.experiences) if form is not None else []


def _stands_already(permohonan: Permohonan, values: dict[str, Any]) -> bool:
    """The same form sent twice adds one row."""
    return any(
        all(getattr(row, name) == value for name, value in values.items())
        for row in _rows(permohonan)
    )


def _experience_changed(said: str) -> ResponseReturnValue:
    if not wants_fragment():
        return onward("experience", g.permohonan, said)
    return _experience_page(ExperienceForm(formdata=None), said=said)


def _experience_page(
    form: ExperienceForm,
    *,
    status: int = 200,
    said: str = "",
    notice_text: str = "",
    removed: dict[str, Any] | None = None,
) -> ResponseReturnValue:
    rows = _rows(g.permohonan)
    return panel(
        "asesi/experience.html",
        "asesi/_experience_panel.html",
        status=status,
        said=said,
        permohonan=g.permohonan,
        form=form,
        rows=rows,
        months=apl01.months_of_experience(rows),
        removed=removed,
        notice_text=notice_text or (CLOSED if not editable(g.permohonan) else ""),
        editable=editable(g.permohonan),
    )
