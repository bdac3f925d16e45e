"""What a MAPA lacks before it may be put in force: each gap with the section in which it is mended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from lsp import clock
from lsp.models import Mapa
from lsp.models.inforce import setting
from lsp.vocabulary.dates import day_words
from lsp.workflow.instruments import FILLABLE
from lsp.workflow.mapa import all_codes, codes_of_unit, papers_of_plan, template_of, units_by_group


@dataclass(frozen=True, slots=True)
class Gap:
    """section: key of the section (an attribute of Mapa)."""

    section: str
    sentence: str


def gaps_of(mapa: Mapa) -> list[Gap]:
    """Everything that is missing, in the order of the forms; nothing for a MAPA that may be put in force."""
    made = (_choices, _not_fillable, _matrix, _changes, _instrument_map, _people)
    return [gap for check in made for gap in check(mapa)]


def _choices(mapa: Mapa) -> Iterator[Gap]:
    for question in template_of(mapa).questions:
        row = mapa.choices.get(question.key, {})
        ticks, words = row.get("ticks", ()), row.get("words", {})
        if not ticks:
            yield Gap("choices", f"{question.label}: belum ada yang dicentang.")
        for option in question.options:
            if option.ask and option.key in ticks and not words.get(option.key):
                yield Gap("choices", f"{question.label}: isi {option.ask.lower()}.")


def _matrix(mapa: Mapa) -> Iterator[Gap]:
    for unit in mapa.skema_version.units:
        row = mapa.matrix.get(str(unit.id), {})
        lacking = [
            words
            for key, words in (
                ("evidence", "bukti"),
                ("types", "jenis bukti"),
                ("codes", "metode dan perangkat"),
            )
            if not row.get(key)
        ]
        if lacking:
            yield Gap("matrix", f"Unit {unit.position}, {unit.title}: isi {', '.join(lacking)}.")
    wanted = template_of(mapa).approaches[mapa.approach]
    missing = [code for code in wanted.codes if code not in all_codes(mapa)]
    if missing:
        yield Gap(
            "matrix",
            f"Pendekatan {wanted.label.lower()} memerlukan {' dan '.join(missing)} "
            "pada sedikitnya satu unit.",
        )


def _changes(mapa: Mapa) -> Iterator[Gap]:
    for line in template_of(mapa).changes:
        row = mapa.changes.get(line.key, {})
        if row.get("answer") not in ("ada", "tidak"):
            yield Gap("changes", f"{line.number} {line.label}: pilih ada atau tidak ada.")
        elif row["answer"] == "ada" and not row.get("words"):
            yield Gap("changes", f"{line.number} {line.label}: tulis isinya.")


def _instrument_map(mapa: Mapa) -> Iterator[Gap]:
    """FR.MAPA.02 says the same as FR.MAPA.01: what a unit asks for is ticked, and nothing else is."""
    known = template_of(mapa)
    for group, units in units_by_group(mapa.skema_version.units).items():
        codes = {code for unit in units for code in codes_of_unit(mapa, unit)}
        ticked = {paper for paper, marks in mapa.instrument_map.get(group, {}).items() if marks}
        for key, code in known.codes.items():
            if key not in codes:
                surplus = sorted(ticked & set(code.papers))
                if surplus:
                    yield Gap(
                        "instrument_map",
                        f"{group}: {', '.join(surplus)} dicentang, padahal tidak ada unit yang memakai {key}.",
                    )
                continue
            missing = set(code.must) - ticked
            if not code.must and not ticked & set(code.papers):
                missing = {" atau ".join(code.papers)}
            if missing:
                yield Gap(
                    "instrument_map",
                    f"{group}: unit memakai {key}, tetapi {', '.join(sorted(missing))} belum dicentang.",
                )


def _not_fillable(mapa: Mapa) -> Iterator[Gap]:
    """A paper that nobody can fill would hold every assessment by this MAPA back (workflow 1, `recommend`)."""
    fillable = {paper.value for paper in FILLABLE}
    papers = sorted(papers_of_plan(mapa, ()) - fillable)
    if papers:
        yield Gap(
            "matrix",
            f"{', '.join(papers)} belum dapat diisi di portal, jadi MAPA yang memintanya belum dapat diberlakukan. "
            "Instrumen itu menyusul. Simpan dulu sebagai draf, atau lepas metodenya dari unit dan dari peta instrumen.",
        )


def _people(mapa: Mapa) -> Iterator[Gap]:
    people = mapa.people
    asked = template_of(mapa).question("konfirmasi")
    for option in asked.options:
        if option.key in mapa.choices.get(asked.key, {}).get("ticks", ()):
            named = people.get("relevant", {}).get(option.key, {})
            if not named.get("name"):
                yield Gap("people", f"{option.label}: tulis namanya.")
    for sentence in authors_missing(people):
        yield Gap("people", sentence)


def authors_missing(people: dict[str, Any]) -> list[str]:
    """What keeps penyusun and validator from standing on MAPA and instruments (forms 1.5): nobody, or a day to come."""
    found = []
    for role in ("penyusun", "validator"):
        rows = named_as(people, role)
        if not rows:
            found.append(f"Isi sedikitnya satu {role}: nama, nomor MET, dan tanggal.")
        dated = [(row["name"], date.fromisoformat(row["date"])) for row in rows]
        found += [
            f"Tanggal {role} {name}, {day_words(day)}, belum tiba. Betulkan tanggalnya."
            for name, day in dated
            if day > clock.today_wib()
        ]
    return found


def named_as(people: dict[str, Any], role: str) -> list[dict[str, str]]:
    """Those who are named with a number and a day."""
    return [
        row
        for row in people.get(role, ())
        if row.get("name") and row.get("met") and row.get("date")
    ]


def jenjang_warning(mapa: Mapa) -> str:
    """A warning where the LSP does not use portofolio at the jenjang of the skema; empty where it does.

    No rule of BNSP: one LSP's method rule, so it is a setting and never a bar (forms 12).
    """
    jenjang = mapa.skema_version.jenjang
    if mapa.approach != "portofolio" or jenjang >= (
        least := int(setting("portfolio_from_jenjang"))
    ):
        return ""
    return (
        f"Skema ini jenjang {jenjang}. Menurut Pengaturan, LSP memakai portofolio mulai jenjang {least}; di bawahnya "
        "lazimnya observasi, tugas praktik, dan pertanyaan. Ini peringatan: MAPA tetap dapat dipakai."
    )
