"""FR.AK.02 as it is read: every unit with its ticks, where each came from, and what is carried from before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import joinedload, selectinload

from lsp.database import db
from lsp.models import (
    AssessmentPlan,
    Countersignature,
    FrAk02,
    FrAk02Unit,
    Permohonan,
    UnitKompetensi,
)
from lsp.vocabulary import EvidenceKind
from lsp.workflow.dossier import dossier_of
from lsp.workflow.evidence_found import Findings, ticks_follow
from lsp.workflow.instruments import carried_units, concluded_against


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A unit of the skema with what FR.AK.02 says about it so far.

    evidence: the ticks to show; found: the ticks that the instruments give, by kind, each with its papers;
    carried: the attempt in which it was met, where this one does not ask for it, else 0.
    """

    unit_id: int
    position: int
    code: str
    title: str
    evidence: Sequence[str]
    failed: bool
    reason: str
    changed_reason: str = ""
    found: dict[str, str] = field(default_factory=dict)
    carried: int = 0
    #: What was stored is not what the instruments say now; it is shown as they say it.
    stale: bool = False
    #: Nothing speaks for the unit: it is proposed to fail, and nobody has said anything about it yet.
    suggested: bool = False


@dataclass(frozen=True, slots=True)
class Matrix:
    """FR.AK.02 as its page shows it; `paper` is None before anything was filled.

    follows: ticks come from the instruments; another tick needs a reason. against: papers that speak for BK.
    waits: no instrument is finished yet, so that empty rows say nothing about the asesi.
    """

    paper: FrAk02 | None
    rows: list[MatrixRow]
    carried: list[MatrixRow] = field(default_factory=list)
    follows: bool = False
    against: list[str] = field(default_factory=list)
    waits: bool = False

    @property
    def filled(self) -> int:
        return sum(1 for row in self.rows if row.evidence)

    @property
    def stale(self) -> list[int]:
        return [row.position for row in self.rows if row.stale]

    @property
    def bare(self) -> list[int]:
        """Units for which nothing speaks."""
        return [row.position for row in self.rows if not row.evidence]


def matrix(permohonan: Permohonan) -> Matrix:
    """FR.AK.02 of the present attempt, newest edition, with its plan and every unit, at any size in one query.

    One more for what the instruments say, two for an attempt after the first.
    """
    dossier = dossier_of(permohonan)
    stored = db.session.execute(_rows_of(permohonan)).all()
    paper, plan = stored[0][:2] if stored else (None, None)
    dossier.plan = plan  # read along: this page answers every tick
    follows, before = ticks_follow(dossier), carried_units(permohonan)
    made = [_row(each[2:], dossier.findings, before, follows=follows) for each in stored]
    return Matrix(
        paper,
        [row for row in made if not row.carried],
        [row for row in made if row.carried],
        follows,
        [paper.value for paper in concluded_against(dossier)],
        waits=follows and not dossier.findings.concluded,
    )


def _rows_of(permohonan: Permohonan) -> Any:
    newest = (
        select(FrAk02.id)
        .where(FrAk02.permohonan_id == permohonan.id, FrAk02.attempt == permohonan.attempt)
        .order_by(FrAk02.edition.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            FrAk02,
            AssessmentPlan,
            UnitKompetensi.id,
            UnitKompetensi.position,
            UnitKompetensi.code,
            UnitKompetensi.title,
            FrAk02Unit.evidence,
            FrAk02Unit.failed,
            FrAk02Unit.reason,
            FrAk02Unit.changed_reason,
        )
        .select_from(UnitKompetensi)
        .outerjoin(FrAk02, FrAk02.id == newest)
        .outerjoin(
            AssessmentPlan,
            and_(
                AssessmentPlan.permohonan_id == permohonan.id,
                AssessmentPlan.attempt == permohonan.attempt,
            ),
        )
        .outerjoin(
            FrAk02Unit,
            and_(FrAk02Unit.unit_id == UnitKompetensi.id, FrAk02Unit.fr_ak_02_id == FrAk02.id),
        )
        .where(UnitKompetensi.skema_version_id == permohonan.skema_version_id)
        .order_by(UnitKompetensi.position)
    )


def _row(
    columns: Sequence[Any], findings: Findings, before: Mapping[int, int], *, follows: bool
) -> MatrixRow:
    unit_id, position, code, title, stored, failed, reason, changed = columns
    found = findings.kinds(unit_id)
    papers = findings.papers.get(unit_id, {})
    # Before anything was stored, the ticks of the instruments are a beginning everywhere.
    prefilled = stored is None or (follows and not changed)
    return MatrixRow(
        unit_id,
        position,
        code,
        title,
        found if prefilled else stored,
        bool(failed),
        reason or "",
        changed or "",
        {kind.value: ", ".join(each.value for each in said_by) for kind, said_by in papers.items()},
        before.get(unit_id, 0),
        stale=bool(follows and stored is not None and not changed and set(stored) != set(found)),
        suggested=bool(follows and stored is None and findings.concluded and not found),
    )


def units_in_words(paper: FrAk02) -> list[tuple[str, str]]:
    """Each unit that a paper speaks of with its evidence, for somebody who only reads."""
    labels = {kind.value: kind.label for kind in EvidenceKind}
    rows = db.session.execute(
        select(
            UnitKompetensi.position, UnitKompetensi.title, FrAk02Unit.evidence, FrAk02Unit.failed
        )
        .join(FrAk02Unit, FrAk02Unit.unit_id == UnitKompetensi.id)
        .where(FrAk02Unit.fr_ak_02_id == paper.id)
        .order_by(UnitKompetensi.position)
    )
    return [
        (
            f"{position}. {title}",
            (", ".join(labels.get(kind, kind) for kind in evidence) or "tidak ada bukti")
            + ("; belum memenuhi" if failed else ""),
        )
        for position, title, evidence, failed in rows
    ]


def all_editions(permohonan: Permohonan) -> list[FrAk02]:
    """FR.AK.02 in all attempts and editions, newest first, with their units; the dossier's own is the first."""
    papers = list(
        db.session.scalars(
            select(FrAk02)
            .where(FrAk02.permohonan_id == permohonan.id)
            .order_by(FrAk02.attempt.desc(), FrAk02.edition.desc())
            .options(
                joinedload(FrAk02.asesor),
                joinedload(FrAk02.second_word).joinedload(Countersignature.by),
                selectinload(FrAk02.units).joinedload(FrAk02Unit.unit),
            )
        )
    )
    present = (paper for paper in papers if paper.attempt == permohonan.attempt)
    dossier_of(permohonan).fr_ak_02 = next(present, None)
    return papers


def earlier_editions(permohonan: Permohonan) -> list[FrAk02]:
    """What FR.AK.02 said before: earlier attempts and editions."""
    papers = all_editions(permohonan)
    present = dossier_of(permohonan).fr_ak_02
    return [paper for paper in papers if paper is not present]


def reason_needed(row: MatrixRow, evidence: Collection[str], changed_reason: str) -> bool:
    """Ticks that are others than the instruments give need a reason."""
    return set(evidence) != set(row.found) and not changed_reason.strip()
