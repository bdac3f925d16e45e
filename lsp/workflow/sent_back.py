"""Whether an asesor worked on what the tim teknis sent back: the same papers are not put before them twice."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from lsp.database import db
from lsp.models import FilledInstrument, FrAk02
from lsp.vocabulary import InstrumentPaper
from lsp.workflow.signed_content import WITH_ROWS, said_on_instrument

if TYPE_CHECKING:
    from lsp.workflow.dossier import Dossier


def returned_record(dossier: Dossier) -> FrAk02 | None:
    """The FR.AK.02 that was sent and came back, while the edition after it is worked on."""
    paper = dossier.fr_ak_02
    if paper is None or paper.frozen_at is not None or paper.edition == 1:
        return None
    return db.session.scalar(
        select(FrAk02)
        .where(
            FrAk02.permohonan_id == paper.permohonan_id,
            FrAk02.attempt == paper.attempt,
            FrAk02.frozen_at.is_not(None),
        )
        .order_by(FrAk02.edition.desc())
        .limit(1)
        .options(selectinload(FrAk02.units))
    )


def is_reworked(dossier: Dossier) -> bool:
    """Whether FR.AK.02 or an FR.IA says something else than what came back."""
    old, paper = dossier.returned_record, dossier.fr_ak_02
    if old is None or paper is None:
        return False
    if _said_on_record(old) != _said_on_record(paper):
        return True
    worked_on = [each for each in dossier.instruments.values() if each.frozen_at is None]
    sent = _sent_before(worked_on)
    return any(_differs(each, sent.get(each.paper)) for each in worked_on)


def _said_on_record(paper: FrAk02) -> Any:
    units = sorted(
        (row.unit_id, sorted(row.evidence), row.failed, row.reason, row.changed_reason)
        for row in paper.units
    )
    said = (paper.recommendation, paper.follow_up, paper.comment, paper.written_feedback)
    return said, units


def _sent_before(papers: Collection[FilledInstrument]) -> dict[InstrumentPaper, FilledInstrument]:
    """The newest edition of each that was sent, with its rows; four queries at any number of papers."""
    if not papers:
        return {}
    first = next(iter(papers))
    rows = db.session.scalars(
        select(FilledInstrument)
        .where(
            FilledInstrument.permohonan_id == first.permohonan_id,
            FilledInstrument.attempt == first.attempt,
            FilledInstrument.paper.in_({each.paper for each in papers}),
            FilledInstrument.frozen_at.is_not(None),
        )
        .order_by(FilledInstrument.edition)
        .options(*WITH_ROWS)
    )
    return {each.paper: each for each in rows}


def _differs(filled: FilledInstrument, old: FilledInstrument | None) -> bool:
    """An edition that was sent stays frozen. Of FR.IA.10 a new one is opened by another finding only."""
    if filled.paper is InstrumentPaper.VPK:
        return True
    if old is None:  # opened since then: work only where something was found in it
        return filled.finished_at is not None
    return said_on_instrument(old) != said_on_instrument(filled)
