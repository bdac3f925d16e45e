"""Whether something happened in a meeting since a page of it was drawn, told cheaply: pages ask every few seconds."""

from __future__ import annotations

import hashlib

from sqlalchemy import and_, bindparam, func, select

from lsp import clock
from lsp.database import db
from lsp.models import (
    AssessmentPlan,
    Booking,
    FilledInstrument,
    FrAk02,
    MeetingRecord,
    Permohonan,
    Signature,
)
from lsp.services.joining import LINGERS, JoinWindow, window
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards.assessment import LEAST_FEEDBACK

#: A page asks again after so many seconds; at last no more, and only its link is left. A press begins anew.
POLL_SECONDS = (5, 5, 5, 10, 10, 20, 20, 30, 30, *(60,) * 50)


def wait_before(asked: int) -> int:
    """Seconds until a page asks for the next time, after it asked so often; 0 for no more."""
    return POLL_SECONDS[asked] if 0 <= asked < len(POLL_SECONDS) else 0


_SEAT = (
    select(
        Booking.permohonan_id,
        Booking.id,
        MeetingRecord.recording_consent_at,
        MeetingRecord.ended_at,
        MeetingRecord.appeal_explained_at,
        MeetingRecord.rights_explained_at,
    )
    .outerjoin(MeetingRecord, MeetingRecord.booking_id == Booking.id)
    .where(Booking.cancelled_at.is_(None), Booking.closed_at.is_(None))
    .subquery()
)
_SIGNED = (
    select(func.max(Signature.id)).where(Signature.permohonan_id == Permohonan.id).scalar_subquery()
)
_PAPER = (
    select(FrAk02.recommendation)
    .where(FrAk02.permohonan_id == Permohonan.id, FrAk02.attempt == Permohonan.attempt)
    .order_by(FrAk02.edition.desc())
    .limit(1)
    .scalar_subquery()
)
#: Whether the result can be read: feedback long enough, and of the FR.IA how many are finished, and when.
_FEEDBACK = (
    select(func.length(FrAk02.written_feedback) >= LEAST_FEEDBACK)
    .where(FrAk02.permohonan_id == Permohonan.id, FrAk02.attempt == Permohonan.attempt)
    .order_by(FrAk02.edition.desc())
    .limit(1)
    .scalar_subquery()
)
_OF_ATTEMPT = (
    FilledInstrument.permohonan_id == Permohonan.id,
    FilledInstrument.attempt == Permohonan.attempt,
)
_FINISHED = select(func.max(FilledInstrument.finished_at)).where(*_OF_ATTEMPT).scalar_subquery()
_HOW_MANY = select(func.count(FilledInstrument.finished_at)).where(*_OF_ATTEMPT).scalar_subquery()
#: Built once and answered in one round: every page of a meeting that is on asks it every few seconds.
_EDITION = (
    select(
        Permohonan.status,
        Permohonan.mode_agreed_at,
        _SEAT.c.id,
        _SEAT.c.recording_consent_at,
        _SEAT.c.ended_at,
        _PAPER,
        _SIGNED,
        _FEEDBACK,
        _FINISHED,
        _HOW_MANY,
        AssessmentPlan.fr_ak_01_at,
        AssessmentPlan.agreed_starts_at,
        AssessmentPlan.agreed_place,
        _SEAT.c.appeal_explained_at,
        _SEAT.c.rights_explained_at,
    )
    .outerjoin(_SEAT, _SEAT.c.permohonan_id == Permohonan.id)
    .outerjoin(
        AssessmentPlan,
        and_(
            AssessmentPlan.permohonan_id == Permohonan.id,
            AssessmentPlan.attempt == Permohonan.attempt,
        ),
    )
    .where(Permohonan.id == bindparam("case"))
)


#: The last columns: FR.AK.01 laid out, its hour and place, and what was explained before it is signed.
_OF_PAPER = 5


def edition(permohonan: Permohonan) -> str:
    """A short name for what both sides may wait for: consent or its refusal, papers laid out, signatures, the state."""
    found = tuple(db.session.execute(_EDITION, {"case": permohonan.id}).one())
    rest, paper = found[:-_OF_PAPER], found[-_OF_PAPER:]
    # Until FR.AK.01 is laid out nobody waits for what will stand on it.
    agreed = paper if paper[0] is not None else None
    return hashlib.sha256(repr((rest, agreed)).encode()).hexdigest()[:12]


def is_live(permohonan: Permohonan, door: JoinWindow | None = None) -> bool:
    """Whether the meeting of this case is on, or about to be; outside it no page asks again."""
    seat = dossier_of(permohonan).booking
    if seat is None or (seat.record is not None and seat.record.ended_at is not None):
        return False
    door = door or window()
    return door.opens_at(seat.slot) <= clock.now() <= seat.slot.ends_at + LINGERS
