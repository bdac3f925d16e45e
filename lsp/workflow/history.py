"""The steps that a case has taken, as guards ask for them: which came last, when, how often. Read once for all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from lsp.database import db, read_each, remembered
from lsp.models import Permohonan, PermohonanEvent
from lsp.vocabulary import PermohonanStatus


class Step(NamedTuple):
    """A line of the history without who did it and why."""

    transition: str
    target: PermohonanStatus
    attempt: int
    at: datetime


def steps_of(case: Permohonan) -> list[Step]:
    """All its steps, oldest first."""
    return read_each(_TOPIC, [case.id], _read)[case.id]


def read_steps(cases: Sequence[Permohonan]) -> None:
    """Of many cases ahead, in one query."""
    read_each(_TOPIC, [case.id for case in cases], _read)


def keep_steps(case: Permohonan, events: Iterable[PermohonanEvent]) -> None:
    """From the whole history of a case, oldest first, that its page has read."""
    remembered(_TOPIC)[case.id] = [
        Step(event.transition, event.target, event.attempt, event.at) for event in events
    ]


_TOPIC = "steps"


def _read(case_ids: list[int]) -> dict[int, list[Step]]:
    event = PermohonanEvent
    found: dict[int, list[Step]] = {case_id: [] for case_id in case_ids}
    for case_id, transition, target, attempt, at in db.session.execute(
        select(event.permohonan_id, event.transition, event.target, event.attempt, event.at)
        .where(event.permohonan_id.in_(case_ids))
        .order_by(event.id)
    ):
        found[case_id].append(Step(transition, target, attempt, at))
    return found


def taken_in_attempt(case: Permohonan, names: Iterable[str]) -> list[Step]:
    """Those of these steps that the present attempt took, oldest first."""
    wanted = frozenset(names)
    return [
        step
        for step in steps_of(case)
        if step.attempt == case.attempt and step.transition in wanted
    ]
