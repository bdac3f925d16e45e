"""Which instruments and units an attempt asks for, and which instruments can be filled here (workflow 1, forms 7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from lsp.database import db
from lsp.models import (
    AssessmentPlan,
    FilledInstrument,
    FrAk02,
    FrAk02Unit,
    Permohonan,
    PermohonanEvent,
    UnitKompetensi,
)
from lsp.vocabulary import Conclusion, Form, InstrumentPaper, Role
from lsp.workflow.mapa import instruments_by_unit, instruments_of
from lsp.workflow.signed_content import PAPER_OF

if TYPE_CHECKING:
    from lsp.workflow.dossier import Dossier

#: A MAPA may ask for these only, until the written tests and the observation papers are built.
FILLABLE = frozenset(
    {InstrumentPaper.DPL, InstrumentPaper.CVP, InstrumentPaper.PW, InstrumentPaper.VPK}
)


def papers_asked(plan: AssessmentPlan | None) -> list[InstrumentPaper]:
    """The FR.IA that the plan of an attempt asks for, in order; also those that cannot be filled here."""
    wanted = instruments_of(plan) if plan is not None else set()
    return [paper for paper in InstrumentPaper if paper.value in wanted]


def papers_needed(dossier: Dossier) -> list[InstrumentPaper]:
    """The FR.IA without which this attempt cannot end, in order.

    What the plan asks for, and the interview by its own rule. A paper that was finished unasked counts too: it gives
    evidence.
    """
    asked, filled = set(papers_asked(dossier.plan)), dossier.instruments
    asked |= {paper for paper, row in filled.items() if row.finished_at is not None}
    asked.discard(InstrumentPaper.PW)
    portfolio, interview = filled.get(InstrumentPaper.CVP), filled.get(InstrumentPaper.PW)
    if interview_is_due(dossier.plan, portfolio, interview):
        asked.add(InstrumentPaper.PW)
    return [paper for paper in InstrumentPaper if paper in asked]


def interview_is_due(
    plan: AssessmentPlan | None,
    portfolio: FilledInstrument | None,
    interview: FilledInstrument | None,
) -> bool:
    """Whether FR.IA.09 must be held, and so with at least one question.

    Where FR.IA.08 ticked an elemen for it, and where something was answered already: that is not left lying. Else where
    the plan asks for it, unless FR.IA.08 is finished and every piece met the rules of evidence (panduan 5 of FR.IA.08
    and the panduan of FR.IA.09: one that did not is asked about).
    """
    if (portfolio is not None and portfolio.topics) or _was_answered(interview):
        return True
    if InstrumentPaper.PW not in papers_asked(plan):
        return False
    return not (_leaves_nothing_to_ask(portfolio) and _interview_follows_portfolio(plan))


def _was_answered(interview: FilledInstrument | None) -> bool:
    rows = interview.answers if interview is not None else ()
    return any(row.answer or row.achieved is not None for row in rows)


def _leaves_nothing_to_ask(portfolio: FilledInstrument | None) -> bool:
    """FR.IA.08 is finished and all its evidence is valid, authentic, current and sufficient."""
    if portfolio is None or portfolio.finished_at is None or not portfolio.checks:
        return False
    return all(
        row.valid and row.authentic and row.current and row.sufficient for row in portfolio.checks
    )


def _interview_follows_portfolio(plan: AssessmentPlan | None) -> bool:
    """No unit is assessed by an interview alone: that one is held whatever the documents of others are worth."""
    if plan is None:
        return True
    pw, cvp = InstrumentPaper.PW.value, InstrumentPaper.CVP.value
    if plan.mapa is None:
        return cvp in instruments_of(plan)
    return all(cvp in papers for papers in instruments_by_unit(plan).values() if pw in papers)


def listed(names: Sequence[str]) -> str:
    """ "FR.IA.08, FR.IA.09 dan FR.AK.02" """
    *others, last = names
    return f"{', '.join(others)} dan {last}" if others else last


def open_papers(dossier: Dossier) -> list[InstrumentPaper]:
    """Of the needed FR.IA that are filled here: which are not finished."""
    return [
        paper
        for paper in papers_needed(dossier)
        if paper in FILLABLE and not _is_finished(dossier.instruments.get(paper))
    ]


def _is_finished(filled: FilledInstrument | None) -> bool:
    """An interview in which nothing was asked is none, whatever an older portal let stand as finished."""
    if filled is None or filled.finished_at is None:
        return False
    return filled.paper is not InstrumentPaper.PW or bool(filled.answers)


def concluded_against(dossier: Dossier) -> list[InstrumentPaper]:
    """Finished FR.IA whose asesor concluded that the criteria are not met."""
    concluded = dossier.findings.concluded
    return [paper for paper in InstrumentPaper if concluded.get(paper) is Conclusion.NOT_MET]


def forms_to_sign(dossier: Dossier, role: Role) -> list[Form]:
    """What this person signs at the end of the attempt with one press: each needed FR.IA that is here, and FR.AK.02.

    FR.IA.10 is the asesor's alone: it has no place for the asesi, who does not read it.
    """
    needed, filled = papers_needed(dossier), dossier.instruments
    forms = [
        form
        for form, paper in PAPER_OF.items()
        if paper in needed
        and paper in filled
        and not (role is Role.ASESI and paper is InstrumentPaper.VPK)
    ]
    return [*forms, Form.FR_AK_02]


def unsigned(dossier: Dossier, role: Role, signer_id: int | None = None) -> list[Form]:
    """Of those: which have no signature that fits what is written now; of this very person where he is named."""
    left = []
    for form in forms_to_sign(dossier, role):
        found = dossier.signature(form, role, attempt=dossier.permohonan.attempt)
        if found is None or signer_id not in (None, found.signer_id):
            left.append(form)
    return left


def units_to_assess(permohonan: Permohonan) -> list[UnitKompetensi]:
    """The units of the present attempt, in order: all, or after a re-assessment those that failed before.

    Only where the skema says so. An attempt that a banding opened looks at every unit again: what is in doubt there
    is the assessment, not the asesi.
    """
    units, failed = permohonan.skema_version.units, _failed_before(permohonan)
    return [unit for unit in units if unit.id in failed] if failed else list(units)


def carried_units(permohonan: Permohonan) -> dict[int, int]:
    """Units that this attempt does not ask for, by id: the attempt that last assessed them."""
    failed = _failed_before(permohonan)
    if not failed:
        return {}
    assessed = (
        select(func.max(FrAk02.attempt))
        .join(FrAk02Unit, FrAk02Unit.fr_ak_02_id == FrAk02.id)
        .where(
            FrAk02.permohonan_id == permohonan.id,
            FrAk02.attempt < permohonan.attempt,
            FrAk02Unit.unit_id == UnitKompetensi.id,
        )
        .scalar_subquery()
    )
    met = select(UnitKompetensi.id, func.coalesce(assessed, permohonan.attempt - 1)).where(
        UnitKompetensi.skema_version_id == permohonan.skema_version_id,
        UnitKompetensi.id.not_in(failed),
    )
    return {row.id: row[1] for row in db.session.execute(met)}


def _failed_before(permohonan: Permohonan) -> set[int]:
    """Units still failing in the attempt before, where only these are asked for again; empty where all are.

    A banding that opened this attempt has all of them looked at again.
    """
    if permohonan.attempt == 1 or not permohonan.skema_version.reassess_failed_units_only:
        return set()
    opened_by = (
        select(PermohonanEvent.transition)
        .where(
            PermohonanEvent.permohonan_id == permohonan.id,
            PermohonanEvent.transition.in_(("reassess", "grant_reassessment")),
        )
        .order_by(PermohonanEvent.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    newest = (
        select(FrAk02.id)
        .where(FrAk02.permohonan_id == permohonan.id, FrAk02.attempt == permohonan.attempt - 1)
        .order_by(FrAk02.edition.desc())
        .limit(1)
        .scalar_subquery()
    )
    failed = select(FrAk02Unit.unit_id).where(
        FrAk02Unit.fr_ak_02_id == newest, FrAk02Unit.failed.is_(True), opened_by == "reassess"
    )
    return set(db.session.scalars(failed))
