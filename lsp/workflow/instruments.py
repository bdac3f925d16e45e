"""Which instruments and units an attempt asks for, and which instruments can be filled here (workflow 1, forms 7)."""

from __future__ import annotations

from sqlalchemy import select

from lsp.database import db
from lsp.models import (
    AssessmentPlan,
    FrAk02,
    FrAk02Unit,
    Permohonan,
    PermohonanEvent,
    UnitKompetensi,
)
from lsp.vocabulary import InstrumentPaper
from lsp.workflow.mapa import instruments_of

#: A MAPA may ask for these only, until the written tests and the observation papers are built.
FILLABLE = frozenset(
    {InstrumentPaper.DPL, InstrumentPaper.CVP, InstrumentPaper.PW, InstrumentPaper.VPK}
)


def papers_asked(plan: AssessmentPlan | None) -> list[InstrumentPaper]:
    """The FR.IA that the plan of an attempt asks for, in order; also those that cannot be filled here."""
    wanted = instruments_of(plan) if plan is not None else set()
    return [paper for paper in InstrumentPaper if paper.value in wanted]


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
