"""FR.APL.02: the asesi's answers beside the texts of the skema, by unit and as a whole; saving them.

The texts are kept between requests (apl02_texts.py), so a page reads answers and files only: two queries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, or_, select

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import (
    Document,
    DocumentRequirement,
    Elemen,
    FrApl02Answer,
    FrApl02Evidence,
    Permohonan,
    UnitKompetensi,
)
from lsp.services.apl02_texts import ElemenText, UnitText, texts_of
from lsp.vocabulary import IDENTITY_CODES, Answer


@dataclass(slots=True)
class ElemenRow:
    """An elemen with its KUK texts and the asesi's answer. place: 1, 2, … within its unit."""

    text: ElemenText
    place: int
    answer: Answer | None = None
    evidence_note: str = ""
    documents: set[int] = field(default_factory=set)

    @property
    def id(self) -> int:
        return self.text.id

    @property
    def without_evidence(self) -> bool:
        return self.answer is Answer.K and not self.evidence_note and not self.documents

    @property
    def gap(self) -> str:
        """What still lacks, in words; empty when nothing does."""
        if self.answer is None:
            return "Belum dijawab"
        return "Dijawab K, belum ada buktinya" if self.without_evidence else ""


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What the asesi chose for one elemen: answer, words, and documents by their ids."""

    answer: Answer | None
    evidence_note: str
    document_ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class EvidenceChoice:
    """A standing file that may be named as evidence."""

    id: int
    public_id: str
    label: str
    original_name: str


@dataclass(slots=True)
class AnsweredUnit:
    """A unit with its answers. `count`: of all units; `saved_at`: when one of its answers was last written."""

    text: UnitText
    count: int
    elements: list[ElemenRow]
    saved_at: datetime | None = None

    @property
    def position(self) -> int:
        return self.text.position

    @property
    def answered(self) -> int:
        return sum(row.answer is not None for row in self.elements)

    @property
    def gaps(self) -> int:
        """K without evidence."""
        return sum(row.without_evidence for row in self.elements)

    @property
    def done(self) -> bool:
        return self.answered == len(self.elements) and not self.gaps


_ANSWERS = (
    select(
        FrApl02Answer.elemen_id,
        FrApl02Answer.answer,
        FrApl02Answer.evidence_note,
        FrApl02Answer.updated_at,
        FrApl02Evidence.document_id,
    )
    .outerjoin(FrApl02Evidence, FrApl02Evidence.answer_id == FrApl02Answer.id)
    .where(FrApl02Answer.permohonan_id == bindparam("permohonan"))
)
_FILES = (
    select(Document.id, Document.public_id, Document.label, Document.original_name)
    .where(
        Document.permohonan_id == bindparam("permohonan"),
        Document.replaced_at.is_(None),
        Document.purpose.in_(("requirement", "evidence")),
        or_(
            DocumentRequirement.code.is_(None),
            DocumentRequirement.code.not_in(IDENTITY_CODES),
            # What an answer names already stays, or saving would take it away without a word.
            select(FrApl02Evidence.answer_id)
            .where(FrApl02Evidence.document_id == Document.id)
            .exists(),
        ),
    )
    .outerjoin(DocumentRequirement, DocumentRequirement.id == Document.requirement_id)
    .order_by(Document.id)
)


def units(permohonan: Permohonan) -> list[AnsweredUnit]:
    """All units with their answers, in one query."""
    texts = texts_of(permohonan.skema_version)
    return _with_answers(permohonan, texts, len(texts))


def unit_at(permohonan: Permohonan, position: int) -> AnsweredUnit | None:
    """The unit at a position with its answers, in one query; None when there is none."""
    texts = texts_of(permohonan.skema_version)
    wanted = [unit for unit in texts if unit.position == position]
    return _with_answers(permohonan, wanted, len(texts))[0] if wanted else None


def files_of(permohonan: Permohonan) -> list[EvidenceChoice]:
    """The standing files that may be named as evidence, oldest first."""
    return [
        EvidenceChoice(*row) for row in db.session.execute(_FILES, {"permohonan": permohonan.id})
    ]


def _with_answers(
    permohonan: Permohonan, texts: Iterable[UnitText], count: int
) -> list[AnsweredUnit]:
    found = [
        AnsweredUnit(
            unit, count, [ElemenRow(text, place) for place, text in enumerate(unit.elements, 1)]
        )
        for unit in texts
    ]
    places = {row.id: (unit, row) for unit in found for row in unit.elements}
    rows: Iterable[Any] = db.session.execute(_ANSWERS, {"permohonan": permohonan.id})
    for elemen_id, answer, note, at, document_id in rows:
        if elemen_id not in places:  # of another unit: all of a case are read, there are few
            continue
        unit, row = places[elemen_id]
        row.answer, row.evidence_note = answer, note
        unit.saved_at = max(at, unit.saved_at or at)
        if document_id is not None:
            row.documents.add(document_id)
    return found


def save_answers(permohonan: Permohonan, answers: Mapping[int, GivenAnswer]) -> None:
    """Store answers by elemen id. Raises DomainError for an elemen of another skema or a foreign document."""
    _check_elements(permohonan, answers)
    _check_documents(permohonan, answers)
    standing = {
        row.elemen_id: row
        for row in db.session.scalars(
            select(FrApl02Answer).where(
                FrApl02Answer.permohonan_id == permohonan.id, FrApl02Answer.elemen_id.in_(answers)
            )
        )
    }
    chosen: dict[int, set[int]] = defaultdict(set)
    for elemen_id, given in answers.items():
        row = standing.get(elemen_id)
        if row is None:
            row = FrApl02Answer(
                permohonan_id=permohonan.id, elemen_id=elemen_id, updated_at=clock.now()
            )
            db.session.add(row)
            standing[elemen_id] = row
        row.answer, row.evidence_note = given.answer, given.evidence_note
        row.updated_at = clock.now()
    db.session.flush()
    for elemen_id, given in answers.items():
        chosen[standing[elemen_id].id] = set(given.document_ids)
    _replace_evidence(chosen)


def _replace_evidence(chosen: Mapping[int, set[int]]) -> None:
    present: dict[int, set[int]] = defaultdict(set)
    for answer_id, document_id in db.session.execute(
        select(FrApl02Evidence.answer_id, FrApl02Evidence.document_id).where(
            FrApl02Evidence.answer_id.in_(chosen)
        )
    ):
        present[answer_id].add(document_id)
    for answer_id, wanted in chosen.items():
        gone = present[answer_id] - wanted
        if gone:
            db.session.execute(
                delete(FrApl02Evidence).where(
                    FrApl02Evidence.answer_id == answer_id, FrApl02Evidence.document_id.in_(gone)
                )
            )
        db.session.add_all(
            FrApl02Evidence(answer_id=answer_id, document_id=document_id)
            for document_id in wanted - present[answer_id]
        )
    db.session.flush()


def _check_elements(permohonan: Permohonan, answers: Mapping[int, GivenAnswer]) -> None:
    known = db.session.scalar(
        select(func.count(Elemen.id))
        .join(UnitKompetensi, UnitKompetensi.id == Elemen.unit_id)
        .where(
            Elemen.id.in_(answers), UnitKompetensi.skema_version_id == permohonan.skema_version_id
        )
    )
    if known != len(answers):
        raise DomainError(
            "Sebagian jawaban bukan untuk skema ini. Muat ulang halaman, lalu coba lagi."
        )


def _check_documents(permohonan: Permohonan, answers: Mapping[int, GivenAnswer]) -> None:
    wanted = {document_id for given in answers.values() for document_id in given.document_ids}
    if not wanted:
        return
    own = set(
        db.session.scalars(
            select(Document.id).where(
                Document.permohonan_id == permohonan.id,
                Document.replaced_at.is_(None),
                Document.id.in_(wanted),
            )
        )
    )
    if own != wanted:
        raise DomainError(
            "Bukti yang dipilih sudah tidak ada. Muat ulang halaman, lalu pilih lagi."
        )
