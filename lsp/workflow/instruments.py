"""Which instruments and units an attempt asks for, and which instruments can be filled here (workflow 1, forms 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

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
from lsp.vocabulary import InstrumentPaper
from lsp.workflow.mapa import instruments_by_unit, instruments_of

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

    What the plan asks for; the interview also where FR.IA.08 ticked topics for it, and not where every piece of
    evidence met the rules (panduan of FR.IA.09). A paper that was finished unasked counts too: it gives evidence.
    """
    asked, filled = set(papers_asked(dossier.plan)), dossier.instruments
    portfolio = filled.get(InstrumentPaper.CVP)
    if portfolio is not None and portfolio.topics:
        asked.add(InstrumentPaper.PW)
    elif _leaves_nothing_to_ask(portfolio) and _interview_follows_portfolio(dossier.plan):
        asked.discard(InstrumentPaper.PW)
    asked |= {paper for paper, row in filled.items() if row.finished_at is not None}
    return [paper for paper in InstrumentPaper if paper in asked]


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


def units_to_assess(permohonan: Permohonan) -> list[UnitKompetensi]:
    """The units of the present attempt, in order: all, or after a re-assessment those that failed before.

    Only where the skema says so. An attempt that a banding opened looks at every unit again: what is in doubt there
    is the assessment, not the asesi.
    """
    of_skema = (
        select(UnitKompetensi)
        .where(UnitKompetensi.skema_version_id == permohonan.skema_version_id)
        .order_by(UnitKompetensi.position)
    )
    if permohonan.attempt > 1 and permohonan.skema_version.reassess_failed_units_only:
        failed = _failed_before(permohonan)
        if failed:
            of_skema = of_skema.where(UnitKompetensi.id.in_(failed))
    return list(db.session.scalars(of_skema))


def _failed_before(permohonan: Permohonan) -> set[int]:
    """Units still failing in the attempt before; empty where a banding opened this one."""
    before = permohonan.attempt - 1
    opened_by = db.session.scalar(
        select(PermohonanEvent.transition)
        .where(
            PermohonanEvent.permohonan_id == permohonan.id,
            PermohonanEvent.transition.in_(("reassess", "grant_reassessment")),
        )
        .order_by(PermohonanEvent.id.desc())
        .limit(1)
    )
    if opened_by != "reassess":
        return set()
    newest = (
        select(FrAk02.id)
        .where(FrAk02.permohonan_id == permohonan.id, FrAk02.attempt == before)
        .order_by(FrAk02.edition.desc())
        .limit(1)
        .scalar_subquery()
    )
    failed = select(FrAk02Unit.unit_id).where(
        FrAk02Unit.fr_ak_02_id == newest, FrAk02Unit.failed.is_(True)
    )
    return set(db.session.scalars(failed))
