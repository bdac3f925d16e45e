"""FR.AK.03: the asesi's feedback on an attempt: whether he is asked, until when he may change it, what the clock does.

It blocks nothing. Sums over many asesi stand in feedback_sums.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import FormTemplate, FrAk03, Permohonan, PermohonanEvent
from lsp.models.inforce import form_template, setting
from lsp.models.queue import add_mail
from lsp.services import audit, results
from lsp.vocabulary import Form, PermohonanStatus, Role
from lsp.vocabulary.dates import day_words
from lsp.workflow.guards.after_decision import receipt_of

S = PermohonanStatus
#: A decision on the present attempt stands, or stood when the case ended.
ASKED = (
    S.COMPETENT, S.NOT_YET_COMPETENT, S.APPEALED, S.BLANKO_REQUESTED, S.BLANKO_RECEIVED, S.RECORDED, S.ISSUED,
    S.CLOSED_NOT_YET,
)  # fmt: skip
REMINDER = "feedback_reminder"
_OPENS_ATTEMPT = ("reassess", "grant_reassessment")
FIXED = "Umpan balik ini sudah Anda kirim dan masa mengubahnya sudah lewat."


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the ten items."""

    yes: bool
    note: str


def attempt_asked(permohonan: Permohonan) -> int:
    """The attempt whose feedback is asked for: the last one that was decided on; 0 before any was."""
    return permohonan.attempt if permohonan.status in ASKED else permohonan.attempt - 1


def is_asked(permohonan: Permohonan) -> bool:
    """Whether his page shows the task; a result that he has not opened must not be given away by it."""
    attempt = attempt_asked(permohonan)
    return attempt > 0 and not (attempt == permohonan.attempt and results.is_unread(permohonan))


def paper_of(permohonan: Permohonan, attempt: int) -> FrAk03 | None:
    return db.session.scalar(
        select(FrAk03).where(FrAk03.permohonan_id == permohonan.id, FrAk03.attempt == attempt)
    )


def words_of(paper: FrAk03 | None) -> FormTemplate:
    """The words it was answered with, else those in force."""
    version = paper.words_version if paper is not None and paper.given_at is not None else None
    return form_template(Form.FR_AK_03.value, version=version)


def until(permohonan: Permohonan, attempt: int) -> datetime:
    """The end of the time in which it is asked for and may be changed."""
    return _since(permohonan, attempt) + timedelta(days=int(setting("ak03_days")))


def _since(permohonan: Permohonan, attempt: int) -> datetime:
    """When he received the decision; of an earlier attempt, when the next one was opened."""
    if attempt < permohonan.attempt:
        opened = db.session.scalar(
            select(PermohonanEvent.at)
            .where(
                PermohonanEvent.permohonan_id == permohonan.id,
                PermohonanEvent.transition.in_(_OPENS_ATTEMPT),
            )
            .order_by(PermohonanEvent.id.desc())
            .limit(1)
        )
        return opened or permohonan.status_at
    received = receipt_of(permohonan)
    decided = permohonan.decided_at or permohonan.status_at
    return received or decided + timedelta(days=int(setting("receipt_after_mail_days")))


def may_write(permohonan: Permohonan, attempt: int, paper: FrAk03 | None) -> bool:
    """Within its time he may change it; what comes after that is taken once."""
    return paper is None or paper.given_at is None or clock.now() < until(permohonan, attempt)


