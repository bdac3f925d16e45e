"""Which alternatives of the education and experience rule are met by what FR.APL.01 states. A suggestion, no decision.

Plain values in, plain values out: what an education is worth stands in defaults/education_levels.json.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from lsp.data import read_json
from lsp.models import FormalEducation, FrApl01
from lsp.services import apl01_rows


@dataclass(frozen=True, slots=True)
class Education:
    """An education as stated. `key` tells the rows of one form apart; `words` are what is recorded."""

    key: str
    level: str
    words: str


class Rule(Protocol):
    """What is read of an EducationRule."""

    id: int
    education: str
    years: int


@dataclass(frozen=True, slots=True)
class Alternative:
    """One alternative weighed. `met` is None where a person must look; `education` is the row it rests on."""

    rule_id: int
    met: bool | None
    why: str
    education: Education | None


@cache
def _levels() -> dict[str, Any]:
    levels: dict[str, Any] = read_json("defaults/education_levels.json")
    return levels


def stated_educations(form: FrApl01 | None) -> list[Education]:
    """The educations that FR.APL.01 states, the first first."""
    return [_education(row) for row in apl01_rows.rows_of(form, "pendidikan")]


def _education(row: FormalEducation) -> Education:
    parts = (row.level, row.study_programme, row.school, row.graduation_year)
    return Education(row.public_id, row.level, ", ".join(str(part) for part in parts if part))


def weigh(rules: Iterable[Rule], educations: Sequence[Education], months: int) -> list[Alternative]:
    """Each alternative, in the order of the rules, with whether it is met and why."""
    return [_weigh(rule, educations, months) for rule in rules]


def suggested(alternatives: Sequence[Alternative], claimed_id: int | None) -> Alternative | None:
    """The alternative to offer: the claimed one when it is met, else the first that is."""
    met = [each for each in alternatives if each.met]
    claimed = [each for each in met if each.rule_id == claimed_id]
    return next(iter([*claimed, *met]), None)


def _weigh(rule: Rule, educations: Sequence[Education], months: int) -> Alternative:
    wanted = rule.years * 12
    lived = f"pengalaman {months} dari {wanted} bulan" if wanted else "tanpa syarat pengalaman"
    fits, best = _best(rule.education, educations)
    seen = _levels()["to_be_seen"].get(rule.education, "")
    if fits is False or best is None:
        return Alternative(rule.id, False, f"pendidikan belum sampai, {lived}", best)
    if months < wanted:
        return Alternative(rule.id, False, lived, best)
    if fits is None or seen:
        why = seen or f"“{best.level}” belum tentu {rule.education}, lihat ijazahnya"
        return Alternative(rule.id, None, f"{why}; {lived}", best)
    return Alternative(rule.id, True, f"{best.level}, {lived}", best)


def _best(asked: str, educations: Sequence[Education]) -> tuple[bool | None, Education | None]:
    """The education that reaches what is asked, else one that may, else the first that does not."""
    found = [(_reaches(each.level, asked), each) for each in educations]
    for wanted in (True, None, False):
        for fits, each in found:
            if fits is wanted:
                return fits, each
    return False, None


def _reaches(level: str, asked: str) -> bool | None:
    """Whether an education is at least what is asked; None where the words leave it open."""
    least, most = _levels()["stated"].get(level, (None, None))
    wanted = _levels()["asked"].get(asked)
    if least is None or wanted is None:
        return None
    return True if least >= wanted else (None if most >= wanted else False)
