"""Forms of FR.MAPA.01 and FR.MAPA.02. A section has a field for every unit or instrument: they are read by hand.

Each reader answers with what was typed, in the shape in which it is stored, and what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, ValidationError

from lsp import clock
from lsp.forms.assessment import OneOfField, choices, one_of
from lsp.forms.base import Form, as_line, at_most, one_line, required, trimmed
from lsp.forms.schedule import DayField, day_of
from lsp.models import UnitKompetensi
from lsp.workflow.mapa import Template, template

Posted = MultiDict[str, str]
LONGEST_EVIDENCE, LONGEST_WORDS, LONGEST_NAME, LONGEST_MET = 2_000, 1_000, 120, 40
#: Past this a first day is asked about.
FAR_AHEAD = timedelta(days=90)
#: Rows of the table of Penyusun dan Validator.
ROWS = (0, 1)


class NewMapaForm(Form):
    """A MAPA that is begun."""

    name = StringField(
        "Nama MAPA", filters=[as_line], validators=[required("nama MAPA"), at_most(80), one_line]
    )
    approach = OneOfField(
        "Pendekatan asesmen",
        choices=choices((key, each.label) for key, each in template().approaches.items()),
        validators=[one_of("pendekatan asesmen")],
    )
    source = SelectField("Mulai dari", validate_choice=False)


class PublishForm(Form):
    """From which day a MAPA is in force; a day far ahead is asked about, because it may be a slip of the year."""

    effective_from = DayField(
        "Berlaku mulai", validators=[InputRequired(message="Isi tanggal mulai berlaku.")]
    )
    sure = BooleanField("Tanggalnya sudah benar")

    def validate_effective_from(self, field: DayField) -> None:
        if field.data is None or field.data <= clock.today_wib() + FAR_AHEAD:
            return
        self.unusual = True
        if not self.sure.data:
            raise ValidationError(
                f"Tanggal ini lebih dari {FAR_AHEAD.days} hari lagi. Periksa tahunnya. "
                "Jika memang begitu, centang kotak di bawah."
            )


class MapaChoice(Form):
    """The asesor's choice; what he changes for this asesi is read by `read_case_changes`."""

    mapa = OneOfField("Pilih MAPA", validators=[one_of("satu MAPA")])


@dataclass(slots=True)
class Typed:
    """A section as it was sent. errors: (id of the field, sentence)."""

    value: dict[str, Any]
    errors: list[tuple[str, str]] = field(default_factory=list)

    def text(self, form: Posted, name: str, longest: int, *, line: bool = False) -> str:
        """A text of the form; one that is too long is kept and told."""
        found = str((as_line if line else trimmed)(form.get(name, ""))).replace("\r\n", "\n")
        if len(found) > longest:
            self.errors.append((name, str(at_most(longest).message)))
        return found


def _known(given: Iterable[str], allowed: Iterable[str]) -> list[str]:
    """The given values that are known, in the order of the known."""
    ticked = set(given)
    return [value for value in allowed if value in ticked]


def read_choices(form: Posted, known: Template) -> Typed:
    """Section 1: `<question>` ticks, `<question>-<option>` the text that goes with a tick."""
    typed = Typed({})
    for question in known.questions:
        words = {
            option.key: typed.text(form, f"{question.key}-{option.key}", LONGEST_WORDS, line=True)
            for option in question.options
            if option.ask
        }
        ticks = _known(form.getlist(question.key), (option.key for option in question.options))
        typed.value[question.key] = {
            "ticks": ticks,
            "words": {key: text for key, text in words.items() if text},
        }
    return typed


def read_matrix(form: Posted, known: Template, units: Sequence[UnitKompetensi]) -> Typed:
    """Section 2: `u<id>` evidence, `u<id>-t` its types, `u<id>-c` instrument codes."""
    typed = Typed({})
    for unit in units:
        typed.value[str(unit.id)] = {
            "evidence": typed.text(form, f"u{unit.id}", LONGEST_EVIDENCE),
            "types": _known(form.getlist(f"u{unit.id}-t"), known.evidence_types),
            "codes": _known(form.getlist(f"u{unit.id}-c"), known.codes),
        }
    return typed


def read_changes(form: Posted, known: Template) -> Typed:
    """Section 3: `<row>` is ada or tidak, `<row>-words` what there is."""
    typed = Typed({})
    for line in known.changes:
        answer = form.get(line.key, "")
        words = typed.text(form, f"{line.key}-words", LONGEST_WORDS)
        typed.value[line.key] = {
            "answer": answer if answer in ("ada", "tidak") else "",
            "words": words,
        }
    return typed


def read_map(form: Posted, known: Template, groups: Sequence[str]) -> Typed:
    """FR.MAPA.02: `g<number of the kelompok>-<paper>` the origins for which an instrument is used."""
    value = {}
    for number, group in enumerate(groups, 1):
        marks = {
            paper.key: _known(form.getlist(f"g{number}-{paper.key}"), known.potensi)
            for paper in known.papers
        }
        value[group] = {paper: ticked for paper, ticked in marks.items() if ticked}
    return Typed(value)


def read_people(form: Posted, known: Template) -> Typed:
    """Who confirmed, drew up and validated: `<row>-name`, `-met`, `-date`."""
    typed = Typed({})
    relevant = known.question("konfirmasi").options
    rows = {each.key: _person(typed, form, each.key, met=False) for each in relevant}
    typed.value["relevant"] = {key: named for key, named in rows.items() if any(named.values())}
    return _with_authors(typed, form)


def read_authors(form: Posted) -> Typed:
    """Who drew up and validated a document: `penyusun-0-name`, `-met`, `-date` and so on."""
    return _with_authors(Typed({}), form)


def _with_authors(typed: Typed, form: Posted) -> Typed:
    for role in ("penyusun", "validator"):
        typed.value[role] = [_person(typed, form, f"{role}-{number}", met=True) for number in ROWS]
    return typed


def _person(typed: Typed, form: Posted, name: str, *, met: bool) -> dict[str, str]:
    found = {"name": typed.text(form, f"{name}-name", LONGEST_NAME, line=True)}
    if met:
        found["met"] = typed.text(form, f"{name}-met", LONGEST_MET, line=True)
    found["date"] = _day(typed, form, f"{name}-date")
    return found


def _day(typed: Typed, form: Posted, name: str) -> str:
    found = form.get(name, "").strip()
    try:
        return day_of(found).isoformat() if found else ""
    except ValueError as error:
        typed.errors.append((name, str(error)))
        return found[:20]


def read_case_changes(form: Posted, known: Template) -> Typed:
    """What the asesor changes for one asesi, by row of section 3: `ubah-<row>`."""
    typed = Typed({})
    for line in known.changes:
        typed.value[line.key] = typed.text(form, f"ubah-{line.key}", LONGEST_WORDS)
    return typed
