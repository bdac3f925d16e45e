"""What a draft of an instrument lacks before it may be put in force, and what the MAPA in force asks for in vain."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from lsp.models import Instrument, InstrumentItem, Mapa
from lsp.services.mapa_check import authors_missing, named_as
from lsp.vocabulary import InstrumentPaper
from lsp.workflow.mapa import papers_of_unit, units_by_group
from lsp.workflow.muk import SHAPES, Shape, shape_of

#: A register number of an asesor as BNSP writes it; before the year stands a dot or a space (forms 11.3).
_MET = re.compile(r"MET[. ]+\d{3}[. ]+\d{6}[. ]+\d{4}", re.IGNORECASE)
#: Names of the options of a question, as printed.
LETTERS = "abcdefgh"


@dataclass(frozen=True, slots=True)
class Gap:
    """part: head, rows or people; item_id: of the row it is about, where it is about one."""

    part: str
    sentence: str
    item_id: int | None = None


def gaps_of(instrument: Instrument) -> list[Gap]:
    """Everything that is missing; nothing for a draft that may be put in force."""
    if is_withdrawal(instrument):
        return []
    made = (_head, _rows, _people)
    return [gap for check in made for gap in check(instrument)]


def is_withdrawal(instrument: Instrument) -> bool:
    """Whether a version says nothing and so ends what stood before it: from its day on nothing is asked."""
    return instrument.version_number > 1 and not instrument.items and not instrument.head


def _head(instrument: Instrument) -> Iterator[Gap]:
    for field in shape_of(instrument).head:
        if field.needed and not instrument.head.get(field.key):
            yield Gap("head", f"{field.label}: belum diisi.")


def _rows(instrument: Instrument) -> Iterator[Gap]:
    shape = shape_of(instrument)
    if shape.rows_needed and not instrument.items:
        yield Gap("rows", "Belum ada baris isi.")
    for number, item in enumerate(instrument.items, 1):
        for sentence in row_faults(item, shape):
            yield Gap("rows", f"Baris {number}: {sentence}", item.id)


def row_faults(item: InstrumentItem, shape: Shape) -> list[str]:
    """What a row lacks, in sentences that say what to do."""
    found = []
    if shape.names_kuk and item.kuk_id is None:
        found.append("pilih KUK-nya.")
    if len(item.options) < shape.least_options:
        found.append(f"isi sedikitnya {shape.least_options} {shape.options.lower()}.")
    if shape.key_needed and not item.key:
        found.append(f"isi {shape.key.lower()}.")
    elif shape.key_is_letter and item.key not in LETTERS[: len(item.options)]:
        found.append("kuncinya harus huruf salah satu pilihan.")
    return found


def _people(instrument: Instrument) -> Iterator[Gap]:
    for sentence in authors_missing(instrument.people):
        yield Gap("people", sentence)


def doubts_of(instrument: Instrument) -> list[str]:
    """What is asked about before it is put in force, in sentences: it may be so, and is more often a slip."""
    if is_withdrawal(instrument):
        return []
    authors, validators = (named_as(instrument.people, role) for role in ("penyusun", "validator"))
    same = [row["name"] for row in validators if any(_is_one(row, other) for other in authors)]
    found = [
        f"{name} tercatat sebagai penyusun dan validator. Validator lazimnya orang lain."
        for name in same
    ]
    return found + [
        f"Nomor MET “{row['met']}” ({row['name']}) tidak seperti lazimnya, misalnya MET.000.004455.2023."
        for row in (*authors, *validators)
        if not _MET.fullmatch(row["met"].strip())
    ]


def _is_one(row: dict[str, str], other: dict[str, str]) -> bool:
    return any(_bare(row[key]) == _bare(other[key]) for key in ("name", "met"))


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


# --- What a MAPA asks for ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lack:
    """An instrument that a MAPA asks for and that has no content. is_hint: the assessment goes on without it."""

    paper: InstrumentPaper
    kelompok: str
    is_hint: bool
    sentence: str


def lacks_of(mapa: Mapa, content: Collection[tuple[InstrumentPaper, str]]) -> list[Lack]:
    """What a MAPA asks for in vain. content: (paper, kelompok) with something in force; empty is the whole skema."""
    found = []
    for group, units in units_by_group(mapa.skema_version.units).items():
        asked = set().union(*(papers_of_unit(mapa, unit) for unit in units))
        for paper in SHAPES:
            if paper.value not in asked or paper is InstrumentPaper.VPK:
                continue
            if not {(paper, group), (paper, "")} & set(content):
                found.append(_lack(paper, group))
    return found


def _lack(paper: InstrumentPaper, group: str) -> Lack:
    if paper is InstrumentPaper.PW:
        sentence = (
            f"{paper.value} untuk {group} belum punya isi. Asesmen tetap berjalan: pertanyaannya dibuat dari "
            "daftar FR.IA.08."
        )
        return Lack(paper, group, True, sentence)
    sentence = f"{paper.value} untuk {group} diminta MAPA, tetapi belum punya isi yang berlaku."
    return Lack(paper, group, False, sentence)
