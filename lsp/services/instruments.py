"""FR.IA papers of an attempt: opening one to write on, its editions, and what stands of each.

What is written on them stands in fr_ia_08.py and fr_ia_questions.py; when one is complete, in instrument_gaps.py.
"""

from __future__ import annotations

from sqlalchemy import exists, select

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import (
    Booking,
    FilledInstrument,
    InstrumentAnswer,
    InterviewTopic,
    Permohonan,
    PortfolioCheck,
)
from lsp.models.inforce import form_template
from lsp.services import audit, instrument_prefill
from lsp.services.fr_ak_02 import own_meeting
from lsp.services.instrument_reading import FORM_OF, RULES
from lsp.vocabulary import InstrumentPaper, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.instruments import FILLABLE, papers_asked

_CHECK = ("position", "document_id", "title", *RULES, "note", "unit_id", "carried")
_TOPIC = ("elemen_id", "substance")
_ANSWER = ("position", "item_id", "elemen_id", "document_id", "question", "answer", "achieved")
_HEAD = ("words_version", "conclusion", "further_evidence", "not_met", "feedback", "finished_at")


def newest_of(permohonan: Permohonan, paper: InstrumentPaper) -> FilledInstrument | None:
    """The newest edition of a paper in the present attempt, without its rows."""
    return db.session.scalar(
        select(FilledInstrument)
        .where(
            FilledInstrument.permohonan_id == permohonan.id,
            FilledInstrument.attempt == permohonan.attempt,
            FilledInstrument.paper == paper,
        )
        .order_by(FilledInstrument.edition.desc())
        .limit(1)
    )


def asked_of(permohonan: Permohonan) -> list[InstrumentPaper]:
    """What the plan asks for, and FR.IA.09 wherever FR.IA.08 leaves something to make clear (forms 7.8)."""
    asked = set(papers_asked(dossier_of(permohonan).plan))
    if InstrumentPaper.PW not in asked and has_topics(permohonan):
        asked.add(InstrumentPaper.PW)
    return [paper for paper in InstrumentPaper if paper in asked]


def has_topics(permohonan: Permohonan) -> bool:
    """Whether an elemen is ticked for the interview on the newest FR.IA.08."""
    paper = newest_of(permohonan, InstrumentPaper.CVP)
    ticked = select(exists().where(InterviewTopic.filled_id == paper.id)) if paper else None
    return ticked is not None and bool(db.session.scalar(ticked))


def is_open(permohonan: Permohonan) -> bool:
    return permohonan.status is PermohonanStatus.IN_ASSESSMENT


def open_instrument(
    actor: Actor, permohonan: Permohonan, paper: InstrumentPaper
) -> FilledInstrument:
    """The edition to write on, begun where none stands. Raises DomainError when this person may not, or not now."""
    seat = own_meeting(actor, permohonan)
    if not is_open(permohonan):
        raise DomainError(f"{paper.value} diisi saat asesmen berlangsung.")
    newest = newest_of(permohonan, paper)
    if newest is None:
        return _begin(actor, permohonan, paper, seat)
    if newest.frozen_at is not None or newest.asesor_id != seat.slot.asesor_id:
        # Sent once and come back, or the meeting was given to another asesor: the old edition stays as it was.
        return _next_edition(actor, permohonan, newest, seat)
    return newest


def _begin(
    actor: Actor, permohonan: Permohonan, paper: InstrumentPaper, seat: Booking
) -> FilledInstrument:
    if paper not in asked_of(permohonan):
        raise DomainError(f"Rencana asesmen tidak meminta {paper.value}.")
    if paper not in FILLABLE:
        raise DomainError(f"{paper.value} belum dapat diisi di portal.")
    made = FilledInstrument(
        permohonan_id=permohonan.id,
        attempt=permohonan.attempt,
        paper=paper,
        booking_id=seat.id,
        asesor_id=seat.slot.asesor_id,
        words_version=form_template(FORM_OF[paper].value).version_number,
    )
    db.session.add(made)
    db.session.flush()
    instrument_prefill.begin(permohonan, made)
    note(actor, permohonan, "instrument.begin", made)
    db.session.flush()
    return made


def _next_edition(
    actor: Actor, permohonan: Permohonan, old: FilledInstrument, seat: Booking
) -> FilledInstrument:
    """A copy to work on, with every row at its place."""
    fresh = FilledInstrument(
        permohonan_id=old.permohonan_id,
        attempt=old.attempt,
        paper=old.paper,
        edition=old.edition + 1,
        booking_id=seat.id,
        asesor_id=seat.slot.asesor_id,
        **{name: getattr(old, name) for name in _HEAD},
    )
    fresh.checks = [
        PortfolioCheck(**{name: getattr(row, name) for name in _CHECK}) for row in old.checks
    ]
    fresh.topics = [
        InterviewTopic(**{name: getattr(row, name) for name in _TOPIC}) for row in old.topics
    ]
    fresh.answers = [
        InstrumentAnswer(**{name: getattr(row, name) for name in _ANSWER}) for row in old.answers
    ]
    db.session.add(fresh)
    db.session.flush()
    note(actor, permohonan, "instrument.edition", fresh)
    return fresh


def note(actor: Actor, permohonan: Permohonan, action: str, filled: FilledInstrument) -> None:
    """Into the audit: when a paper begins, is finished, and comes open again; no single tick."""
    audit.note(
        actor, action, "permohonan", permohonan.public_id, role=Role.ASESOR,
        form=FORM_OF[filled.paper].value, edition=filled.edition,
    )  # fmt: skip
