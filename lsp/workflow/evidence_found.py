"""The evidence that the filled instruments of an attempt give, unit by unit: what FR.AK.02 is prefilled from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, func, literal, null, select, union_all
from sqlalchemy.orm import aliased

from lsp.database import db
from lsp.models import (
    Elemen,
    FilledInstrument,
    FrApl02Answer,
    FrApl02Evidence,
    InstrumentAnswer,
    InstrumentItem,
    Permohonan,
    PortfolioCheck,
    ThirdParty,
    UnitKompetensi,
)
from lsp.vocabulary import Conclusion, EvidenceKind, InstrumentPaper, PermohonanStatus
from lsp.workflow.mapa import kind_of_paper, units_asking

if TYPE_CHECKING:
    from lsp.workflow.dossier import Dossier


@dataclass(frozen=True, slots=True)
class Findings:
    """What the finished instruments say. papers: FR.IA by unit and kind; concluded: the asesor's word on each."""

    papers: dict[int, dict[EvidenceKind, list[InstrumentPaper]]] = field(default_factory=dict)
    concluded: dict[InstrumentPaper, Conclusion] = field(default_factory=dict)

    def kinds(self, unit_id: int) -> list[str]:
        """Kinds of evidence for a unit, in the order of the form."""
        found = self.papers.get(unit_id, {})
        return [kind.value for kind in EvidenceKind if kind in found]

    def add(self, units: Iterable[int], paper: InstrumentPaper) -> None:
        kind = kind_of_paper(paper.value)
        for unit in units:
            said_by = self.papers.setdefault(unit, {}).setdefault(kind, [])
            if paper not in said_by:
                said_by.append(paper)


def evidence_found(dossier: Dossier) -> dict[int, set[EvidenceKind]]:
    """Kinds of evidence by unit id, as the finished instruments of the present attempt give them."""
    return {unit: set(kinds) for unit, kinds in dossier.findings.papers.items()}


def ticks_follow(dossier: Dossier) -> bool:
    """Whether FR.AK.02 follows the instruments.

    Not in the pre-assessment, which has none, and not under a plan that was made before they were filled here.
    """
    plan = dossier.plan
    assessing = dossier.permohonan.status is PermohonanStatus.IN_ASSESSMENT
    return assessing and plan is not None and not plan.papers_outside


def read_findings(dossier: Dossier) -> Findings:
    """One query; another two where a third party speaks for him."""
    findings = Findings()
    for paper, unit_id, conclusion, supports in db.session.execute(_said(dossier.permohonan)):
        if conclusion is not None:
            findings.concluded[paper] = conclusion
        if unit_id is not None:
            findings.add([unit_id], paper)
        if supports:
            findings.add(_units_of_third_party(dossier), paper)
    return findings


def _units_of_third_party(dossier: Dossier) -> set[int]:
    """A third party is asked about the asesi, not about a unit: his word counts where the plan wants it."""
    plan = dossier.plan
    wanted = (
        units_asking(plan.mapa, InstrumentPaper.VPK.value)
        if plan and plan.mapa is not None
        else set()
    )
    of_skema = UnitKompetensi.skema_version_id == dossier.permohonan.skema_version_id
    return wanted or set(db.session.scalars(select(UnitKompetensi.id).where(of_skema)))


def _said(case: Permohonan) -> Any:
    """Rows (paper, unit or none, conclusion or none, whether a third party supports him)."""
    newer = aliased(FilledInstrument)
    finished = (
        select(FilledInstrument.id, FilledInstrument.paper, FilledInstrument.conclusion)
        .where(
            FilledInstrument.permohonan_id == case.id,
            FilledInstrument.attempt == case.attempt,
            FilledInstrument.finished_at.is_not(None),
            ~select(newer.id)
            .where(
                newer.permohonan_id == case.id,
                newer.attempt == case.attempt,
                newer.paper == FilledInstrument.paper,
                newer.edition > FilledInstrument.edition,
            )
            .exists(),
        )
        .subquery("finished")
    )
    paper, nothing, no = finished.c.paper, null(), literal(value=False)
    concluded = select(paper, nothing, finished.c.conclusion, _supported(case, paper))
    documents = (
        select(paper, Elemen.unit_id, nothing, no)
        .join(PortfolioCheck, PortfolioCheck.filled_id == finished.c.id)
        .join(FrApl02Evidence, FrApl02Evidence.document_id == PortfolioCheck.document_id)
        .join(FrApl02Answer, FrApl02Answer.id == FrApl02Evidence.answer_id)
        .join(Elemen, Elemen.id == FrApl02Answer.elemen_id)
        .where(FrApl02Answer.permohonan_id == case.id, *_all_rules_met())
    )
    answers = (
        select(paper, func.coalesce(Elemen.unit_id, InstrumentItem.unit_id), nothing, no)
        .join(InstrumentAnswer, InstrumentAnswer.filled_id == finished.c.id)
        .outerjoin(Elemen, Elemen.id == InstrumentAnswer.elemen_id)
        .outerjoin(InstrumentItem, InstrumentItem.id == InstrumentAnswer.item_id)
        .where(InstrumentAnswer.achieved.is_(True))
    )
    return union_all(concluded, documents, answers)


def _all_rules_met() -> list[ColumnElement[bool]]:
    rules = (PortfolioCheck.valid, PortfolioCheck.authentic)
    return [rule.is_(True) for rule in (*rules, PortfolioCheck.current, PortfolioCheck.sufficient)]


def _supported(case: Permohonan, paper: ColumnElement[InstrumentPaper]) -> ColumnElement[bool]:
    """FR.IA.10 is finished and its asesor finds that a third party's word supports the asesi."""
    word = select(ThirdParty.id).where(
        ThirdParty.permohonan_id == case.id,
        ThirdParty.attempt == case.attempt,
        ThirdParty.withdrawn_at.is_(None),
        ThirdParty.supports.is_(True),
    )
    return and_(paper == InstrumentPaper.VPK, word.exists())
