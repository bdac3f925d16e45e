"""FR.APL.01: an overview of its sections, and one section a page. Its rows have pages of their own (apl01_rows.py)."""

from __future__ import annotations

from typing import Any

from flask import g, request
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.registration import SectionForm
from lsp.models import Permohonan
from lsp.permissions import writes
from lsp.services import apl01, claimed_rule, ministries, prefill
from lsp.services.apl02_texts import texts_of
from lsp.views.asesi import sections
from lsp.views.asesi.shared import (
    CASE,
    bp,
    editable,
    must_be_editable,
    note_of_signature,
    onward,
    own,
)
from lsp.views.editions import ChangedElsewhere, check_edition, edition_of
from lsp.views.html import page, panel
from lsp.vocabulary import Form
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.registration import is_foreigner

_FORM = f"{CASE}/fr-apl-01"
DOUBTED = "Tersimpan, tetapi ada yang perlu Anda periksa. Jika memang benar, simpan sekali lagi untuk lanjut."
#: Where a saved section leads: a section, or the rows that are asked next.
_AFTER: dict[str, tuple[str, dict[str, str]]] = {
    "pribadi": ("rows", {"kind": "pendidikan"}),
    "pekerjaan": ("fr_apl_01_section", {"section": "sertifikasi"}),
    "sertifikasi": ("rows", {"kind": "pengalaman"}),
}


@bp.get(_FORM)
@own
def fr_apl_01(permohonan_id: str) -> ResponseReturnValue:
    summaries = sections.overview(g.permohonan)
    return page(
        "asesi/fr_apl_01.html",
        permohonan=g.permohonan,
        editable=editable(g.permohonan),
        sections=summaries,
        next_open=next((each for each in summaries if each.missing), None),
        signed_note=note_of_signature(g.permohonan, Form.FR_APL_01),
        units=texts_of(g.permohonan.skema_version),
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
    """Save a section. Three more presses come here.

    `cities` lists anew and `number` asks for NIK or passport, both without saving; `autosave` keeps what is right.
    """
    form = sections.form_from_request(g.permohonan, section)
    if "cities" in request.form:
        return panel("asesi/section.html", "asesi/_city_field.html", **_context(section, form))
    if "number" in request.form and section == "pribadi":
        return panel("asesi/section.html", "asesi/_number_words.html", **_context(section, form))
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
    if _new_doubt(g.permohonan, section):
        return onward("fr_apl_01_section", g.permohonan, DOUBTED, section=section)
    if "stay" in request.form:
        return onward("fr_apl_01", g.permohonan, "Bagian ini tersimpan.")
    endpoint, where = _AFTER[section]
    return onward(endpoint, g.permohonan, "Bagian ini tersimpan.", **where)


def _doubts(permohonan: Permohonan, section: str) -> list[str]:
    """What looks odd in a section as it is stored: asked about, never refused."""
    if section == "pribadi":
        return [doubt.sentence for doubt in apl01.doubts(permohonan)]
    found = claimed_rule.doubt(permohonan, finished=False) if section == "sertifikasi" else ""
    return [found] if found else []


def _new_doubt(permohonan: Permohonan, section: str) -> bool:
    """Whether something looks odd that the page did not show yet; a second press then leads on."""
    found = "|".join(_doubts(permohonan, section))
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
        "doubts": _doubts(g.permohonan, section),
        "payers": ministries.names() if section == "sertifikasi" else (),
        "origins": prefill.origins(g.permohonan.id),
        "foreigner": section == "pribadi" and is_foreigner(form["nationality"].data),
        "saved_at": stored.updated_at if stored else None,
        "seen": form.seen.data,
        "signed_note": note_of_signature(g.permohonan, Form.FR_APL_01),
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
