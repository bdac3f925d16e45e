"""The earlier attempts of a case, as they ended: who assessed, what was recommended and decided, which units failed.

An attempt stays unchanged beside the one that follows it (workflow 1: `reassess`, `grant_reassessment`). Reading only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from lsp.database import db
from lsp.models import FrAk02, FrAk02Unit, Permohonan, PermohonanEvent, UnitKompetensi, User
from lsp.vocabulary import Answer

_DECIDED = {"decide_competent": Answer.K, "decide_not_yet": Answer.BK}
#: What ended an attempt by opening the next one, in words.
_OPENED = {
    "reassess": "Asesmen ulang dibuka",
    "grant_reassessment": "Banding diterima, asesmen diulang",
}


@dataclass(frozen=True, slots=True)
class FailedUnit:
    """A unit that did not meet the criteria in that attempt, and the asesor's reason."""

    position: int
    code: str
    title: str
    reason: str


@dataclass(slots=True)
class Attempt:
    """An attempt that is over. `follow_up` and `feedback` are the asesor's words in FR.AK.02."""

    number: int
    asesor: str = ""
    recommendation: Answer | None = None
    follow_up: str = ""
    feedback: str = ""
    decision: Answer | None = None
    decided_at: datetime | None = None
    ended_by: str = ""
    ended_at: datetime | None = None
    failed: list[FailedUnit] = field(default_factory=list)


def earlier_attempts(permohonan: Permohonan) -> Sequence[Attempt]:
    """Attempts before the present one, oldest first; none is read while the first goes on. Three queries at most."""
    if permohonan.attempt == 1:
        return ()
    found = {number: Attempt(number) for number in range(1, permohonan.attempt)}
    _read_papers(permohonan, found)
    _read_events(permohonan, found)
    return list(found.values())


def _read_papers(permohonan: Permohonan, found: dict[int, Attempt]) -> None:
    """FR.AK.02 in its newest edition, with the units that failed."""
    newest = (
        select(func.max(FrAk02.id))
        .where(FrAk02.permohonan_id == permohonan.id, FrAk02.attempt < permohonan.attempt)
        .group_by(FrAk02.attempt)
    )
    papers = db.session.execute(
        select(
            FrAk02.attempt,
            User.name,
            FrAk02.recommendation,
            FrAk02.follow_up,
            FrAk02.written_feedback,
        )
        .join(User, User.id == FrAk02.asesor_id)
        .where(FrAk02.id.in_(newest))
    )
    for number, asesor, recommendation, follow_up, feedback in papers:
        row = found[number]
        row.asesor, row.recommendation = asesor, recommendation
        row.follow_up, row.feedback = follow_up, feedback
    units = db.session.execute(
        select(
            FrAk02.attempt,
            UnitKompetensi.position,
            UnitKompetensi.code,
            UnitKompetensi.title,
            FrAk02Unit.reason,
        )
        .join(FrAk02, FrAk02.id == FrAk02Unit.fr_ak_02_id)
        .join(UnitKompetensi, UnitKompetensi.id == FrAk02Unit.unit_id)
        .where(FrAk02.id.in_(newest), FrAk02Unit.failed.is_(True))
        .order_by(UnitKompetensi.position)
    )
    for number, position, code, title, reason in units:
        found[number].failed.append(FailedUnit(position, code, title, reason))


def _read_events(permohonan: Permohonan, found: dict[int, Attempt]) -> None:
    """The decision that stood last, and what opened the next attempt."""
    events = db.session.execute(
        select(PermohonanEvent.attempt, PermohonanEvent.transition, PermohonanEvent.at)
        .where(
            PermohonanEvent.permohonan_id == permohonan.id,
            PermohonanEvent.transition.in_([*_DECIDED, *_OPENED]),
        )
        .order_by(PermohonanEvent.id)
    )
    for number, transition, at in events:
        if transition in _OPENED:
            # Its event counts to the attempt it opened.
            ended = found.get(number - 1)
            if ended is not None:
                ended.ended_by, ended.ended_at = _OPENED[transition], at
        elif number in found:
            found[number].decision, found[number].decided_at = _DECIDED[transition], at
