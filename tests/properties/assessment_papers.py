"""What must hold of a case after its assessment, written down by itself: no guard and no service is asked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from lsp.database import db
from lsp.models import (
    FilledInstrument,
    FrAk02,
    FrApl02Answer,
    FrApl02Evidence,
    Permohonan,
    Signature,
)
from lsp.vocabulary import Answer, Form, InstrumentPaper, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of

S = PermohonanStatus
CVP, PW = InstrumentPaper.CVP, InstrumentPaper.PW
FORM_OF = {CVP: Form.FR_IA_08, PW: Form.FR_IA_09}
#: What is said of a piece of evidence in FR.IA.08.
RULES = ("valid", "authentic", "current", "sufficient")
#: Where a case stands once its recommendation was sent.
SENT = (S.RECOMMENDED, S.COMPETENT, S.NOT_YET_COMPETENT)


def lacking(case: Permohonan) -> Any:
    """What this case should have and has not, in words."""
    papers = _papers(case)
    record = db.session.scalars(
        select(FrAk02).where(FrAk02.permohonan_id == case.id).order_by(FrAk02.edition.desc())
    ).first()
    if CVP not in papers:
        yield "FR.IA.08"
        return
    sound = all(all(getattr(row, each) for each in RULES) for row in papers[CVP].checks)
    bare = _bare(case)
    if PW not in papers and (papers[CVP].topics or bare or not sound):
        yield "FR.IA.09"
    asked = {row.elemen_id for row in papers[PW].answers} if PW in papers else set()
    if bare - asked:
        yield "FR.IA.09 passes over an elemen without evidence"
    needless = sound and not papers[CVP].topics and not bare
    if PW in papers and needless and not _was_answered(papers[PW]):
        papers.pop(PW)  # begun, and nothing was asked: no interview is needed
    for paper, row in papers.items():
        yield from _faults(paper, row)
    if record is None or record.frozen_at is None:
        yield "FR.AK.02"
        return
    yield from _record_faults(record)
    yield from _unsigned(case, record, papers)


def _papers(case: Permohonan) -> dict[InstrumentPaper, FilledInstrument]:
    rows = db.session.scalars(
        select(FilledInstrument)
        .where(FilledInstrument.permohonan_id == case.id, FilledInstrument.attempt == case.attempt)
        .order_by(FilledInstrument.edition)
    )
    return {row.paper: row for row in rows}


def _bare(case: Permohonan) -> set[int]:
    """Elemen called competent in FR.APL.02 with neither a word nor a file."""
    answers = db.session.scalars(
        select(FrApl02Answer).where(FrApl02Answer.permohonan_id == case.id)
    ).all()
    shown = set(db.session.scalars(select(FrApl02Evidence.answer_id)))
    return {
        row.elemen_id
        for row in answers
        if row.answer is Answer.K and not row.evidence_note and row.id not in shown
    }


def _was_answered(interview: FilledInstrument) -> bool:
    return any(row.answer or row.achieved is not None for row in interview.answers)


def _faults(paper: InstrumentPaper, row: FilledInstrument) -> Any:
    if row.finished_at is None or row.conclusion is None or row.frozen_at is None:
        yield f"{paper.value} is open"
    if any(getattr(check, each) is None for check in row.checks for each in RULES):
        yield f"{paper.value}: evidence not judged"
    if paper is PW and not row.answers:
        yield "FR.IA.09 asks nothing"
    if any(answer.achieved is None or not answer.answer for answer in row.answers):
        yield f"{paper.value}: question not answered"


def _record_faults(record: FrAk02) -> Any:
    units, failed = record.units, [row for row in record.units if row.failed]
    if len(units) != 2:
        yield "units left out"
    if record.recommendation is Answer.K and (failed or any(not row.evidence for row in units)):
        yield "K over a unit that fails or has no evidence"
    if record.recommendation is Answer.BK and not (
        failed and record.follow_up and all(row.reason for row in failed)
    ):
        yield "BK without its reasons"
    if record.recommendation is None or len(record.written_feedback) < 20:
        yield "no recommendation or feedback"


def _unsigned(
    case: Permohonan, record: FrAk02, papers: dict[InstrumentPaper, FilledInstrument]
) -> Any:
    dossier = dossier_of(case)
    refused = record.asesi_signature in ("refused", "unsigned") and record.asesi_refusal_reason
    for form in (*(FORM_OF[paper] for paper in papers), Form.FR_AK_02):
        for role in (Role.ASESOR, *(() if refused else (Role.ASESI,))):
            fits = select(Signature.id).where(
                Signature.permohonan_id == case.id,
                Signature.form == form,
                Signature.signer_role == role,
                Signature.content_digest == dossier.content_digest(form),
            )
            if db.session.scalar(fits.limit(1)) is None:
                yield f"{form.value} not signed by {role.value}"


def frozen(case: Permohonan) -> list[Any]:
    made: list[Any] = []
    for model in (FilledInstrument, FrAk02):
        query = select(model).where(model.permohonan_id == case.id, model.frozen_at.is_not(None))
        made += db.session.scalars(query)
    return made


def content(paper: FilledInstrument | FrAk02) -> Any:
    if isinstance(paper, FrAk02):
        return (
            paper.recommendation,
            paper.written_feedback,
            [(row.unit_id, row.evidence, row.failed, row.reason) for row in paper.units],
        )
    return (
        paper.conclusion,
        [[getattr(row, each) for each in (*RULES, "note")] for row in paper.checks],
        [(row.elemen_id, row.substance) for row in paper.topics],
        [(row.question, row.answer, row.achieved) for row in paper.answers],
    )


def said_of(paper: FrAk02) -> Any:
    """All that FR.AK.02 says, the answer to a pleno among it."""
    return content(paper), paper.follow_up, paper.comment
