"""The papers an attempt asks for and how far each is, for the order of the meeting: counts, no rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from lsp.database import db
from lsp.models import (
    FilledInstrument,
    InstrumentAnswer,
    InterviewTopic,
    Permohonan,
    PortfolioCheck,
)
from lsp.services.fr_ia_08 import JUDGED
from lsp.services.instrument_reading import FORM_OF
from lsp.vocabulary import InstrumentPaper, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.instruments import FILLABLE, papers_asked


@dataclass(frozen=True, slots=True)
class Standing:
    """A paper of the attempt. done: None where it cannot be filled here; edition 0: not begun."""

    paper: InstrumentPaper
    edition: int
    done: bool | None
    badge: str
    tone: str
    asked: bool = True


def _count(table: Any, *conditions: Any) -> Any:
    of_paper = table.filled_id == FilledInstrument.id
    return (
        select(func.count()).select_from(table).where(of_paper, *conditions).correlate(FilledInstrument)
    ).scalar_subquery()  # fmt: skip


_ANSWERED = (InstrumentAnswer.answer != "") & InstrumentAnswer.achieved.is_not(None)
_ROWS = select(
    FilledInstrument.paper,
    FilledInstrument.edition,
    FilledInstrument.finished_at,
    FilledInstrument.frozen_at,
    _count(PortfolioCheck, JUDGED) + _count(InstrumentAnswer, _ANSWERED),
    _count(PortfolioCheck) + _count(InstrumentAnswer),
    _count(InterviewTopic),
).order_by(FilledInstrument.edition)


def standing_of(permohonan: Permohonan) -> list[Standing]:
    """In the order of the forms; FR.IA.09 also where the plan does not ask for it and FR.IA.08 does."""
    rows = {
        row.paper: row
        for row in db.session.execute(
            _ROWS.where(
                FilledInstrument.permohonan_id == permohonan.id,
                FilledInstrument.attempt == permohonan.attempt,
            )
        )
    }
    asked = papers_asked(dossier_of(permohonan).plan)
    portfolio = rows.get(InstrumentPaper.CVP)
    wanted = {*asked, *rows} | (
        {InstrumentPaper.PW} if portfolio is not None and portfolio[6] else set()
    )
    return [
        _standing(permohonan, paper, rows.get(paper), asked=paper in asked)
        for paper in InstrumentPaper
        if paper in wanted
    ]  # fmt: skip


def _standing(permohonan: Permohonan, paper: InstrumentPaper, row: Any, *, asked: bool) -> Standing:
    if row is None:
        if paper not in FILLABLE:
            return Standing(paper, 0, None, "belum dapat diisi di portal", "")
        return Standing(paper, 0, False, "belum dibuka", "", asked)
    _paper, edition, finished_at, frozen_at, judged, rows, _topics = row
    if frozen_at is not None:
        return Standing(paper, edition, True, "terkirim", "ok", asked)
    if finished_at is None:
        return Standing(paper, edition, False, f"{judged} dari {rows}", "wait", asked)
    waits = _unsigned(permohonan, paper)
    badge = "selesai" if waits else "ditandatangani"
    return Standing(paper, edition, True, badge, "ok", asked)


def _unsigned(permohonan: Permohonan, paper: InstrumentPaper) -> list[Role]:
    """Who of asesi and asesor has not signed what stands on the paper now."""
    dossier, form = dossier_of(permohonan), FORM_OF[paper]
    if not any(row.form is form for row in dossier.signatures):
        return [Role.ASESI, Role.ASESOR]
    return [
        role
        for role in (Role.ASESI, Role.ASESOR)
        if dossier.signature(form, role, attempt=permohonan.attempt) is None
    ]
