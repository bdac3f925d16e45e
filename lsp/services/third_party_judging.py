"""What the asesor makes of FR.IA.10: his finding on each letter, and his word on the paper of the attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from lsp import clock
from lsp.actor import Actor
from lsp.database import db, read_once
from lsp.errors import DomainError
from lsp.models import FilledInstrument, Permohonan, ThirdParty
from lsp.services import audit, third_party
from lsp.vocabulary import Conclusion, InstrumentPaper
from lsp.workflow.dossier import dossier_of
from lsp.workflow.machine import LEAST_REASON, check_reason

#: What tells how far one is.
PROGRESS = (
    "expires_at", "opened_at", "answered_at", "withdrawn_at", "late", "supports", "judged_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judgement:
    """supports: None where there is no letter to judge."""

    supports: bool | None
    finding: str
    conclusion: Conclusion


def paper_of(permohonan: Permohonan) -> FilledInstrument | None:
    """FR.IA.10 of the present attempt, newest edition."""
    return dossier_of(permohonan).instruments.get(InstrumentPaper.VPK)


def progress_of(
    permohonan: Permohonan,
) -> tuple[Sequence[Any], Conclusion | None]:
    """How far each is who was asked in this attempt, and what was concluded: one query, nothing is opened for it."""
    rows = read_once("third_parties", permohonan.id, lambda: _read_progress(permohonan))
    finished = bool(rows) and rows[0].finished_at is not None
    return rows, rows[0].conclusion if finished else None


def _read_progress(permohonan: Permohonan) -> Sequence[Any]:
    paper = aliased(FilledInstrument)
    newest = (
        select(func.max(FilledInstrument.id))
        .where(
            FilledInstrument.permohonan_id == permohonan.id,
            FilledInstrument.attempt == permohonan.attempt,
            FilledInstrument.paper == InstrumentPaper.VPK,
        )
        .scalar_subquery()
    )
    return db.session.execute(
        select(
            *(getattr(ThirdParty, name) for name in PROGRESS),
            paper.conclusion,
            paper.finished_at,
        )
        .outerjoin(paper, paper.id == newest)
        .where(ThirdParty.permohonan_id == permohonan.id, ThirdParty.attempt == permohonan.attempt)
        .order_by(ThirdParty.id)
    ).all()


def judge(actor: Actor, row: ThirdParty, said: Judgement) -> FilledInstrument:
    """The asesor's finding on a letter, and his conclusion on the paper. Raises DomainError."""
    third_party.check_may(actor, row.permohonan)
    if row.answered_at is None:
        raise DomainError("Pihak ketiga ini belum menjawab.")
    if row.attempt != row.permohonan.attempt:
        raise DomainError("Jawaban ini milik asesmen yang lalu dan tidak dinilai lagi.")
    return _conclude(actor, row, said)


def conclude_without(actor: Actor, row: ThirdParty, reason: str) -> FilledInstrument:
    """No answer came: his link ends, and the asesor goes on by another method. Raises DomainError."""
    if any(each.answered_at for each in third_party.of_case(row.permohonan)):
        raise DomainError("Sudah ada pihak ketiga yang menjawab. Nilai jawabannya.")
    third_party.withdraw(actor, row)
    return _conclude(actor, row, Judgement(None, reason, Conclusion.OTHER_METHOD))


def _conclude(actor: Actor, row: ThirdParty, said: Judgement) -> FilledInstrument:
    row.finding = check_reason(said.finding, LEAST_REASON, field="finding")
    row.supports, row.judged_at = said.supports, clock.now()
    paper = _open_paper(actor, row.permohonan)
    waiting = any(
        each.answered_at and not each.judged_at for each in third_party.of_case(row.permohonan)
    )
    # His word is on all that was said: while a letter waits to be judged, the paper is not complete.
    paper.conclusion, paper.finished_at = said.conclusion, None if waiting else clock.now()
    audit.note(
        actor,
        "third_party.judge",
        "third_party",
        row.public_id,
        supports=said.supports,
        conclusion=said.conclusion.value,
    )
    db.session.flush()
    return paper


def _open_paper(actor: Actor, permohonan: Permohonan) -> FilledInstrument:
    """The edition that may be written on: the newest; the next after a recommendation that was sent back, and for
    the asesor to whom the meeting was given meanwhile."""
    standing = paper_of(permohonan)
    if standing is not None and standing.frozen_at is None and standing.asesor_id == actor.id:
        return standing
    seat = next(
        each
        for each in reversed(dossier_of(permohonan).bookings)
        if each.attempt == permohonan.attempt and each.cancelled_at is None
    )
    made = FilledInstrument(
        permohonan_id=permohonan.id,
        attempt=permohonan.attempt,
        paper=InstrumentPaper.VPK,
        edition=1 if standing is None else standing.edition + 1,
        booking_id=seat.id,
        asesor_id=actor.id,
        words_version=third_party.words_version(),
    )
    db.session.add(made)
    db.session.flush()
    return made
