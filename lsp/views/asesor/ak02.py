"""FR.AK.02: units by eight kinds of evidence, the recommendation, follow-up and feedback. Saves itself as it is filled.

One form holds it all, so that with scripts off no press loses what was typed elsewhere on the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.assessment import Ak02Form, TypedUnit, read_units
from lsp.models import FrAk02, Permohonan
from lsp.permissions import writes
from lsp.services import case_reading, fr_ak_02 as papers
from lsp.services.fr_ak_02 import UnitJudgement
from lsp.services.fr_ak_02_matrix import (
    Matrix,
    MatrixRow,
    earlier_editions,
    matrix as matrix_of,
    reason_needed,
)
from lsp.views.asesor.shared import CASE, address, answer, assigned, bp, onward, own_seat
from lsp.views.editions import ChangedElsewhere, check_edition, edition_of
from lsp.views.html import page, panel, wants_fragment
from lsp.views.plan_words import kinds
from lsp.vocabulary import Answer, EvidenceKind
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.assessment import LEAST_FEEDBACK

NOTHING_FOUND = "Instrumen tidak memberi bukti untuk unit ini."


@dataclass(frozen=True, slots=True)
class Row:
    """A unit as it is drawn: stored or as typed."""

    unit: MatrixRow
    typed: TypedUnit

    @property
    def differs(self) -> bool:
        """Ticks are others than the instruments give."""
        return set(self.typed.evidence) != set(self.unit.found)


@bp.get(f"{CASE}/fr-ak-02")
@assigned
def fr_ak_02(permohonan_id: str) -> ResponseReturnValue:
    return _show(matrix_of(g.permohonan))


@bp.get(f"{CASE}/fr-ak-02/sebelumnya")
@assigned
def earlier_fr_ak_02(permohonan_id: str) -> ResponseReturnValue:
    """Earlier attempts and editions, as they were sent or left."""
    return page(
        "asesor/fr_ak_02_earlier.html",
        permohonan=g.permohonan,
        papers=earlier_editions(g.permohonan),
        kinds=kinds,
    )


@bp.post(f"{CASE}/fr-ak-02")
@assigned
@writes
def save_fr_ak_02(permohonan_id: str) -> ResponseReturnValue:
    """Save all that is there. `autosave` comes from a changed field and is answered with a line."""
    matrix, form = matrix_of(g.permohonan), Ak02Form()
    typed = _typed(matrix)
    autosave = "autosave" in request.form and wants_fragment()
    wrong = next((unit.wrong for unit in typed.values() if unit.wrong), "")
    # Ticks that were drawn before an instrument changed need no reason: the reader is shown the new ones first.
    stale = _is_stale(matrix, form, typed)
    if not form.validate() or (wrong and stale is None):
        sentence = form.first_error() or wrong
        if autosave:
            return _line(request.form.get("seen", ""), problem=sentence, status=422)
        return _show(matrix, form=form, typed=typed, status=422)
    try:
        if stale is not None:
            raise stale
        _save(form, typed)
    except DomainError as refusal:
        db.session.rollback()
        if autosave:
            return _line(request.form.get("seen", ""), problem=str(refusal), status=409)
        matrix = matrix_of(g.permohonan)
        typed = _following(matrix, typed)
        return _show(matrix, form=form, typed=typed, status=409, notice=str(refusal))
    db.session.commit()
    if autosave:
        return _line(edition_of(_stored(matrix_of(g.permohonan))))
    said = _said(form)
    if "lanjut" in request.form:
        return onward("permohonan", g.permohonan, said)
    if wants_fragment():
        return _show(matrix_of(g.permohonan), said=said)
    return onward("fr_ak_02", g.permohonan, said)


def _typed(matrix: Matrix) -> dict[int, TypedUnit]:
    """The rows as they were sent; where the paper follows the instruments, a changed tick needs its reason."""
    typed = read_units(request.form, [row.unit_id for row in matrix.rows])
    if not matrix.follows:
        return typed
    for row in matrix.rows:
        unit = typed[row.unit_id]
        if not unit.changed_error and reason_needed(row, unit.evidence, unit.changed_reason):
            asked = f"Unit {row.position}: tulis alasan centangnya berbeda dari instrumen."
            typed[row.unit_id] = replace(unit, changed_error=asked)
    return typed


def _following(matrix: Matrix, typed: Mapping[int, TypedUnit]) -> dict[int, TypedUnit]:
    """What was typed, with the ticks of now where nobody gave a reason for others."""
    now = {row.unit_id: row.evidence for row in matrix.rows}
    return {
        unit_id: replace(unit, evidence=now[unit_id], changed_error="")
        if matrix.follows and not unit.changed_reason
        else unit
        for unit_id, unit in typed.items()
    }


def _is_stale(
    matrix: Matrix, form: Ak02Form, typed: Mapping[int, TypedUnit]
) -> ChangedElsewhere | None:
    """What to say where another tab, or an instrument, changed what this form was drawn from."""
    try:
        _check_edition(matrix, form, typed)
    except ChangedElsewhere as refusal:
        return refusal
    return None


def _said(form: Ak02Form) -> str:
    """What was saved, and what still lacks before it can be sent."""
    lacks = []
    if not form.recommendation.data:
        lacks.append("rekomendasi")
    if len(form.written_feedback.data or "") < LEAST_FEEDBACK:
        lacks.append(f"umpan balik tertulis ({LEAST_FEEDBACK} huruf)")
    return "FR.AK.02 tersimpan." + (f" Masih kurang: {', '.join(lacks)}." if lacks else "")


def _save(form: Ak02Form, typed: Mapping[int, TypedUnit]) -> None:
    papers.save_fr_ak_02(
        g.actor,
        g.permohonan,
        units={
            unit_id: UnitJudgement(unit.evidence, unit.failed, unit.reason, unit.changed_reason)
            for unit_id, unit in typed.items()
        },
        recommendation=Answer(form.recommendation.data) if form.recommendation.data else None,
        follow_up=form.follow_up.data or "",
        comment=form.comment.data or "",
        written_feedback=form.written_feedback.data or "",
    )


def _line(seen: str, *, problem: str = "", status: int = 200) -> ResponseReturnValue:
    """The answer to a change that saved itself: when it was stored, or why not."""
    saved_at = None if problem else clock.now()
    return answer(
        render_template("asesor/_ak_02_saved.html", seen=seen, problem=problem, saved_at=saved_at),
        status=status,
    )


def _check_edition(matrix: Matrix, form: Ak02Form, typed: Mapping[int, TypedUnit]) -> None:
    """Refuse to overwrite what another tab stored meanwhile. The same form sent twice is no conflict."""
    wanted = [
        [unit_id, sorted(unit.evidence), unit.failed, unit.reason, unit.changed_reason]
        for unit_id, unit in typed.items()
    ]
    said = [form.recommendation.data or "", form.follow_up.data or "", form.comment.data or ""]
    check_edition(
        seen=form.seen.data,
        stored=_stored(matrix),
        wanted=[wanted, said, form.written_feedback.data or ""],
        what="FR.AK.02",
    )


def _stored(matrix: Matrix) -> list[Any]:
    paper = matrix.paper
    rows = [
        [row.unit_id, sorted(row.evidence), row.failed, row.reason, row.changed_reason]
        for row in matrix.rows
    ]
    if paper is None:
        return [rows, ["", "", ""], ""]
    recommended = paper.recommendation.value if paper.recommendation else ""
    return [rows, [recommended, paper.follow_up, paper.comment], paper.written_feedback]


def _show(
    matrix: Matrix,
    *,
    form: Ak02Form | None = None,
    typed: Mapping[int, TypedUnit] | None = None,
    status: int = 200,
    notice: str = "",
    said: str = "",
) -> ResponseReturnValue:
    paper = matrix.paper
    shown = typed or {row.unit_id: _drawn(row) for row in matrix.rows}
    return panel(
        "asesor/fr_ak_02.html",
        "asesor/_ak_02_panel.html",
        status=status,
        said=said,
        permohonan=g.permohonan,
        paper=paper,
        rows=[Row(row, shown[row.unit_id]) for row in matrix.rows],
        matrix=matrix,
        kinds=list(EvidenceKind),
        planned=_planned(g.permohonan),
        form=form or _form(matrix),
        seen=edition_of(_stored(matrix)),
        notice_text=notice,
        saved_at=None,
        problem="",
        reason=_why_not(g.permohonan, matrix),
        sent_back=_sent_back(paper),
        back_url=address("permohonan", g.permohonan),
    )


def _sent_back(paper: FrAk02 | None) -> str | None:
    """What the tim teknis asked for; a first edition never came back, so nothing is read for it."""
    if paper is None or paper.edition == 1:
        return None
    return case_reading.why_sent_back(g.permohonan)


def _drawn(row: MatrixRow) -> TypedUnit:
    """A unit as it is stored; one for which nothing speaks is drawn as failing, for the asesor to confirm."""
    reason = NOTHING_FOUND if row.suggested and not row.reason else row.reason
    return TypedUnit(
        row.evidence, row.failed or row.suggested, reason, changed_reason=row.changed_reason
    )


def _planned(permohonan: Permohonan) -> list[str]:
    """The methods that FR.MAPA names; each must show up as evidence."""
    plan = dossier_of(permohonan).plan
    labels = {kind.value: kind.label for kind in EvidenceKind}
    return [labels.get(kind, kind) for kind in plan.methods] if plan is not None else []


def _form(matrix: Matrix) -> Ak02Form:
    paper = matrix.paper
    if paper is None:
        return Ak02Form(formdata=None)
    return Ak02Form(
        formdata=None,
        recommendation=paper.recommendation.value if paper.recommendation else None,
        follow_up=paper.follow_up,
        comment=paper.comment,
        written_feedback=paper.written_feedback,
    )


def _why_not(permohonan: Permohonan, matrix: Matrix) -> str:
    """Why this reader cannot change it now; empty when he can."""
    if matrix.paper is not None and matrix.paper.frozen_at is not None:
        return "FR.AK.02 sudah dikirim dan tidak dapat diubah lagi."
    if own_seat(permohonan) is None:
        return "Hanya asesor rapat ini yang mengisi FR.AK.02. Anda dapat membacanya."
    if not papers.is_fillable(permohonan):
        return "FR.AK.02 diisi saat asesmen berlangsung."
    return ""
