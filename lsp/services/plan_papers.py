"""What FR.AK.07 and FR.AK.01 take over from the plan, and what becomes of them when another MAPA is chosen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lsp.models import AssessmentPlan
from lsp.vocabulary import EvidenceKind
from lsp.workflow.mapa import instruments_of, papers_of_methods, papers_of_plan, potensi_of


@dataclass(frozen=True, slots=True)
class PlanWords:
    """The methods and instruments of a plan as FR.AK.07 writes them."""

    methods: str
    instruments: str

    @property
    def both(self) -> str:
        return f"{self.methods}. Instrumen: {self.instruments}"


def words_of(plan: AssessmentPlan | None, methods: Collection[str]) -> PlanWords:
    """Of the plan that was chosen; before there is one, of the methods of the skema."""
    if plan is None or plan.mapa_chosen_at is None:
        return _words(methods, papers_of_methods(methods))
    return _words(plan.methods, instruments_of(plan))


def _words(methods: Collection[str], papers: Iterable[str]) -> PlanWords:
    known = {kind.value: kind.label for kind in EvidenceKind}
    labels = ", ".join(known.get(kind, kind) for kind in methods)
    return PlanWords(labels, ", ".join(sorted(papers)) or labels)


def words_before(plan: AssessmentPlan) -> list[PlanWords]:
    """As they may stand in FR.AK.07: written before its potential was noted, or after."""
    found = [words_of(plan, plan.methods)]
    if plan.mapa is not None:
        found.append(_words(plan.methods, papers_of_plan(plan.mapa, ())))
    return found


def ask_anew(plan: AssessmentPlan, before: Iterable[PlanWords]) -> None:
    """Both papers are asked once more, with what came from the old plan written by the new one.

    What a person wrote himself stays as he wrote it; he reads it again before he stores it.
    """
    now = words_of(plan, plan.methods)
    renamed: dict[str, str] = {}
    for old in before:
        renamed |= {old.methods: now.methods, old.instruments: now.instruments, old.both: now.both}
    plan.fr_ak_07 = _rewritten(plan.fr_ak_07, renamed)
    plan.fr_ak_07_at = None
    plan.fr_ak_01_evidence = []
    plan.fr_ak_01_at = None


def _rewritten(stored: Mapping[str, Any], renamed: Mapping[str, str]) -> dict[str, Any]:
    if "version" not in stored:  # papers of before part B and the agreed trio
        return dict(stored)
    part_b = {
        key: row | {"note": renamed.get(row["note"], row["note"])}
        for key, row in stored["b"].items()
    }
    agreed = {key: renamed.get(text, text) for key, text in stored["agreed"].items()}
    return {**stored, "b": part_b, "agreed": agreed}


def waits_for_fr_ak_07(plan: AssessmentPlan) -> bool:
    """Whether FR.AK.07 was filled for a plan that was changed since."""
    return bool(plan.fr_ak_07) and plan.fr_ak_07_at is None and bool(potensi_of(plan))
