"""What a MAPA says: the template it was written on, which instruments it asks for, which kinds of evidence.

FR.MAPA.01 names instrument codes per unit (CL, CVP, ...). A code can mean several papers (DPT is FR.IA.05 or FR.IA.06);
which of them are used, and for which origin of the asesi, stands in FR.MAPA.02.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from lsp.data import read_json
from lsp.models import AssessmentPlan, Mapa, UnitKompetensi
from lsp.vocabulary import EvidenceKind

#: Versions of the templates that a new MAPA is written on.
MAPA_01, MAPA_02 = 1, 1


@dataclass(frozen=True, slots=True)
class Option:
    """A tick box; `ask` is the label of the text that goes with it, or empty."""

    key: str
    label: str
    ask: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A row of section 1 of FR.MAPA.01 with its options; several may be ticked."""

    key: str
    number: str
    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """An instrument code: papers it can mean, those it always means, the evidence kind it yields."""

    key: str
    label: str
    papers: tuple[str, ...]
    must: tuple[str, ...]
    evidence: EvidenceKind
    #: Its row among the evidence of FR.AK.01, where that form has one of its own that FR.AK.02 has not.
    ak_01: str = ""


@dataclass(frozen=True, slots=True)
class Method:
    """A method column of section 2 with the codes that may stand in it."""

    key: str
    label: str
    help: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A numbered row: of section 3, or an instrument of FR.MAPA.02."""

    key: str
    number: str
    label: str


@dataclass(frozen=True, slots=True)
class Approach:
    """label: as a person says it; codes: what an assessment of this kind cannot do without."""

    label: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """The labels and lists of both forms, as of their versions."""

    questions: tuple[Question, ...]
    evidence_types: dict[str, str]
    methods: tuple[Method, ...]
    codes: dict[str, Code]
    changes: tuple[Line, ...]
    approaches: dict[str, Approach]
    papers: tuple[Line, ...]
    potensi: tuple[str, ...]
    footers: tuple[str, ...]
    titles: tuple[str, str]

    def question(self, key: str) -> Question:
        return next(question for question in self.questions if question.key == key)


@cache
def template(mapa_01: int = MAPA_01, mapa_02: int = MAPA_02) -> Template:
    """The template of these versions. Raises FileNotFoundError for one that does not ship."""
    plan = read_json(f"forms/fr_mapa_01.{mapa_01}.json")
    peta = read_json(f"forms/fr_mapa_02.{mapa_02}.json")
    return Template(
        questions=tuple(
            Question(
                row["key"],
                row["number"],
                row["label"],
                tuple(Option(**option) for option in row["options"]),
            )
            for row in plan["choices"]
        ),
        evidence_types={row["key"]: row["label"] for row in plan["evidence_types"]},
        methods=tuple(
            Method(row["key"], row["label"], row["help"], tuple(row["codes"]))
            for row in plan["methods"]
        ),
        codes={row["key"]: _code(row) for row in plan["codes"]},
        changes=tuple(Line(**row) for row in plan["changes"]),
        approaches={
            key: Approach(row["label"], tuple(row["codes"]))
            for key, row in plan["approaches"].items()
        },
        papers=tuple(Line(**row) for row in peta["papers"]),
        potensi=tuple(peta["potensi"]),
        footers=tuple(peta["footers"]),
        titles=(plan["title"], peta["title"]),
    )


def _code(row: Mapping[str, Any]) -> Code:
    return Code(
        row["key"],
        row["label"],
        tuple(row["papers"]),
        tuple(row["must"]),
        EvidenceKind(row["evidence"]),
        row.get("ak_01", ""),
    )


def template_of(mapa: Mapa) -> Template:
    return template(mapa.mapa_01_version, mapa.mapa_02_version)


# --- What is asked for -------------------------------------------------------------------------------------------


def units_by_group(units: Sequence[UnitKompetensi]) -> dict[str, list[UnitKompetensi]]:
    """Units by kelompok pekerjaan, in their order."""
    found: dict[str, list[UnitKompetensi]] = {}
    for unit in units:
        found.setdefault(unit.kelompok, []).append(unit)
    return found


def codes_of_unit(mapa: Mapa, unit: UnitKompetensi) -> list[str]:
    """Instrument codes of a unit in FR.MAPA.01, section 2."""
    return list(mapa.matrix.get(str(unit.id), {}).get("codes", ()))


def all_codes(mapa: Mapa) -> list[str]:
    """Every code that some unit asks for, in the order of the template."""
    asked = {code for row in mapa.matrix.values() for code in row.get("codes", ())}
    return [code for code in template_of(mapa).codes if code in asked]


def evidence_kinds(codes: Iterable[str], known: Template | None = None) -> list[EvidenceKind]:
    """The columns of FR.AK.02 in which these codes leave evidence, in the order of the form."""
    by_code = (known or template()).codes
    wanted = {by_code[code].evidence for code in codes if code in by_code}
    return [kind for kind in EvidenceKind if kind in wanted]


def kind_of_paper(paper: str, known: Template | None = None) -> EvidenceKind:
    """The column of FR.AK.02 in which an FR.IA leaves evidence: that of the code that can mean it."""
    codes = (known or template()).codes.values()
    return next(code.evidence for code in codes if paper in code.papers)


def units_asking(mapa: Mapa, paper: str) -> set[int]:
    """Ids of the units for which FR.MAPA.01 names a code that can mean this FR.IA."""
    codes = {code.key for code in template_of(mapa).codes.values() if paper in code.papers}
    return {int(unit) for unit, row in mapa.matrix.items() if codes & set(row.get("codes", ()))}


def papers_of_unit(mapa: Mapa, unit: UnitKompetensi, potensi: Collection[str] = ()) -> set[str]:
    """The FR.IA that a unit asks for: what its codes mean, as far as FR.MAPA.02 ticks them for its kelompok.

    potensi: origin of the asesi where it is known. A code none of whose papers is ticked for it is asked for as for
    anybody: FR.MAPA.01 wants the evidence all the same.
    """
    ticked = mapa.instrument_map.get(unit.kelompok, {})
    known = template_of(mapa).codes
    found: set[str] = set()
    for code in codes_of_unit(mapa, unit):
        papers = {paper for paper in known[code].papers if ticked.get(paper)}
        fitting = {paper for paper in papers if set(ticked[paper]) & set(potensi)}
        found |= fitting or papers or set(known[code].must)
    return found


def instruments_by_unit(plan: AssessmentPlan) -> dict[int, set[str]]:
    """FR.IA codes by unit id; empty for a plan without a MAPA (see `instruments_of`)."""
    if plan.mapa is None:
        return {}
    potensi = potensi_of(plan)
    return {
        unit.id: papers_of_unit(plan.mapa, unit, potensi) for unit in plan.mapa.skema_version.units
    }


def papers_of_plan(mapa: Mapa, potensi: Collection[str]) -> set[str]:
    """Every FR.IA that a MAPA asks for, of an asesi of this origin."""
    units = mapa.skema_version.units
    return set().union(*(papers_of_unit(mapa, unit, potensi) for unit in units))


def instruments_of(plan: AssessmentPlan) -> set[str]:
    """Every FR.IA that the plan of an attempt asks for, e.g. {"FR.IA.08", "FR.IA.09"}.

    A plan chosen before MAPA were documents has only methods: each then means its paper.
    """
    if plan.mapa is not None:
        return papers_of_plan(plan.mapa, potensi_of(plan))
    return papers_of_methods(plan.methods)


def papers_of_methods(methods: Collection[str]) -> set[str]:
    """The FR.IA that kinds of evidence mean by themselves, where no MAPA says more."""
    known = template().codes.values()
    return {paper for code in known if code.evidence in methods for paper in code.must} | (
        {"FR.IA.05"} if EvidenceKind.TERTULIS in methods else set()
    )


def kinds_of_ak_01(plan: AssessmentPlan) -> list[str]:
    """The evidence FR.AK.01 collects by the plan: its methods, by the row of their own where a code has one."""
    if plan.mapa is None:
        return list(plan.methods)
    codes = [template_of(plan.mapa).codes[key] for key in all_codes(plan.mapa)]
    own = [code for code in codes if code.ak_01]
    plain = {code.evidence.value for code in codes if not code.ak_01}
    renamed = {code.evidence.value for code in own} - plain
    kept = [kind for kind in plan.methods if kind not in renamed]
    return [*kept, *(code.ak_01 for code in own if code.evidence.value in plan.methods)]


def potensi_of(plan: AssessmentPlan | None) -> tuple[str, ...]:
    """The origin of the asesi that FR.AK.07 noted (one or several of "1" to "5"); empty while it did not."""
    given = plan.fr_ak_07.get("potential", ()) if plan is not None else ()
    return tuple(number for number in template().potensi if number in given)
