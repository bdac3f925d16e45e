"""Review of FR.APL.02, FR.MAPA, and the signing of FR.AK.01 and FR.AK.02. The other papers: pre_assessment.py.

Each is saved by itself. Bad input is answered with what was typed; a refusal of the services with its sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g, request
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.assessment import CountersignForm, RefusalForm, ReviewForm, SignForm
from lsp.permissions import writes
from lsp.services import assessment, fr_ak_02, plan_papers
from lsp.views.asesor.case import saved, show_panel
from lsp.views.asesor.mapa import mapa_form, offered_now, typed_changes
from lsp.views.asesor.shared import CASE, assigned, bp
from lsp.views.editions import ChangedElsewhere, edition_of_result
from lsp.vocabulary import Form, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.instruments import listed, unsigned


def store(
    key: str,
    said: str,
    work: Callable[[], object],
    *,
    onward: Callable[[], ResponseReturnValue] | None = None,
    **typed: Any,
) -> ResponseReturnValue:
    """Do the work and commit, then show the panel; a refusal shows it with the sentence and what was typed.

    onward: another answer than the panel, once it is stored.
    """
    try:
        work()
    except DomainError as refusal:
        db.session.rollback()
        return show_panel(key, status=409, notice=str(refusal), **typed)
    db.session.commit()
    return onward() if onward is not None else saved(key, said)


@bp.post(f"{CASE}/fr-apl-02")
@assigned
@writes
def review(permohonan_id: str) -> ResponseReturnValue:
    form = ReviewForm()
    if not form.validate():
        return show_panel("fr-apl-02", status=422, review_form=form)
    return store(
        "fr-apl-02",
        "Tinjauan FR.APL.02 tersimpan.",
        lambda: assessment.review_apl_02(
            g.actor,
            g.permohonan,
            can_continue=form.can_continue.data == "ya",
            missing_evidence=form.missing_evidence.data or "",
            note=form.note.data or "",
        ),
        review_form=form,
    )


@bp.post(f"{CASE}/fr-mapa")
@assigned
@writes
def choose_plan(permohonan_id: str) -> ResponseReturnValue:
    form, typed = mapa_form(g.permohonan, formdata=request.form), typed_changes()
    if not form.validate() or typed.errors:
        return show_panel("fr-mapa", status=422, mapa_form=form, typed=typed)
    mapa = next(each for each in offered_now(g.permohonan) if each.public_id == form.mapa.data)
    signed = _signed_fr_ak_01()
    return store(
        "fr-mapa",
        "Rencana asesmen tersimpan.",
        lambda: assessment.choose_plan(g.actor, g.permohonan, mapa=mapa, changes=typed.value),
        onward=lambda: saved("fr-mapa", _after_plan(signed)),
        mapa_form=form,
        typed=typed,
    )


def _signed_fr_ak_01() -> list[str]:
    """Whose signature on FR.AK.01 stands."""
    dossier, attempt = dossier_of(g.permohonan), g.permohonan.attempt
    return [
        role.value
        for role in (Role.ASESI, Role.ASESOR)
        if dossier.signature(Form.FR_AK_01, role, attempt=attempt) is not None
    ]


def _after_plan(signed: list[str]) -> str:
    """What the change of the plan took away. signed: whose signature stood before."""
    standing, plan = _signed_fr_ak_01(), dossier_of(g.permohonan).plan
    gone = " dan ".join(role for role in signed if role not in standing)
    said = "Rencana asesmen tersimpan."
    if gone:
        said += f" Tanda tangan FR.AK.01 dari {gone} tidak berlaku lagi."
    if plan is not None and plan_papers.waits_for_fr_ak_07(plan):
        said += " Periksa dan simpan lagi FR.AK.07 dan FR.AK.01 menurut rencana ini."
    return said


@bp.post(f"{CASE}/fr-ak-01/tanda-tangan")
@assigned
@writes
def sign_fr_ak_01(permohonan_id: str) -> ResponseReturnValue:
    return _sign("fr-ak-01", "FR.AK.01 sudah Anda tandatangani.", assessment.sign_fr_ak_01)


@bp.post(f"{CASE}/tanda-tangan")
@assigned
@writes
def sign_fr_ak_02(permohonan_id: str) -> ResponseReturnValue:
    """FR.AK.02 and the FR.IA beside it, with one press."""
    left = [form.label for form in unsigned(dossier_of(g.permohonan), Role.ASESOR, g.actor.id)]
    said = f"{listed(left)} sudah Anda tandatangani." if left else "Sudah Anda tandatangani."
    return _sign("tanda-tangan", said, assessment.sign_result)


def _sign(key: str, said: str, sign: Callable[..., object]) -> ResponseReturnValue:
    form = SignForm()
    if not form.validate():
        return show_panel(key, status=422, sign_form=form)
    return store(
        key,
        said,
        lambda: sign(g.actor, g.permohonan, typed_name=form.typed_name.data or ""),
        sign_form=form,
    )


@bp.post(f"{CASE}/tanda-tangan/asesi")
@assigned
@writes
def note_refusal(permohonan_id: str) -> ResponseReturnValue:
    """The asesi refuses to sign FR.AK.02, or cannot."""
    form = RefusalForm()
    if not form.validate():
        return show_panel("tanda-tangan", status=422, refusal_form=form)
    return store(
        "tanda-tangan",
        "Alasan asesi tercatat.",
        lambda: fr_ak_02.note_asesi_refusal(
            g.actor,
            g.permohonan,
            refused=form.how.data == "refused",
            reason=form.reason.data or "",
        ),
        refusal_form=form,
    )


@bp.post(f"{CASE}/tanda-tangan/asesor-2")
@assigned
@writes
def countersign(permohonan_id: str) -> ResponseReturnValue:
    """Asesor 2 agrees, or says why not."""
    form = CountersignForm()
    if not form.validate():
        return show_panel("tanda-tangan", status=422, countersign_form=form)
    return store(
        "tanda-tangan", "Pendapat Anda tercatat.", lambda: _speak(form), countersign_form=form
    )


def _speak(form: CountersignForm) -> None:
    """His word is on what he read: asesor 1 may have changed and signed a paper while the page stood open."""
    if form.seen.data != edition_of_result(g.permohonan, Role.ASESOR):
        raise ChangedElsewhere("Hasil asesmen ini")
    fr_ak_02.countersign(g.actor, g.permohonan, word=form.word.data, note=form.note.data or "")