def give(
    actor: Actor, permohonan: Permohonan, *, answers: Mapping[str, Answer], comment: str
) -> FrAk03:
    """Store the ten answers whole. Raises DomainError when nobody asks, it is fixed, or an item lacks its answer."""
    if actor.id != permohonan.asesi_id:
        raise DomainError("Hanya asesi sendiri yang mengisi umpan balik ini.")
    if not is_asked(permohonan):
        raise DomainError("Umpan balik diisi setelah hasil asesmen Anda buka.")
    attempt = attempt_asked(permohonan)
    paper = paper_of(permohonan, attempt)
    stored = {number: {"yes": each.yes, "note": each.note.strip()} for number, each in answers.items()}  # fmt: skip
    if paper is not None and paper.given_at is not None:
        if (paper.answers, paper.comment) == (stored, comment.strip()):
            return paper
        if not may_write(permohonan, attempt, paper):
            raise DomainError(FIXED)
    words = words_of(paper)
    if set(stored) != {number for number, _text in words.body["rows"]}:
        raise DomainError("Sebagian pertanyaan belum dijawab. Muat ulang halaman.")
    if paper is None:
        paper = FrAk03(permohonan_id=permohonan.id, attempt=attempt)
        db.session.add(paper)
    paper.words_version, paper.answers, paper.comment = (
        words.version_number,
        stored,
        comment.strip(),
    )
    paper.given_at, paper.left_empty_at = paper.given_at or clock.now(), None
    audit.note(actor, "feedback.give", "permohonan", permohonan.public_id, role=Role.ASESI)
    db.session.flush()
    return paper


# --- The clock ---------------------------------------------------------------------------------------------------


def _lacking(attempt: Any) -> Any:
    """Condition on Permohonan: nothing was given or noted for this attempt."""
    return ~(
        select(FrAk03.id)
        .where(FrAk03.permohonan_id == Permohonan.id, FrAk03.attempt == attempt)
        .correlate(Permohonan)
        .exists()
    )


def waiting() -> list[int]:
    """Cases that lack their FR.AK.03 and were decided long enough ago for a reminder or for the end."""
    days = [int(setting("ak03_days")), *map(int, setting("ak03_reminder_days"))]
    since, event = clock.now() - timedelta(days=min(days)), aliased(PermohonanEvent)
    opened_lately = (
        select(event.id)
        .where(
            event.permohonan_id == Permohonan.id,
            event.transition.in_(_OPENS_ATTEMPT),
            event.at > clock.now() - timedelta(days=days[0]),
        )
        .correlate(Permohonan)
        .exists()
    )
    return list(
        db.session.scalars(
            select(Permohonan.id).where(
                or_(
                    and_(
                        Permohonan.status.in_(ASKED),
                        Permohonan.decided_at < since,
                        _lacking(Permohonan.attempt),
                    ),
                    and_(Permohonan.attempt > 1, _lacking(Permohonan.attempt - 1), ~opened_lately),
                )
            )
        )
    )


def follow_up(permohonan: Permohonan) -> bool:
    """Remind him, or note that he left it empty. True when something was written."""
    written = False
    for attempt in {permohonan.attempt - 1, attempt_asked(permohonan)} - {0}:
        if paper_of(permohonan, attempt) is None:
            written = _follow_up(permohonan, attempt) or written
    return written


def _follow_up(permohonan: Permohonan, attempt: int) -> bool:
    if clock.now() >= until(permohonan, attempt):
        db.session.add(
            FrAk03(permohonan_id=permohonan.id, attempt=attempt, left_empty_at=clock.now())
        )
        db.session.flush()
        return True
    passed = (clock.now() - _since(permohonan, attempt)) / timedelta(days=1)
    due = [int(day) for day in setting("ak03_reminder_days") if day <= passed]
    return bool(due) and _remind(permohonan, attempt, max(due))


def _remind(permohonan: Permohonan, attempt: int, day: int) -> bool:
    """Says nothing of the result: whoever reads the mail need not be the asesi."""
    sent = add_mail(
        permohonan.asesi,
        REMINDER,
        dedupe=f"{permohonan.public_id}:{attempt}:{day}",
        permohonan_id=permohonan.id,
        skema=permohonan.skema_version.title,
        until=day_words(until(permohonan, attempt).astimezone(clock.WIB)),
        public_id=permohonan.public_id,
    )
    return sent is not None
