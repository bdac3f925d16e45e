"""A filled FR.IA as it is read: plain values for components/ia_reading.html, by asesor, asesi, admin and tim teknis.

A key never gets here: it stands in `InstrumentItem`, which nothing here reads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from lsp.database import db
from lsp.models import (
    Elemen,
    FilledInstrument,
    InstrumentAnswer,
    InterviewTopic,
    Permohonan,
    PortfolioCheck,
)
from lsp.models.inforce import form_template, read_words
from lsp.vocabulary import Conclusion, InstrumentPaper
from lsp.workflow.dossier import dossier_of
from lsp.workflow.signed_content import PAPER_OF

#: A paper -> the form as its words and signatures name it.
FORM_OF = {paper: form for form, paper in PAPER_OF.items()}
#: What is rahasia: the asesi learns that a third party was asked, and not what he said.
SECRET = frozenset({InstrumentPaper.VPK})
#: The rules of evidence as columns of `PortfolioCheck`, in the order V-A-T-M.
RULES = ("valid", "authentic", "current", "sufficient")


@dataclass(frozen=True, slots=True)
class ReadCheck:
    """A row of FR.IA.08, table 1. answers: in the order of `Reading.rules`."""

    title: str
    document_id: str
    answers: tuple[bool | None, ...]
    note: str


@dataclass(frozen=True, slots=True)
class ReadTopic:
    """A ticked row of FR.IA.08, table 2."""

    unit: int
    number: str
    title: str
    substance: str


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """A question as it was asked, and what became of it. about: unit and elemen, evidence, in words."""

    question: str
    about: str
    answer: str
    achieved: bool | None


@dataclass(frozen=True, slots=True)
class Reading:
    """One edition of a paper. rules: (label, help) of the columns of table 1."""

    paper: InstrumentPaper
    edition: int
    asesor: str
    finished_at: datetime | None
    frozen_at: datetime | None
    rules: tuple[str, ...]
    conclusion: str
    conclusion_tone: str
    #: The conclusion in a word or two, for a list.
    short: str
    further_evidence: str
    not_met: str
    feedback: str
    words: dict[str, Any] = field(default_factory=dict)
    checks: tuple[ReadCheck, ...] = ()
    topics: tuple[ReadTopic, ...] = ()
    answers: tuple[ReadAnswer, ...] = ()


def editions_of(permohonan: Permohonan, paper: InstrumentPaper) -> list[FilledInstrument]:
    """Every edition of a paper in the present attempt with what is drawn of it, newest first."""
    return list(
        db.session.scalars(
            _whole()
            .where(
                FilledInstrument.permohonan_id == permohonan.id,
                FilledInstrument.paper == paper,
                FilledInstrument.attempt == permohonan.attempt,
            )
            .order_by(FilledInstrument.edition.desc())
        )
    )


def _whole() -> Any:
    elemen_of = (joinedload(InterviewTopic.elemen), joinedload(InstrumentAnswer.elemen))
    return select(FilledInstrument).options(
        joinedload(FilledInstrument.asesor),
        selectinload(FilledInstrument.checks).joinedload(PortfolioCheck.document),
        selectinload(FilledInstrument.topics).options(elemen_of[0].joinedload(Elemen.unit)),
        selectinload(FilledInstrument.answers).options(
            elemen_of[1].joinedload(Elemen.unit), joinedload(InstrumentAnswer.document)
        ),
    )


def newest_readings(permohonan: Permohonan, *, for_asesi: bool = False) -> list[Reading]:
    """The newest edition of each paper of the present attempt, in the order of the set; for_asesi: finished ones.

    FR.IA.10 is not among them: what a third party said is read where it is sealed (services/third_party.py).
    """
    rows = [row for row in _newest(permohonan).values() if row.paper not in SECRET]
    read_words((FORM_OF[row.paper].value, row.words_version) for row in rows)
    order = list(InstrumentPaper)
    return [
        reading_of(row, for_asesi=for_asesi)
        for row in sorted(rows, key=lambda row: order.index(row.paper))
        if not for_asesi or row.finished_at is not None
    ]


def _newest(permohonan: Permohonan) -> dict[InstrumentPaper, FilledInstrument]:
    """As the dossier has them, with what is drawn of them: the rules of the same page ask for nothing again."""
    newest = (
        select(func.max(FilledInstrument.id))
        .where(
            FilledInstrument.permohonan_id == permohonan.id,
            FilledInstrument.attempt == permohonan.attempt,
        )
        .group_by(FilledInstrument.paper)
    )
    rows = db.session.scalars(_whole().where(FilledInstrument.id.in_(newest)))
    dossier = dossier_of(permohonan)
    dossier.instruments = {row.paper: row for row in rows}
    return dossier.instruments


def readings_of(
    permohonan: Permohonan, paper: InstrumentPaper, *, for_asesi: bool = False
) -> list[Reading]:
    """Editions of a paper ready to be drawn, newest first."""
    return [reading_of(row, for_asesi=for_asesi) for row in editions_of(permohonan, paper)]


def reading_of(filled: FilledInstrument, *, for_asesi: bool = False) -> Reading:
    """One edition. for_asesi: of the notes only those that say why something is "tidak"."""
    words = form_template(FORM_OF[filled.paper].value, version=filled.words_version).body
    said = filled.conclusion
    return Reading(
        paper=filled.paper,
        edition=filled.edition,
        asesor=filled.asesor.name,
        finished_at=filled.finished_at,
        frozen_at=filled.frozen_at,
        rules=tuple(label for _rule, label, _help in words.get("rules", ())),
        conclusion=_conclusion(words, said),
        conclusion_tone=(said.tone or "") if said is not None else "",
        short=said.label if said is not None else "",
        further_evidence=filled.further_evidence,
        not_met=filled.not_met,
        feedback=filled.feedback,
        words=words,
        checks=tuple(_check(row, for_asesi=for_asesi) for row in filled.checks),
        topics=tuple(_topics(filled)),
        answers=tuple(_answers(filled)),
    )


def _conclusion(words: dict[str, Any], said: Conclusion | None) -> str:
    """In the words of the form, where it has some."""
    if said is None:
        return ""
    if "feedback" in words:
        known = dict(words["feedback_options"])
        return f"{words['feedback']}: {known.get(said.value, said.label)}"
    return str(dict(words.get("conclusions", ())).get(said.value, said.label))


def _check(row: PortfolioCheck, *, for_asesi: bool) -> ReadCheck:
    answers = tuple(getattr(row, rule) for rule in RULES)
    tells = not for_asesi or False in answers
    document = row.document.public_id if row.document is not None else ""
    return ReadCheck(row.title, document, answers, row.note if tells else "")


def _topics(filled: FilledInstrument) -> list[ReadTopic]:
    rows = sorted(filled.topics, key=lambda row: (row.elemen.unit.position, row.elemen.position))
    return [
        ReadTopic(row.elemen.unit.position, row.elemen.number, row.elemen.title, row.substance)
        for row in rows
    ]


def _answers(filled: FilledInstrument) -> list[ReadAnswer]:
    found = []
    for row in sorted(filled.answers, key=place_of):
        parts = []
        if row.elemen is not None:
            unit = row.elemen.unit.position
            parts.append(f"Unit {unit}, elemen {row.elemen.number} {row.elemen.title}")
        if row.document is not None:
            parts.append(f"bukti {row.document.label}")
        found.append(ReadAnswer(row.question, " · ".join(parts), row.answer, row.achieved))
    return found


def place_of(row: InstrumentAnswer) -> tuple[int, int, int]:
    """Questions stand in the order of their units and elemen, those about none at the end."""
    if row.elemen is None:
        return (10_000, 0, row.position)
    return (row.elemen.unit.position, row.elemen.position, row.position)
