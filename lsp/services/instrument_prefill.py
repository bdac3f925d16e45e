"""What a FR.IA begins with: evidence as the pre-assessment judged it, questions of the MUK in force."""

from __future__ import annotations

from sqlalchemy import select

from lsp.database import db
from lsp.models import FilledInstrument, Permohonan, PortfolioCheck
from lsp.services import instrument_questions as questions
from lsp.services.instrument_evidence import Piece, carry, evidence_of, said_before
from lsp.vocabulary import InstrumentPaper
from lsp.workflow.dossier import dossier_of
from lsp.workflow.instruments import bare_unasked, units_to_assess


def begin(permohonan: Permohonan, filled: FilledInstrument) -> None:
    """Fill in what is known at the first opening; nothing of it is the asesor's word yet."""
    if filled.paper is InstrumentPaper.CVP:
        _portfolio(permohonan, filled)
    elif filled.paper is InstrumentPaper.PW:
        _interview(permohonan, filled)
    elif filled.paper is InstrumentPaper.DPL:
        asked = questions.oral(permohonan, filled, units_to_assess(permohonan))
        questions.append(filled, asked)
        questions.ask_bare(permohonan, filled)


def _portfolio(permohonan: Permohonan, filled: FilledInstrument) -> None:
    evidence = evidence_of(permohonan, [unit.id for unit in units_to_assess(permohonan)])
    before = said_before(permohonan)
    for position, piece in enumerate(evidence.pieces, 1):
        told = carry(piece, before)
        filled.checks.append(
            row_of(
                piece,
                position,
                evidence.positions,
                carried=any(value is not None for value in told.answers.values()),
                note=told.note,
                **told.answers,
            )
        )


def row_of(
    piece: Piece, position: int, positions: dict[int, int], **said: bool | str | None
) -> PortfolioCheck:
    return PortfolioCheck(
        position=position,
        document_id=piece.document_id,
        title=piece.title(positions),
        unit_id=piece.unit_ids[0] if piece.unit_ids else None,
        **said,
    )


def _interview(permohonan: Permohonan, filled: FilledInstrument) -> None:
    units = units_to_assess(permohonan)
    questions.append(filled, questions.for_everyone(permohonan, filled, units))
    portfolio = db.session.scalar(
        select(FilledInstrument)
        .where(
            FilledInstrument.permohonan_id == permohonan.id,
            FilledInstrument.attempt == permohonan.attempt,
            FilledInstrument.paper == InstrumentPaper.CVP,
        )
        .order_by(FilledInstrument.edition.desc())
        .limit(1)
    )
    wanted = bare_unasked(dossier_of(permohonan), InstrumentPaper.PW)
    if portfolio is not None:
        wanted |= {topic.elemen_id for topic in portfolio.topics}
    checks = portfolio.checks if portfolio is not None else ()
    evidence = evidence_of(permohonan, [unit.id for unit in units])
    asked = questions.interview(permohonan, filled, wanted, checks, evidence)
    questions.append(filled, asked)
