"""FR.IA.07 and FR.IA.09 while they are filled: questions as they are put, the answers, ya or tidak.

Each function takes the edition that `instruments.open_instrument` gave, and flushes.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Elemen, FilledInstrument, InstrumentAnswer, Permohonan
from lsp.services.instrument_questions import Question, append, is_unanswered
from lsp.workflow.instruments import units_to_assess

#: Letters of a question of the asesor's own; the form holds one that stands to the same.
LONGEST_QUESTION = 2_000


@dataclass(frozen=True, slots=True)
class Count:
    """answered: with an answer and its judgement; missed: judged tidak."""

    answered: int
    rows: int
    missed: int


def count_of(filled_id: int) -> Count:
    rows = select(func.count()).where(InstrumentAnswer.filled_id == filled_id)
    answered = (InstrumentAnswer.answer != "") & InstrumentAnswer.achieved.is_not(None)
    found = db.session.execute(
        select(
            rows.where(answered).scalar_subquery(),
            rows.scalar_subquery(),
            rows.where(InstrumentAnswer.achieved.is_(False)).scalar_subquery(),
        )
    ).one()
    return Count(*found)


def answer_at(filled: FilledInstrument, position: int) -> InstrumentAnswer:
    """The question at a place, which is the same in every edition."""
    found = db.session.scalar(
        select(InstrumentAnswer).where(
            InstrumentAnswer.filled_id == filled.id, InstrumentAnswer.position == position
        )
    )
    if found is None:
        raise DomainError("Pertanyaan ini sudah dihapus. Muat ulang halaman.")
    return found


def put(row: InstrumentAnswer, *, question: str, answer: str, achieved: bool | None) -> None:
    """The question as it was asked, and what came of it. Raises DomainError for one without words.

    A judgement that was noted is not taken back: the recommendation must not go round what an interview found.
    """
    if not question:
        raise DomainError("Pertanyaan tidak boleh kosong. Hapus pertanyaannya bila tidak diajukan.")
    if achieved is None and row.achieved is not None:
        raise DomainError("Ya atau Tidak yang sudah dicatat dapat dibetulkan, tidak dikosongkan.")
    row.question, row.answer, row.achieved = question, answer, achieved


def add(
    permohonan: Permohonan, filled: FilledInstrument, words: str, elemen_id: int | None
) -> None:
    """A question of the asesor's own."""
    if not words:
        raise DomainError("Tulis pertanyaannya.")
    if len(words) > LONGEST_QUESTION:
        raise DomainError(f"Paling panjang {LONGEST_QUESTION} huruf. Pendekkan pertanyaannya.")
    units = {unit.id for unit in units_to_assess(permohonan)}
    known = select(Elemen.id).where(Elemen.id == elemen_id, Elemen.unit_id.in_(units))
    if elemen_id is not None and db.session.scalar(known) is None:
        raise DomainError("Pilih elemen dari daftar.")
    append(filled, [Question(words, elemen_id)])


def remove(filled: FilledInstrument, position: int) -> None:
    """Take an unanswered question away; one that was answered stays."""
    row = answer_at(filled, position)
    if not is_unanswered(row):
        raise DomainError("Pertanyaan yang sudah dijawab tidak dapat dihapus.")
    if row in filled.answers:
        filled.answers.remove(row)
    db.session.delete(row)
    db.session.flush()
