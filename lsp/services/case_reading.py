"""What a staff page shows of a case beyond its dossier: history, answers of FR.APL.02, waivers. Reading only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from lsp.database import db
from lsp.models import (
    Document,
    DutyWaiver,
    EducationRule,
    Elemen,
    FrApl02Answer,
    FrApl02Evidence,
    Permohonan,
    PermohonanEvent,
    UnitKompetensi,
    User,
)
from lsp.vocabulary import Answer, DutyRule, PermohonanStatus, Role
from lsp.workflow.permohonan import TRANSITIONS

_STEP_WORDS = {row.name: row.label for row in TRANSITIONS} | {
    "ask_reassessment": "Asesmen ulang diminta",
    "propose_annulment": "Pembatalan penetapan diusulkan",
    "decline_annulment": "Usulan pembatalan tidak disetujui",
}


def step_words(transition: str, source: PermohonanStatus | None) -> str:
    """A step of the history in words, the same for every reader on the staff.

    `start` is the first line of a case and also the beginning of an assessment.
    """
    if source is None and transition == "start":
        return "Permohonan dibuka"
    return _STEP_WORDS.get(transition, transition)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One step of the history: when, what, by whom, and the note that went with it."""

    at: datetime
    text: str
    note: str
    transition: str


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
    title: str
    code: str
    rows: list[AnswerRow] = field(default_factory=list)

    @property
    def competent(self) -> int:
        return sum(1 for row in self.rows if row.answer is Answer.K)

    @property
    def answered(self) -> int:
        return sum(1 for row in self.rows if row.answer is not None)


@dataclass(frozen=True, slots=True)
class WaiverLine:
    rule: DutyRule
    person: str
    reason: str
    given_by: str
    given_at: datetime


def history(permohonan: Permohonan) -> list[HistoryLine]:
    """The steps of a case, newest first."""
    rows = db.session.execute(
        select(
            PermohonanEvent.at,
            PermohonanEvent.transition,
            PermohonanEvent.source,
            PermohonanEvent.target,
            PermohonanEvent.actor_role,
            PermohonanEvent.note,
            User.name,
        )
        .outerjoin(User, User.id == PermohonanEvent.actor_id)
        .where(PermohonanEvent.permohonan_id == permohonan.id)
        .order_by(PermohonanEvent.id.desc())
    )
    return [
        HistoryLine(
            at, _sentence(step_words(name, source), target, person or "Sistem", role), note, name
        )
        for at, name, source, target, role, note, person in rows
    ]


def _sentence(label: str, target: PermohonanStatus, person: str, role: Role) -> str:
    who = person if role is Role.SYSTEM else f"{person} ({role.label})"
    return f"{label}: {target.label}. {who}"


def answers(permohonan: Permohonan) -> list[UnitAnswers]:
    """FR.APL.02 by unit, in one query however many units there are."""
    rows = db.session.execute(
        select(
            UnitKompetensi.id,
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
    for unit_id, unit, code, elemen_id, number, title, answer, words, document, label in rows:
        here = units.setdefault(unit_id, UnitAnswers(unit, code))
        if elemen_id not in elements:
            elements[elemen_id] = AnswerRow(number, title, answer, words or "")
            here.rows.append(elements[elemen_id])
        if document is not None:
            elements[elemen_id].documents.append((document, label))
    return list(units.values())


def education_rules(permohonan: Permohonan) -> Sequence[EducationRule]:
    """The alternatives that this kind of request may claim."""
    return db.session.scalars(
        select(EducationRule)
        .where(
            EducationRule.skema_version_id == permohonan.skema_version_id,
            or_(EducationRule.kind.is_(None), EducationRule.kind == permohonan.kind),
        )
        .order_by(EducationRule.position)
    ).all()


def waivers(permohonan: Permohonan) -> list[WaiverLine]:
    person, giver = aliased(User), aliased(User)
    rows = db.session.execute(
        select(DutyWaiver.rule, person.name, DutyWaiver.reason, giver.name, DutyWaiver.given_at)
        .join(person, person.id == DutyWaiver.person_id)
        .join(giver, giver.id == DutyWaiver.given_by_id)
        .where(DutyWaiver.permohonan_id == permohonan.id)
        .order_by(DutyWaiver.id)
    )
    return [WaiverLine(*row) for row in rows]
