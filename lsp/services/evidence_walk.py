"""Evidence of FR.APL.02 walked through per unit: rules of evidence on each piece, and the word on the unit.

Its rows are what FR.IA.08 begins with. They feed the review of FR.APL.02 (assessment.py) and never contradict it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import (
    Document,
    Elemen,
    EvidenceNote,
    FrApl02Answer,
    FrApl02Evidence,
    Permohonan,
    UnitReview,
)
from lsp.services import audit
from lsp.services.assessment import is_reviewable
from lsp.services.fr_ak_02 import own_meeting
from lsp.vocabulary import Answer, Role
from lsp.workflow.apl02_answers import UnitAnswers
from lsp.workflow.dossier import dossier_of

#: The rules of evidence as columns of `EvidenceNote`, in the order V-A-T-M.
RULES = ("valid", "authentic", "current", "sufficient")
LONGEST = 1_000


@dataclass(slots=True)
class Judged:
    """What the asesor says of one piece: rule -> ya, tidak, or still open."""

    answers: dict[str, bool | None] = field(default_factory=dict)
    note: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.note and all(value is None for value in self.answers.values())

    @property
    def is_partial(self) -> bool:
        """Some of the four answered and some not."""
        given = [self.answers.get(rule) is not None for rule in RULES]
        return any(given) and not all(given)

    @property
    def lacks_note(self) -> bool:
        """A "tidak" tells nobody anything without what is wrong."""
        return not self.note and any(value is False for value in self.answers.values())


@dataclass(frozen=True, slots=True)
class UnitWords:
    """What is typed about a unit. can_continue None: only its evidence was looked at."""

    can_continue: bool | None
    missing_evidence: str
    evidence: Mapping[int | None, Judged]


def reviews_of(permohonan: Permohonan) -> dict[int, UnitReview]:
    """By unit id, of the present attempt; the notes on each piece are read when they are asked for."""
    rows = db.session.scalars(
        select(UnitReview).where(
            UnitReview.permohonan_id == permohonan.id, UnitReview.attempt == permohonan.attempt
        )
    )
    return {row.unit_id: row for row in rows}


def documents_of(permohonan: Permohonan, unit_id: int) -> list[Document]:
    """The files that FR.APL.02 names for this unit, each once."""
    return list(
        db.session.scalars(
            select(Document)
            .where(
                Document.id.in_(
                    select(FrApl02Evidence.document_id)
                    .join(FrApl02Answer, FrApl02Answer.id == FrApl02Evidence.answer_id)
                    .join(Elemen, Elemen.id == FrApl02Answer.elemen_id)
                    .where(FrApl02Answer.permohonan_id == permohonan.id, Elemen.unit_id == unit_id)
                )
            )
            .order_by(Document.id)
        )
    )


def gaps(unit: UnitAnswers) -> str:
    """What FR.APL.02 itself shows to be missing for a unit: said to be able, and nothing to show for it."""
    return "\n".join(
        f"Unit {unit.position}, elemen {row.number} {row.title}: belum ada bukti."
        for row in unit.rows
        if row.answer is Answer.K and not row.evidence and not row.documents
    )


def missing_of(units: list[UnitAnswers], reviews: Mapping[int, UnitReview]) -> str:
    """What to ask the asesi for: as the asesor wrote it per unit; where he has not, what is plainly missing."""
    parts = []
    for unit in units:
        review = reviews.get(unit.id)
        if review is None or review.can_continue is None:
            parts.append(gaps(unit))
        elif not review.can_continue:
            parts.append(review.missing_evidence)
    return "\n".join(filter(None, parts))


def save_unit(actor: Actor, permohonan: Permohonan, unit_id: int, words: UnitWords) -> UnitReview:
    """Store the walk through one unit. Raises DomainError with a sentence; nothing is stored then."""
    booking = own_meeting(actor, permohonan)
    if not is_reviewable(permohonan):
        raise DomainError("Bukti per unit diperiksa dalam rapat pra-asesmen.")
    if words.can_continue is False:
        _check_no(permohonan, booking.id, words.missing_evidence)
    review = reviews_of(permohonan).get(unit_id)
    if review is None:
        review = UnitReview(
            permohonan_id=permohonan.id, attempt=permohonan.attempt, unit_id=unit_id
        )
        db.session.add(review)
    review.booking_id, review.can_continue = booking.id, words.can_continue
    review.missing_evidence = words.missing_evidence.strip() if words.can_continue is False else ""
    review.reviewed_at, review.reviewed_by_id = clock.now(), actor.id or 0
    _write_notes(review, words.evidence)
    audit.note(
        actor, "apl_02.walk", "permohonan", permohonan.public_id, role=Role.ASESOR,
        unit=unit_id, can_continue=words.can_continue,
    )  # fmt: skip
    db.session.flush()
    return review


def _check_no(permohonan: Permohonan, booking_id: int, missing: str) -> None:
    if not missing.strip():
        raise DomainError("Sebutkan bukti yang kurang untuk unit ini.")
    said = dossier_of(permohonan).reviews
    if said and said[-1].booking_id == booking_id and said[-1].can_continue:
        raise DomainError(
            "FR.APL.02 sudah Anda tinjau “dapat dilanjutkan”. Ubah dulu tinjauan itu, lalu simpan unit ini."
        )


def _write_notes(review: UnitReview, evidence: Mapping[int | None, Judged]) -> None:
    standing = {row.document_id: row for row in review.evidence}
    for document_id, judged in evidence.items():
        row = standing.get(document_id)
        if row is None:
            if judged.is_empty:
                continue
            row = EvidenceNote(document_id=document_id)
            review.evidence.append(row)
        for rule in RULES:
            setattr(row, rule, judged.answers.get(rule))
        row.note = judged.note.strip()
