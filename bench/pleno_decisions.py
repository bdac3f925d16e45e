"""The whole step of a pleno under 64 takers, half of whom roll back, while their processes are killed.

`python -m bench.numbers pleno`. Each decision is one transaction, through the services and the workflow with all its
guards and effects: the last member votes, the chair decides (certificate and registration number), the pleno closes,
the ketua signs its SK (its number). Every case has a pleno of its own, else one SK would stand for many; so that the
three numbers belong together, the SK is signed in the same transaction. The cases are copies, made in bulk.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import func, select

from bench import numbers
from lsp.actor import Actor
from lsp.database import db, write_transaction
from lsp.models import (
    AuditEvent,
    NumberEntry,
    Permohonan,
    PermohonanEvent,
    Pleno,
    PlenoCase,
    Registration,
    Vote,
)
from lsp.services import pleno, pleno_sk
from lsp.vocabulary import PermohonanStatus
from lsp.workflow.dossier import dossier_of

SERIES = ("certificate", "lsp_registration", "sk")
STEP = "decide_competent"
#: Seconds between two kills: a decision takes longer than two numbers alone.
PAUSE = (0.3, 3.0)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted. halves: cases of which a part of the step stands without the rest."""

    decisions: int
    kept: int
    kills: int
    duplicates: int
    gaps: int
    lost: int
    unsaid: int
    halves: int
    made_in: float
    seconds: float


def measure(
    app: Flask,
    *,
    processes: int = numbers.PROCESSES,
    threads: int = numbers.THREADS,
    each: int = numbers.EACH,
    kills: int = numbers.KILLS,
    pause: tuple[float, float] = PAUSE,
) -> Figures:
    start = time.monotonic()
    decide = _step(processes * threads * each)
    made_in, start = time.monotonic() - start, time.monotonic()
    size = {"processes": processes, "threads": threads, "each": each, "kills": kills}
    decisions, killed, told = numbers.crowd(app, decide, pause=pause, **size)
    seconds = time.monotonic() - start
    duplicates = gaps = 0
    kept: list[str] = []
    for series in SERIES:
        rows = db.session.execute(
            select(NumberEntry.serial, NumberEntry.text).where(NumberEntry.series_code == series)
        ).all()
        serials = {row.serial for row in rows}
        kept += [row.text for row in rows]
        duplicates += len(rows) - len(serials)
        gaps += max(serials, default=0) - len(serials)
    duplicates += len(kept) - len(set(kept)) + len(told) - len(set(told))
    lost, unsaid = len(set(told) - set(kept)), len(set(kept) - set(told))
    decided = _count(select(func.count()).where(Permohonan.status == PermohonanStatus.COMPETENT))
    return Figures(
        decisions, decided, killed, duplicates, gaps, lost, unsaid, _halves(), made_in, seconds
    )


def _step(count: int) -> Callable[[int], list[str]]:
    """So many cases on which all but one have voted, and what decides the one of a number."""
    from tests.support.copies import copies
    from tests.workflow.cases import actor_of, make_cast, make_permohonan, put_on_agenda, vote

    cast = make_cast()
    case = make_permohonan(PermohonanStatus.RECOMMENDED, cast=cast, work_done=False)
    place = put_on_agenda(case, cast)
    *first, last = cast.members
    for member in first:
        vote(place, member.id)
    voter, chair, ketua = actor_of(last), actor_of(cast.chair), actor_of(cast.ketua)
    keys = [case.id, *copies(case, count - 1)]

    def decide(number: int) -> list[str]:
        with write_transaction():
            said = _decided(keys[number], voter, chair, ketua)
            if number % 2:
                raise numbers.TakenBack
        return said

    return decide


def _decided(key: int, voter: Actor, chair: Actor, ketua: Actor) -> list[str]:
    case = db.session.get_one(Permohonan, key)
    place = dossier_of(case).pleno_case
    if place is None:
        raise LookupError("a case was decided twice")
    pleno.vote(voter, place, agrees=True, note="", declared=True)
    pleno.settle(chair, place, STEP, version=case.version)
    pleno_sk.sign_sk(ketua, place.pleno)
    registration = dossier_of(case).registration
    if registration is None:
        raise LookupError("decided without numbers")
    entries = registration.certificate_entry, registration.registration_entry
    return [*(entry.text for entry in entries), place.pleno.sk_number]


def _halves() -> int:
    """How far apart the counts of what a decision writes lie: votes, event, audit line, place, SK, numbers."""
    decided = select(Permohonan.id).where(Permohonan.status == PermohonanStatus.COMPETENT)
    wanted = _count(select(func.count()).select_from(decided.subquery()))
    voted = (
        select(PlenoCase.id)
        .join(Vote, Vote.pleno_case_id == PlenoCase.id)
        .group_by(PlenoCase.id)
        .having(func.count(Vote.id) == 3)
    )
    counts = [
        _count(select(func.count()).select_from(voted.subquery())),
        _count(
            select(func.count()).where(
                PlenoCase.permohonan_id.in_(decided), PlenoCase.outcome == "K"
            )
        ),
        _count(select(func.count()).where(PlenoCase.closed_at.is_not(None))),
        _count(select(func.count()).where(Pleno.sk_number != "", Pleno.closed_at.is_not(None))),
        _count(select(func.count()).where(Registration.permohonan_id.in_(decided))),
        _count(select(func.count(Registration.permohonan_id))),
        _count(select(func.count()).where(PermohonanEvent.transition == STEP)),
        _count(select(func.count()).where(AuditEvent.action == f"permohonan.{STEP}")),
        _count(select(func.count()).where(AuditEvent.action == "sk.sign")),
    ]
    return sum(abs(each - wanted) for each in counts)


def _count(query: object) -> int:
    return int(db.session.scalar(query) or 0)  # type: ignore[call-overload]
