"""The filled FR.IA of an attempt, whole, for somebody who reads them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from lsp.database import db
from lsp.models import Elemen, FilledInstrument, InstrumentAnswer, InterviewTopic, Permohonan
from lsp.vocabulary import InstrumentPaper
from lsp.workflow.dossier import dossier_of

#: What is rahasia: the asesi learns that a third party was asked, and not what he said.
SECRET = frozenset({InstrumentPaper.VPK})


def filled_papers(permohonan: Permohonan) -> list[FilledInstrument]:
    """The newest edition of each paper of the present attempt, in order, its rows with their elemen and unit."""
    filled = dossier_of(permohonan).instruments
    papers = [filled[paper] for paper in InstrumentPaper if paper in filled]
    rows: list[InterviewTopic | InstrumentAnswer] = []
    for paper in papers:
        rows += [*paper.topics, *paper.answers]
    elements = {
        row.id: row
        for row in db.session.scalars(
            select(Elemen)
            .where(Elemen.id.in_({row.elemen_id for row in rows}))
            .options(joinedload(Elemen.unit))
        )
    }
    for row in rows:
        set_committed_value(row, "elemen", elements.get(row.elemen_id or 0))
    return papers


def paper_for_asesi(permohonan: Permohonan, paper: InstrumentPaper) -> FilledInstrument | None:
    """A finished paper that the asesi may read; None for what is not there yet or is not his to read."""
    if paper in SECRET:
        return None
    found = next((row for row in filled_papers(permohonan) if row.paper is paper), None)
    return found if found is not None and found.finished_at is not None else None
