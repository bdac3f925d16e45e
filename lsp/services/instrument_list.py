"""The papers an attempt asks for and how far each is, for the order of the meeting: counts, no rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select

from lsp.database import db, read_once
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
from lsp.workflow.instruments import (
    FILLABLE,
    bare_and_passed_over,
    bare_unanswered,
    bare_unasked,
    bare_words,
    interview_is_due,
    papers_asked,
    question_paper,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A paper of the attempt. done: None where nobody waits for it; edition 0: not begun.

    An interview after evidence that leaves nothing to ask is not waited for, and may be held.
    """

    paper: InstrumentPaper
    edition: int
    done: bool | None
    badge: str
    tone: str
    #: Who asks for it where the plan does not; empty where the plan does.
    unplanned: str = ""
    #: A sentence on elemen without evidence, under the paper that is to ask about them.
    bare: str = ""

    @property
    def may_begin(self) -> bool:
        return self.edition == 0 and self.paper in FILLABLE


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
    """In the order of the forms; FR.IA.09 also where the plan does not ask for it and FR.IA.08 does.

    Where FR.IA.08 leaves nothing to ask, FR.IA.09 is not waited for.
    """
    return read_once("instruments", permohonan.id, lambda: _read_standing(permohonan))


def _read_standing(permohonan: Permohonan) -> list[Standing]:
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
    ticked = portfolio is not None and bool(portfolio[6])
    wanted = {*asked, *rows} | ({InstrumentPaper.PW} if ticked else set())
    made = []
    for paper in InstrumentPaper:
        if paper in wanted:
            unplanned = "" if paper in asked else _asked_by(paper, ticked=ticked)
            found = _standing(permohonan, paper, rows.get(paper))
            if unplanned and not found.done and paper is not InstrumentPaper.PW:
                found = replace(found, done=None)  # the recommendation does not wait for it
            made.append(replace(found, unplanned=unplanned, bare=_bare(permohonan, found)))
    return made


def _bare(permohonan: Permohonan, found: Standing) -> str:
    """Under the paper that asks about elemen without evidence; under FR.IA.08 where the plan has no such paper."""
    dossier, paper = dossier_of(permohonan), found.paper
    if not found.done and (count := len(bare_unanswered(dossier, paper))):
        return f"{bare_words(count)}: ditanyakan di sini."
    if paper is not InstrumentPaper.CVP or question_paper(dossier.plan) is not None:
        return ""
    count = len(bare_and_passed_over(dossier))
    if not count:
        return ""
    return f"{bare_words(count)}, dan rencana asesmen ini tanpa wawancara. Centang di sini yang perlu ditanyakan."


def _asked_by(paper: InstrumentPaper, *, ticked: bool) -> str:
    if paper is InstrumentPaper.VPK:
        return "asesor sendiri yang menghubungi pihak ketiga"
    if paper is InstrumentPaper.PW and ticked:
        return "diminta oleh FR.IA.08"
    return "sudah dibuka asesor"


def _standing(permohonan: Permohonan, paper: InstrumentPaper, row: Any) -> Standing:
    if row is None and paper not in FILLABLE:
        return Standing(paper, 0, None, "belum dapat diisi di portal", "")
    edition = row.edition if row is not None else 0
    if row is None or (row.finished_at is None and row.frozen_at is None):
        if paper is InstrumentPaper.PW and not interview_is_due(dossier_of(permohonan)):
            return Standing(paper, edition, None, "tidak diperlukan", "")
        if row is None:
            return Standing(paper, 0, False, "belum dibuka", "")
        judged, rows = row[4:6]
        return Standing(paper, edition, False, f"{judged} dari {rows}", "wait")
    if row.frozen_at is not None:
        return Standing(paper, edition, True, "terkirim", "ok")
    if bare_unasked(dossier_of(permohonan), paper):
        return Standing(paper, edition, False, "belum semua ditanyakan", "wait")
    waits = _unsigned(permohonan, paper)
    return Standing(paper, edition, True, "selesai" if waits else "ditandatangani", "ok")


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
