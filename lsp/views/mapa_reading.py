"""FR.MAPA.01 and FR.MAPA.02 as they are read: what the template (components/mapa_reading.html) walks through."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from lsp.models import Mapa, UnitKompetensi
from lsp.workflow.mapa import Line, Template, all_codes, template_of, units_by_group


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit of section 2. methods: (label of the column, its codes), only columns in use."""

    unit: UnitKompetensi
    evidence: str
    types: str
    methods: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A kelompok pekerjaan: its units, and its rows of FR.MAPA.02 (instrument, whether ticked for 1 to 5)."""

    name: str
    units: tuple[UnitRow, ...]
    papers: tuple[tuple[Line, tuple[bool, ...]], ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A row of a table of signatories."""

    status: str
    name: str
    met: str
    date: date | None


@dataclass(frozen=True, slots=True)
class Reading:
    """Both forms. potensi: the origins of the asesi before us, marked in FR.MAPA.02."""

    mapa: Mapa
    template: Template
    #: (number, label, ((label, text, ticked), ...))
    choices: tuple[tuple[str, str, tuple[tuple[str, str, bool], ...]], ...]
    groups: tuple[Group, ...]
    #: (row, answer, words, words for this asesi)
    changes: tuple[tuple[Line, str, str, str], ...]
    relevant: tuple[Person, ...]
    authors: tuple[Person, ...]
    potensi: tuple[str, ...]

    @property
    def origins(self) -> list[tuple[str, str]]:
        """(number, words) of the five origins."""
        return [(option.key, option.label) for option in self.template.question("asesi").options]

    # What stands beside the title of a section while it is folded.

    @property
    def approach(self) -> str:
        return self.template.approaches[self.mapa.approach].label

    @property
    def plan_in_short(self) -> str:
        units = [unit for group in self.groups for unit in group.units]
        empty = sum(not (unit.evidence and unit.types and unit.methods) for unit in units)
        said = (
            f"{len(units)} unit",
            ", ".join(all_codes(self.mapa)),
            f"{empty} belum lengkap" if empty else "",
        )
        return " · ".join(each for each in said if each)

    @property
    def changes_in_short(self) -> str:
        answers = [answer for _line, answer, _words, _here in self.changes]
        changed, empty = answers.count("ada"), sum(not answer for answer in answers)
        here = sum(bool(words) for *_, words in self.changes)
        said = (
            f"{changed} penyesuaian" if changed else "" if empty else "tidak ada penyesuaian",
            f"{empty} belum diisi" if empty else "",
            f"{here} untuk asesi ini" if here else "",
        )
        return " · ".join(each for each in said if each)

    @property
    def papers_in_short(self) -> str:
        """The instruments that are used at all, or for the asesi before us."""
        numbers = set(self.potensi or self.template.potensi)
        used = {
            paper.key: None
            for group in self.groups
            for paper, marks in group.papers
            if any(
                numbers
                & {n for n, ticked in zip(self.template.potensi, marks, strict=True) if ticked}
            )
        }
        return ", ".join(used) or "belum ada instrumen"


def reading(
    mapa: Mapa, *, potensi: Collection[str] = (), case_changes: dict[str, str] | None = None
) -> Reading:
    """Everything that both forms say."""
    known = template_of(mapa)
    groups = units_by_group(mapa.skema_version.units)
    return Reading(
        mapa=mapa,
        template=known,
        choices=tuple(_choices(mapa, known)),
        groups=tuple(_group(mapa, known, name, units) for name, units in groups.items()),
        changes=tuple(
            (
                line,
                str(mapa.changes.get(line.key, {}).get("answer", "")),
                str(mapa.changes.get(line.key, {}).get("words", "")),
                (case_changes or {}).get(line.key, ""),
            )
            for line in known.changes
        ),
        relevant=tuple(_relevant(mapa, known)),
        authors=authors(mapa.people),
        potensi=tuple(number for number in known.potensi if number in potensi),
    )


def _choices(mapa: Mapa, known: Template) -> Any:
    for question in known.questions:
        row = mapa.choices.get(question.key, {})
        words, ticks = row.get("words", {}), row.get("ticks", ())
        yield (
            question.number,
            question.label,
            tuple(
                (option.label, words.get(option.key, ""), option.key in ticks)
                for option in question.options
            ),
        )


def _group(mapa: Mapa, known: Template, name: str, units: Sequence[UnitKompetensi]) -> Group:
    ticked = mapa.instrument_map.get(name, {})
    return Group(
        name=name,
        units=tuple(_unit(mapa, known, unit) for unit in units),
        papers=tuple(
            (paper, tuple(number in ticked.get(paper.key, ()) for number in known.potensi))
            for paper in known.papers
        ),
    )


def _unit(mapa: Mapa, known: Template, unit: UnitKompetensi) -> UnitRow:
    row = mapa.matrix.get(str(unit.id), {})
    codes = row.get("codes", ())
    columns = (
        (method.label, ", ".join(code for code in method.codes if code in codes))
        for method in known.methods
    )
    return UnitRow(
        unit=unit,
        evidence=row.get("evidence", ""),
        types=", ".join(row.get("types", ())),
        methods=tuple((label, found) for label, found in columns if found),
    )


def _relevant(mapa: Mapa, known: Template) -> Any:
    asked = known.question("konfirmasi")
    rows = mapa.people.get("relevant", {})
    for option in asked.options:
        row = rows.get(option.key, {})
        if row.get("name") or option.key in mapa.choices.get(asked.key, {}).get("ticks", ()):
            yield Person(option.label, row.get("name", ""), "", _day(row))


def authors(people: dict[str, Any]) -> tuple[Person, ...]:
    """Penyusun and validator of a document that is named, those with a name alone."""
    return tuple(_authors(people))


def _authors(people: dict[str, Any]) -> Any:
    for key, label in (("penyusun", "Penyusun"), ("validator", "Validator")):
        for number, row in enumerate(people.get(key, ()), 1):
            if row.get("name"):
                yield Person(f"{label} {number}", row["name"], row.get("met", ""), _day(row))


def _day(row: dict[str, Any]) -> date | None:
    return date.fromisoformat(row["date"]) if row.get("date") else None
