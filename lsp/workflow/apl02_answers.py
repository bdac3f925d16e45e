"""FR.APL.02 as the asesi answered it, for the pages of the staff and for the seal of a return. Reading only.

How far it is answered is counted in lsp/workflow/apl02_progress.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import and_, select

from lsp.database import db
from lsp.models import (
    Document,
    Elemen,
    FrApl02Answer,
    FrApl02Evidence,
    Permohonan,
    UnitKompetensi,
)
from lsp.vocabulary import Answer


@dataclass(slots=True)
class AnswerRow:
    """An elemen as the asesi answered it."""

    number: str
    title: str
    answer: Answer | None
    evidence: str
    documents: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class UnitAnswers:
    position: int
    title: str
    code: str
    id: int
    rows: list[AnswerRow] = field(default_factory=list)

    @property
    def competent(self) -> int:
        return sum(1 for row in self.rows if row.answer is Answer.K)

    @property
    def answered(self) -> int:
        return sum(1 for row in self.rows if row.answer is not None)


def answers_of(permohonan: Permohonan) -> list[UnitAnswers]:
    """FR.APL.02 by unit, in one query however many units there are."""
    rows = db.session.execute(
        select(
            UnitKompetensi.id,
            UnitKompetensi.position,
            UnitKompetensi.title,
            UnitKompetensi.code,
            Elemen.id,
            Elemen.number,
            Elemen.title,
            FrApl02Answer.answer,
            FrApl02Answer.evidence_note,
            Document.public_id,
            Document.label,
        )
        .join(Elemen, Elemen.unit_id == UnitKompetensi.id)
        .outerjoin(
            FrApl02Answer,
            and_(
                FrApl02Answer.elemen_id == Elemen.id,
                FrApl02Answer.permohonan_id == permohonan.id,
            ),
        )
        .outerjoin(FrApl02Evidence, FrApl02Evidence.answer_id == FrApl02Answer.id)
        .outerjoin(Document, Document.id == FrApl02Evidence.document_id)
        .where(UnitKompetensi.skema_version_id == permohonan.skema_version_id)
        .order_by(UnitKompetensi.position, Elemen.position, Document.id)
    )
    units: dict[int, UnitAnswers] = {}
    elements: dict[int, AnswerRow] = {}
    for (
        unit_id,
        place,
        name,
        code,
        elemen_id,
        number,
        title,
        answer,
        words,
        document,
        label,
    ) in rows:
        here = units.setdefault(unit_id, UnitAnswers(place, name, code, unit_id))
        if elemen_id not in elements:
            elements[elemen_id] = AnswerRow(number, title, answer, words or "")
            here.rows.append(elements[elemen_id])
        if document is not None:
            elements[elemen_id].documents.append((document, label))
    return list(units.values())
