"""What a signature on a form stands for, as plain values in a fixed order: another content, another digest."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from lsp import clock
from lsp.database import db, read_once
from lsp.models import (
    AssessmentPlan,
    Banding,
    FilledInstrument,
    FrAk02,
    FrApl02Answer,
    FrApl02Evidence,
    ThirdParty,
)
from lsp.vocabulary import Form, InstrumentPaper
from lsp.workflow import fr_apl_01

if TYPE_CHECKING:
    from lsp.workflow.dossier import Dossier

#: FR.IA that are signed: the form as a signature names it -> the paper.
PAPER_OF = {
    Form.FR_IA_07: InstrumentPaper.DPL,
    Form.FR_IA_08: InstrumentPaper.CVP,
    Form.FR_IA_09: InstrumentPaper.PW,
    Form.FR_IA_10: InstrumentPaper.VPK,
}

#: How a filled FR.IA is read whole.
WITH_ROWS = (
    selectinload(FilledInstrument.checks),
    selectinload(FilledInstrument.topics),
    selectinload(FilledInstrument.answers),
)


def content_of(dossier: Dossier, form: Form) -> Any:
    """What is written on `form` of this case now, ready for a digest."""
    if form is Form.FR_APL_01:
        return fr_apl_01.signed_content(dossier.fr_apl_01)
    if form is Form.FR_APL_02:
        return _answer_rows(dossier)
    if form is Form.FR_AK_01:
        return _ak_01_rows(dossier)
    if form is Form.FR_AK_02:
        return ak_02_rows(dossier.fr_ak_02)
    if form is Form.FR_AK_04:
        return _ak_04_rows(dossier)
    if form in PAPER_OF:
        return _instrument_rows(dossier, dossier.instruments.get(PAPER_OF[form]))
    return [dossier.permohonan.public_id, form.value]


def _ak_04_rows(dossier: Dossier) -> Any:
    """The newest banding of the case, as it was filed; what was added later was asked for by the LSP."""
    banding = db.session.scalar(
        select(Banding)
        .where(Banding.permohonan_id == dossier.permohonan.id)
        .order_by(Banding.id.desc())
        .limit(1)
    )
    if banding is None:
        return None
    answers = sorted(banding.fr_ak_04.items())
    return [banding.public_id, banding.attempt, banding.words_version, answers, banding.reason]


def _answer_rows(dossier: Dossier) -> list[Any]:
    """Read once for all signatures on it; anew while something waits to be written."""
    case_id = dossier.permohonan.id
    return read_once("fr_apl_02", case_id, lambda: _read_answer_rows(case_id))


def _read_answer_rows(case_id: int) -> list[Any]:
    rows = db.session.execute(
        select(
            FrApl02Answer.elemen_id,
            FrApl02Answer.answer,
            FrApl02Answer.evidence_note,
            FrApl02Evidence.document_id,
        )
        .outerjoin(FrApl02Evidence, FrApl02Evidence.answer_id == FrApl02Answer.id)
        .where(FrApl02Answer.permohonan_id == case_id)
        .order_by(FrApl02Answer.elemen_id, FrApl02Evidence.document_id)
    ).all()
    answers = {row.elemen_id: [*row[:3]] for row in rows}
    files = [[row.elemen_id, row.document_id] for row in rows if row.document_id is not None]
    return [list(answers.values()), files]


def _ak_01_rows(dossier: Dossier) -> Any:
    plan = dossier.plan
    if plan is None:
        return None
    # The agreement names its asesor and day; of the moment only the day, so that saving it again changes nothing.
    made = plan.fr_ak_01_at.astimezone(clock.WIB).date() if plan.fr_ak_01_at else None
    agreed: list[Any] = [plan.fr_ak_01_evidence, plan.methods, plan.approach]
    if plan.mapa_id is not None:  # else the digest of agreements made before there were MAPA
        agreed += [plan.mapa_id, plan.mapa_changes]
    if plan.fr_ak_01_version is not None:
        # Papers laid out before their words had a version keep the digest they were signed with.
        agreed += _agreed_on(dossier, plan)
    return [plan.attempt, plan.asesor_id, made, *agreed]


def _agreed_on(dossier: Dossier, plan: AssessmentPlan) -> list[Any]:
    """The rest of FR.AK.01, and FR.AK.07, which the same signature covers."""
    starts_at = plan.agreed_starts_at
    when = starts_at.astimezone(UTC).isoformat() if starts_at is not None else None
    held = [when, plan.agreed_place, dossier.permohonan.mode.value]
    return [plan.fr_ak_01_version, plan.fr_ak_01_other, *held, plan.fr_ak_07]


def ak_02_rows(paper: FrAk02 | None) -> Any:
    """Of any edition: an earlier one is held to what was signed of it."""
    if paper is None:
        return None
    units = [
        # A paper without a changed tick keeps the digest it had before there were reasons for them.
        [unit.unit_id, unit.evidence, unit.failed, unit.reason]
        + ([unit.changed_reason] if unit.changed_reason else [])
        for unit in paper.units
    ]
    return [
        paper.attempt,
        paper.edition,
        paper.recommendation,
        paper.follow_up,
        paper.comment,
        paper.written_feedback,
        units,
    ]


def _instrument_rows(dossier: Dossier, paper: FilledInstrument | None) -> Any:
    """A filled FR.IA, whole: its tables and the asesor's word; of FR.IA.10 what he found on each letter."""
    if paper is None:
        return None
    if paper.paper is InstrumentPaper.VPK:
        return [paper.attempt, paper.edition, paper.conclusion, _findings(dossier, paper.attempt)]
    return [paper.attempt, paper.edition, *said_on_instrument(paper)]


def said_on_instrument(paper: FilledInstrument) -> list[Any]:
    """What stands on a filled FR.IA, whatever its edition; of FR.IA.10 its letters are read beside it."""
    checks = [
        [row.document_id, row.title, row.valid, row.authentic, row.current, row.sufficient, row.note]
        for row in paper.checks
    ]  # fmt: skip
    topics = [[row.elemen_id, row.substance] for row in paper.topics]
    answers = [
        [row.elemen_id, row.document_id, row.question, row.answer, row.achieved]
        for row in paper.answers
    ]
    said = [paper.conclusion, paper.further_evidence, paper.not_met, paper.feedback]
    return [paper.words_version, *said, checks, topics, answers]


def _findings(dossier: Dossier, attempt: int) -> list[Any]:
    rows = db.session.execute(
        select(ThirdParty.id, ThirdParty.supports, ThirdParty.finding)
        .where(
            ThirdParty.permohonan_id == dossier.permohonan.id,
            ThirdParty.attempt == attempt,
            ThirdParty.judged_at.is_not(None),
        )
        .order_by(ThirdParty.id)
    )
    return [list(row) for row in rows]
