"""FR.IA.07 and FR.IA.09 as their pages draw them: questions under their elemen, the key for the asesor alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from lsp.database import db
from lsp.forms.instruments import TypedQuestion, TypedWords
from lsp.models import FilledInstrument, InstrumentAnswer, Permohonan, PortfolioCheck
from lsp.models.inforce import form_template
from lsp.services import apl02_texts, fr_ia_questions, instrument_gaps, instruments
from lsp.services.apl02_texts import ElemenText, UnitText
from lsp.services.instrument_questions import is_unanswered
from lsp.services.instrument_reading import FORM_OF, readings_of
from lsp.views.asesor.ia_page import head, load, seen_of
from lsp.vocabulary import InstrumentPaper
from lsp.workflow.dossier import dossier_of
from lsp.workflow.instruments import bare_unasked, bare_words, units_to_assess

ROWS = (
    selectinload(FilledInstrument.answers).options(
        joinedload(InstrumentAnswer.document), joinedload(InstrumentAnswer.item)
    ),
)


@dataclass(slots=True)
class Typing:
    """What was sent and refused, by key; what is missing stands as it is stored."""

    questions: Mapping[str, TypedQuestion] = field(default_factory=dict)
    words: TypedWords | None = None


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question. expected: the key of the MUK, which this page alone draws."""

    key: str
    number: int
    row: InstrumentAnswer
    typed: TypedQuestion
    seen: str
    expected: str
    removable: bool


@dataclass(slots=True)
class Group:
    """An elemen with its questions; both None: questions about no elemen."""

    unit: UnitText | None
    elemen: ElemenText | None
    rows: list[QuestionRow] = field(default_factory=list)


def values_of_question(row: InstrumentAnswer) -> list[object]:
    return [row.question, row.answer, row.achieved]


def values_of_words(filled: FilledInstrument) -> list[object]:
    # Of the four that every paper has, these pages ask for two.
    return ["", "", filled.not_met, filled.feedback]


def context(
    permohonan: Permohonan, paper: InstrumentPaper, typing: Typing | None = None
) -> dict[str, Any]:
    """Everything the page draws, in a fixed number of queries."""
    filled = load(permohonan, paper, *ROWS)
    found = head(permohonan, paper, filled)
    version = filled.words_version if filled is not None else None
    found["words"] = form_template(FORM_OF[paper].value, version=version).body
    if filled is None:
        return found
    if found["reason"]:
        return found | {"read": readings_of(permohonan, paper)[0]}
    typing = typing or Typing()
    units = units_to_assess(permohonan)
    texts = _texts(permohonan, {unit.id for unit in units})
    return found | {
        "groups": _groups(filled, texts, typing),
        "units": texts,
        "bare": _bare(permohonan, paper),
        "evidence": _evidence(permohonan) if paper is InstrumentPaper.PW else [],
        "count": fr_ia_questions.Count(
            sum(instrument_gaps.is_answered(row) for row in filled.answers),
            len(filled.answers),
            sum(row.achieved is False for row in filled.answers),
        ),
        "whole": typing.words or TypedWords(None, "", filled.not_met, filled.feedback),
        "words_seen": seen_of(values_of_words(filled)),
        "wrong": _wrong(typing),
    }


def _texts(permohonan: Permohonan, unit_ids: set[int]) -> list[UnitText]:
    every = apl02_texts.texts_of(permohonan.skema_version)
    return [unit for unit in every if unit.id in unit_ids]


def _bare(permohonan: Permohonan, paper: InstrumentPaper) -> str:
    """Elemen without evidence that no question here is about, in a sentence; empty where there are none."""
    count = len(bare_unasked(dossier_of(permohonan), paper))
    return f"{bare_words(count)} dan belum punya pertanyaan di sini." if count else ""


def _evidence(permohonan: Permohonan) -> list[str]:
    """Table 1 of FR.IA.09: the evidence of FR.IA.08, as it stands there."""
    portfolio = instruments.newest_of(permohonan, InstrumentPaper.CVP)
    if portfolio is None:
        return []
    titles = select(PortfolioCheck.title).where(PortfolioCheck.filled_id == portfolio.id)
    return list(db.session.scalars(titles.order_by(PortfolioCheck.position)))


def _groups(filled: FilledInstrument, texts: list[UnitText], typing: Typing) -> list[Group]:
    groups = {each.id: Group(unit, each) for unit in texts for each in unit.elements}
    nowhere, number = Group(None, None), 0
    for row in filled.answers:
        groups.get(row.elemen_id or 0, nowhere).rows.append(_row(row, typing))
    shown = [group for group in (*groups.values(), nowhere) if group.rows]
    for group in shown:
        for place, each in enumerate(group.rows):
            number += 1
            group.rows[place] = _numbered(each, number)
    return shown


def _row(row: InstrumentAnswer, typing: Typing) -> QuestionRow:
    key = f"q{row.position}"
    typed = typing.questions.get(key) or TypedQuestion(row.question, row.answer, row.achieved)
    return QuestionRow(
        key=key,
        number=0,
        row=row,
        typed=typed,
        seen=seen_of(values_of_question(row)),
        expected=row.item.key if row.item is not None else "",
        removable=is_unanswered(row),
    )


def _numbered(row: QuestionRow, number: int) -> QuestionRow:
    return QuestionRow(row.key, number, row.row, row.typed, row.seen, row.expected, row.removable)


def _wrong(typing: Typing) -> list[tuple[str, str]]:
    every: list[TypedQuestion | TypedWords] = [*typing.questions.values()]
    every += [typing.words] if typing.words is not None else []
    return [(name, sentence) for each in every for name, sentence in each.errors.items()]
