"""Verification: a verdict per document row, the met alternative, "Diterima" on FR.APL.01."""

from __future__ import annotations

from collections.abc import Callable

from flask import g, url_for
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError, StaleCase
from lsp.forms.administration import AcceptForm, RuleForm, VerdictForm, VersionForm
from lsp.models import DocumentRequirement
from lsp.permissions import access, visible_permohonan, writes
from lsp.services import phrases, verification
from lsp.views.admin.blueprint import ADMIN, bp
from lsp.views.admin.check_rows import FIRST, next_row
from lsp.views.admin.desk import ADMIN_DESK
from lsp.views.admin.list_filter import ListFilter
from lsp.views.admin.work import show_case
from lsp.views.html import redirect_after_post, wants_fragment
from lsp.vocabulary import FormSection, Verdict
from lsp.workflow.dossier import dossier_of

_MEETS_WITH_FAULT = (
    "Belum disimpan: catatan ini menyebut kesalahan. Tekan “Tidak memenuhi”, atau hapus catatannya. "
    "Bila memang memenuhi dengan catatan ini, tekan “Memenuhi” sekali lagi."
)


@bp.post("/permohonan/<permohonan_id>/penilaian")
@access(roles=ADMIN, load=visible_permohonan)
@writes
def judge(permohonan_id: str) -> ResponseReturnValue:
    form = VerdictForm()
    row = form.requirement.data or ""
    if form.phrase.data and not form.verdict.data:
        return _with_phrase(form, row)
    if not form.validate():
        return refused(form, "verdict_form", row=row)
    if _asks_about_fault(form):
        form.sure.data = "ya"
        form.note.errors = [_MEETS_WITH_FAULT]
        return refused(form, "verdict_form", row=row)

    def write() -> None:
        verification.judge(
            g.actor,
            g.permohonan,
            _about(row),
            verdict=Verdict(form.verdict.data),
            note=form.note.data or "",
            seen_at_siki=bool(form.seen_at_siki.data),
        )

    return _written(form, write, "verdict_form", "note", row=row)


def _asks_about_fault(form: VerdictForm) -> bool:
    """A phrase was put into the note, then the wrong button pressed: asked once, never refused."""
    meets = form.verdict.data == Verdict.MEETS
    return meets and form.sure.data != "ya" and phrases.names_a_fault(form.note.data or "")


def _about(row: str) -> DocumentRequirement | FormSection:
    """The document row or section that a key names. Raises DomainError when this case has none of that name."""
    if row in list(FormSection):
        return FormSection(row)
    rows = dossier_of(g.permohonan).requirements
    requirement = next((each for each in rows if each.public_id == row), None)
    if requirement is None:
        raise DomainError("Dokumen ini tidak diminta untuk permohonan ini.")
    return requirement


def _with_phrase(form: VerdictForm, row: str) -> ResponseReturnValue:
    """The same row with the phrase in its note, to be changed or sent as it is. Nothing is written."""
    phrase = phrases.one(form.phrase.data or "")
    text, typed = phrase.text if phrase is not None else "", form.note.data or ""
    db.session.rollback()
    if text not in typed:
        form.note.data = f"{typed} {text}".strip()
    dari = form.dari.data or ""
    return show_case(ADMIN_DESK, dari=dari, row=row, typed={"verdict_form": form})


@bp.post("/permohonan/<permohonan_id>/syarat")
@access(roles=ADMIN, load=visible_permohonan)
@writes
def met_rule(permohonan_id: str) -> ResponseReturnValue:
    form = RuleForm()
    if not form.validate():
        return refused(form, "rule_form")

    def write() -> None:
        verification.record_met_rule(
            g.actor, g.permohonan, form.rule_id.data, education=form.education.data or ""
        )

    return _written(form, write, "rule_form", "rule_id")


@bp.post("/permohonan/<permohonan_id>/terima")
@access(roles=ADMIN, load=visible_permohonan)
@writes
def accept(permohonan_id: str) -> ResponseReturnValue:
    """Sign the recommendation of FR.APL.01, once for what stands there now."""
    form = AcceptForm()
    if not form.validate():
        return refused(form, "accept_form")

    def write() -> None:
        verification.accept(g.actor, g.permohonan, typed_name=form.typed_name.data or "")

    return _written(form, write, "accept_form", "typed_name")


def _written(
    form: VersionForm, write: Callable[[], None], name: str, field: str, *, row: str = ""
) -> ResponseReturnValue:
    """Do it when the form was drawn from the standing version; else say so beside what was typed."""
    try:
        if form.version.data != g.permohonan.version:
            raise StaleCase
        write()
    except StaleCase as stale:
        return refused(form, name, row=row, notice=str(stale), status=409)
    except DomainError as refusal:
        form[field].errors = [str(refusal)]
        return refused(form, name, row=row)
    db.session.commit()
    # Back into the checklist, where the keys are.
    return _shown_again(form, next_row(g.permohonan, row) if row else FIRST)


def refused(
    form: VersionForm, name: str, *, row: str = "", notice: str = "", status: int = 422
) -> ResponseReturnValue:
    """The case as it stands now, with what was typed and why it was not taken."""
    db.session.rollback()
    dari = form.dari.data or ""
    return show_case(
        ADMIN_DESK, dari=dari, row=row, notice=notice, typed={name: form}, status=status
    )


def _shown_again(form: VersionForm, row: str) -> ResponseReturnValue:
    dari = ListFilter.unpack(form.dari.data or "").packed
    if wants_fragment():
        return show_case(ADMIN_DESK, dari=dari, row=row)
    address = url_for(
        "admin.permohonan",
        permohonan_id=g.permohonan.public_id,
        berkas=row or None,
        dari=dari or None,
    )
    return redirect_after_post(address + "#checklist")
