"""What a staff page shows of a case beyond its dossier: history, waivers. Reading only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from lsp.database import db
from lsp.models import (
    DutyWaiver,
    EducationRule,
    Permohonan,
    PermohonanEvent,
    User,
)
from lsp.services.seat_history import seats_by_event
from lsp.vocabulary import DutyRule, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.permohonan import TRANSITIONS

#: Every line of a case's history in words: the steps of the table, and what is noted beside them.
STEP_WORDS = {row.name: row.label for row in TRANSITIONS} | {
    "ask_reassessment": "Asesmen ulang diminta",
    "take_back_reassessment": "Permintaan asesmen ulang ditarik",
    "reassessment_other_fee": "Asesmen ulang ditagih dengan biaya lain",
    "propose_annulment": "Pembatalan penetapan diusulkan",
    "decline_annulment": "Usulan pembatalan tidak disetujui",
}


#: States in which a case that was sent back lies with its asesor, and the steps that brought it.
_WORKED_ON = (PermohonanStatus.IN_ASSESSMENT, PermohonanStatus.PRE_SCHEDULED)
_WAYS_BACK = ("send_back", "send_back_pre")
_MOVED = {
    "cancel_pre": "Jadwal pra-asesmen lama dilepas",
    "book_pre": "Pra-asesmen dipindahkan",
    "cancel_assessment": "Jadwal asesmen lama dilepas",
    "book_assessment": "Asesmen dipindahkan",
}
#: The same two lines where only the asesor is another.
_HANDED_OVER = {
    "cancel_pre": "Asesor pra-asesmen diganti",
    "book_pre": "Asesor pengganti menerima pra-asesmen",
    "cancel_assessment": "Asesor asesmen diganti",
    "book_assessment": "Asesor pengganti menerima asesmen",
}


def why_sent_back(permohonan: Permohonan) -> str | None:
    """The words of the tim teknis while their asesor works on what came back; None where nothing did."""
    if permohonan.status not in _WORKED_ON or dossier_of(permohonan).returned_record is None:
        return None
    return db.session.scalar(
        select(PermohonanEvent.note)
        .where(
            PermohonanEvent.permohonan_id == permohonan.id,
            PermohonanEvent.transition.in_(_WAYS_BACK),
        )
        .order_by(PermohonanEvent.id.desc())
        .limit(1)
    )


def step_words(transition: str, source: PermohonanStatus | None) -> str:
    """A step of the history in words, the same for every reader on the staff.

    `start` is the first line of a case and also the beginning of an assessment.
    """
    if source is None and transition == "start":
        return "Permohonan dibuka"
    return STEP_WORDS.get(transition, transition)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One step of the history: when, what, by whom, and the note that went with it."""

    at: datetime
    text: str
    note: str
    transition: str
    #: The hour of the meeting it is about.
    when: datetime | None = None


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
            PermohonanEvent.id,
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
    ).all()
    seats = seats_by_event(permohonan, rows)
    made = []
    for event_id, at, name, source, target, role, note, person in rows:
        seat = seats.get(event_id)
        moved = _HANDED_OVER if seat and seat.handed_over else _MOVED
        label = moved[name] if seat and seat.moved else step_words(name, source)
        said = _sentence(label, target, person or "Sistem", role)
        # A reason that the admin wrote once stands with both steps of his move.
        twice = seat is not None and seat.moved and name.startswith("book_")
        when = seat.booking.slot.starts_at if seat else None
        made.append(HistoryLine(at, said, "" if twice else note, name, when))
    return made


def _sentence(label: str, target: PermohonanStatus, person: str, role: Role) -> str:
    who = person if role is Role.SYSTEM else f"{person} ({role.label})"
    return f"{label}: {target.label}. {who}"


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
