"""Groups 1 to 5 of the checklist (process 3.5) and the two tables of FR.APL.01 part 3; which row is where is data."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from lsp.data import read_json
from lsp.vocabulary import RequirementPart, Verdict

_OTHERS = "–"


@dataclass(frozen=True, slots=True)
class Group:
    """A head of the checklist. `number` is the figure before the letter of a code: 1 of 1a."""

    number: str
    label: str
    part: RequirementPart


@dataclass(frozen=True, slots=True)
class Judged:
    """What a roll-up asks of a row: whether it must be there, whether a file is, and the verdict."""

    required: bool
    present: bool
    verdict: Verdict | None


@cache
def _groups() -> dict[str, Group]:
    rows = read_json("defaults/checklist_groups.json")
    return {
        row["group"]: Group(row["group"], row["label"], RequirementPart(row["part"]))
        for row in rows
    }


def group_of(code: str) -> Group:
    """The group of a document code; a code of no group is administrative."""
    figures = re.match(r"\d+", code)
    others = Group(_OTHERS, "Lainnya", RequirementPart.ADMINISTRATIVE)
    return _groups().get(figures[0] if figures else "", others)


def rolled_up(rows: Iterable[Judged]) -> Verdict | None:
    """The verdict of a group from its rows; None while one of them waits, or where there is nothing to judge.

    One row that fails makes its group fail at once. A row that may stay empty, and is, counts for nothing.
    """
    counted = [row for row in rows if row.required or row.present or row.verdict]
    verdicts = [row.verdict for row in counted]
    if Verdict.FAILS in verdicts:
        return Verdict.FAILS
    if not counted or None in verdicts:
        return None
    absent = [row for row in counted if row.verdict is Verdict.ABSENT]
    if len(absent) == len(counted):
        return Verdict.ABSENT
    # An optional row that was looked for in vain does not spoil the others.
    return Verdict.FAILS if any(row.required for row in absent) else Verdict.MEETS
