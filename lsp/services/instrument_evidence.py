"""Evidence of FR.APL.02 as FR.IA.08 looks at it: one piece a row, the elemen it stands for, what was said of it before.

Only of the units to assess. Two queries at any number of units.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from lsp.database import db
from lsp.models import (
    Document,
    Elemen,
    EvidenceNote,
    FrApl02Answer,
    FrApl02Evidence,
    Permohonan,
    PortfolioCheck,
    UnitKompetensi,
    UnitReview,
)
from lsp.services.instrument_reading import RULES
from lsp.vocabulary import Answer

LONGEST_TITLE = 200


@dataclass(slots=True)
class Piece:
    """A document, or what the asesi wrote for a unit, with the units and elemen it is named for, in their order."""

    document_id: int | None
    public_id: str
    label: str
    unit_ids: list[int] = field(default_factory=list)
    elemen_ids: set[int] = field(default_factory=set)

    def title(self, positions: dict[int, int]) -> str:
        words = self.label
        if self.document_id is None:
            words = f"Unit {positions[self.unit_ids[0]]}, tertulis: {words}"
        return words if len(words) <= LONGEST_TITLE else f"{words[: LONGEST_TITLE - 1]}…"


@dataclass(slots=True)
class Evidence:
    """pieces: in the order of the units; bare: elemen answered K with nothing to show for it, as in the dossier."""

    pieces: list[Piece] = field(default_factory=list)
    bare: set[int] = field(default_factory=set)
    positions: dict[int, int] = field(default_factory=dict)
    #: Elemen by unit, as far as they were answered.
    elements: dict[int, set[int]] = field(default_factory=dict)

    def units_of(self, row: PortfolioCheck) -> list[int]:
        """The units that name the document of a row, in their order."""
        named = self._named(row)
        return named.unit_ids if named is not None else []

    def _named(self, row: PortfolioCheck) -> Piece | None:
        same = (each for each in self.pieces if each.document_id == row.document_id)
        return next(same, None) if row.document_id is not None else None

    def of(self, row: PortfolioCheck) -> set[int]:
        """The elemen that a row of FR.IA.08 speaks for: where FR.APL.02 does not say, those of its whole unit."""
        named = self._named(row)
        if named is not None:
            return named.elemen_ids
        return self.elements.get(row.unit_id or 0, set())


def evidence_of(permohonan: Permohonan, unit_ids: Collection[int]) -> Evidence:
    """What FR.APL.02 names for these units: a row a document, and for a unit with words alone one of these."""
    found = Evidence()
    documents: dict[int, Piece] = {}
    written: dict[int, Piece] = {}
    shown: set[int] = set()
    borne: set[int] = set()
    for unit_id, place, elemen_id, answer, words, key, public_id, label in _rows(
        permohonan, unit_ids
    ):
        found.positions[unit_id] = place
        found.elements.setdefault(unit_id, set()).add(elemen_id)
        if key is not None:
            piece = documents.setdefault(key, Piece(key, public_id, label))
            shown.add(unit_id)
        elif words:
            piece = written.setdefault(unit_id, Piece(None, "", ""))
            if words not in piece.label.split("; "):
                piece.label = "; ".join(filter(None, (piece.label, words)))
        else:
            if answer is Answer.K:
                found.bare.add(elemen_id)
            continue
        if unit_id not in piece.unit_ids:
            piece.unit_ids.append(unit_id)
        piece.elemen_ids.add(elemen_id)
        borne.add(elemen_id)
    found.bare -= borne
    alone = [piece for unit_id, piece in written.items() if unit_id not in shown]
    found.pieces = sorted(
        [*documents.values(), *alone],
        key=lambda each: (found.positions[each.unit_ids[0]], each.document_id or 0),
    )
    return found


def _rows(permohonan: Permohonan, unit_ids: Collection[int]) -> Any:
    return db.session.execute(
        select(
            UnitKompetensi.id,
            UnitKompetensi.position,
            Elemen.id,
            FrApl02Answer.answer,
            FrApl02Answer.evidence_note,
            Document.id,
            Document.public_id,
            Document.label,
        )
        .join(Elemen, Elemen.unit_id == UnitKompetensi.id)
        .join(FrApl02Answer, FrApl02Answer.elemen_id == Elemen.id)
        .outerjoin(FrApl02Evidence, FrApl02Evidence.answer_id == FrApl02Answer.id)
        .outerjoin(
            Document,
            (Document.id == FrApl02Evidence.document_id) & Document.replaced_at.is_(None),
        )
        .where(FrApl02Answer.permohonan_id == permohonan.id, UnitKompetensi.id.in_(unit_ids))
        .order_by(UnitKompetensi.position, Elemen.position, Document.id)
    )


@dataclass(slots=True)
class Carried:
    """What the pre-assessment said of a piece."""

    answers: dict[str, bool | None]
    note: str


def said_before(permohonan: Permohonan) -> dict[tuple[int | None, int], Carried]:
    """Notes of the walk through the units, by document and unit; for words the document is None."""
    rows = db.session.execute(
        select(
            EvidenceNote.document_id,
            UnitReview.unit_id,
            EvidenceNote.valid,
            EvidenceNote.authentic,
            EvidenceNote.current,
            EvidenceNote.sufficient,
            EvidenceNote.note,
        )
        .join(UnitReview, UnitReview.id == EvidenceNote.unit_review_id)
        .where(UnitReview.permohonan_id == permohonan.id, UnitReview.attempt == permohonan.attempt)
        .order_by(EvidenceNote.id)
    )
    return {
        (document_id, unit_id): Carried(dict(zip(RULES, said, strict=True)), note)
        for document_id, unit_id, *said, note in rows
    }


def carry(piece: Piece, before: dict[tuple[int | None, int], Carried]) -> Carried:
    """One judgement of what was judged unit by unit: ya only where it is ya everywhere; every note is kept."""
    told = [
        before[piece.document_id, unit_id]
        for unit_id in piece.unit_ids
        if (piece.document_id, unit_id) in before
    ]
    answers: dict[str, bool | None] = {}
    for rule in RULES:
        values = [each.answers[rule] for each in told]
        if False in values:
            answers[rule] = False
        else:
            answers[rule] = True if values and None not in values else None
    notes = dict.fromkeys(each.note for each in told if each.note)
    return Carried(answers, "; ".join(notes))


def is_all_met(row: PortfolioCheck) -> bool:
    return all(getattr(row, rule) for rule in RULES)


def has_no(row: PortfolioCheck) -> bool:
    return any(getattr(row, rule) is False for rule in RULES)


def suggested(checks: Iterable[PortfolioCheck], evidence: Evidence) -> dict[int, str]:
    """Elemen that the rows themselves ask to make clear, with why: a "tidak", or K with nothing to show for it."""
    why = dict.fromkeys(evidence.bare, "menjawab K tanpa bukti")
    for row in checks:
        if has_no(row):
            for elemen_id in evidence.of(row):
                why[elemen_id] = f"ada “Tidak” pada {row.title}"
    return why
