"""Forms of the instruments of the MUK: beginning one, what stands above its rows, a row, a sheet of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, SelectField, TextAreaField
from wtforms.validators import ValidationError

from lsp.forms.assessment import OneOfField, choices, one_of
from lsp.forms.base import Form, as_line, at_most, required, trimmed
from lsp.forms.mapa import Posted, PublishForm, Typed
from lsp.forms.registration import SelectChoice
from lsp.models import UnitKompetensi
from lsp.services.muk_check import LETTERS
from lsp.services.muk_values import RowValues
from lsp.vocabulary import InstrumentPaper, ItemKind
from lsp.workflow.muk import SHAPES, Shape

LONGEST_TEXT, LONGEST_LINE = 2_000, 200
MOST_OPTIONS = len(LETTERS)
#: (unit, elemen, KUK) by the value of a choice.
About = Mapping[str, tuple[int | None, int | None, int | None]]
STARTS = (("kosong", "Kosong"), ("salin", "Salinan versi yang berlaku"))
MODES = (
    ("tambah", "Tambahkan di bawah baris yang ada"),
    ("ganti", "Ganti semua baris draf ini"),
)


class BeginForm(Form):
    """An instrument that is begun for a skema version."""

    paper = SelectField(
        "Instrumen",
        choices=choices((paper.value, f"{paper.value} {paper.label}") for paper in SHAPES),
        validators=[one_of("instrumen")],
    )
    kelompok = SelectField("Untuk", validate_choice=False)
    start = OneOfField("Mulai dari", choices=choices(STARTS), validators=[one_of("isi awal")])

    def offer(self, groups: Sequence[str]) -> BeginForm:
        """Put the kelompok of the skema among the choices."""
        self.kelompok.choices = choices(
            [("", "Seluruh skema"), *((group, group) for group in groups)]
        )
        return self

    @property
    def chosen_paper(self) -> InstrumentPaper:
        return InstrumentPaper(self.paper.data)


def read_head(form: Posted, shape: Shape) -> Typed:
    """What stands above the rows, by the key of each field; empty ones are left out."""
    typed = Typed({})
    for field in shape.head:
        longest = LONGEST_TEXT if field.lines > 1 else LONGEST_LINE
        found = typed.text(form, field.key, longest, line=field.lines == 1)
        if (
            field.is_number
            and found
            and not (found.isascii() and found.isdigit() and 0 < int(found[:5]) < 1_000)
        ):
            typed.errors.append((field.key, "Tulis lamanya dalam menit, angka 1 sampai 999."))
        if found:
            typed.value[field.key] = found
    return typed  # fmt: skip


class PublishMukForm(PublishForm):
    """What is in doubt about penyusun and validator is asked, where `ask` was told of something."""

    people_sure = BooleanField("Penyusun dan validator sudah benar")
    doubts: Sequence[str] = ()

    def ask(self, doubts: Sequence[str]) -> PublishMukForm:
        self.doubts = doubts
        return self

    def validate_people_sure(self, field: BooleanField) -> None:
        if self.doubts and not field.data:
            raise ValidationError(
                "Periksa penyusun dan validator di bawah ini. Jika memang begitu, centang kotak ini."
            )


class RowForm(Form):
    """A row of an instrument; `fit` takes away what its paper has not."""

    shape: Shape = SHAPES[InstrumentPaper.DPT_PG]
    kind = OneOfField("Jenis", choices=[], validators=[one_of("jenis")])
    about = SelectField("Tentang")
    text = TextAreaField(
        "Isi", filters=[trimmed], validators=[required("barisnya"), at_most(LONGEST_TEXT)]
    )
    options = TextAreaField("Pilihan", filters=[trimmed], validators=[at_most(LONGEST_TEXT)])
    key = TextAreaField("Kunci", filters=[trimmed], validators=[at_most(LONGEST_TEXT)])

    def fit(self, shape: Shape, units: Sequence[UnitKompetensi]) -> RowForm:
        self.shape = shape
        self.kind.choices = choices((kind.value, kind.label) for kind in shape.kinds)
        if len(shape.kinds) == 1:
            del self.kind
        self.about.choices = about_choices(units)
        for field, words in (
            (self.text, shape.text),
            (self.key, shape.key),
            (self.options, shape.options),
        ):
            field.label.text = words
        for name in ("key", "options"):
            if not getattr(shape, name):
                delattr(self, name)
        return self  # fmt: skip

    def fill(self, row: RowValues) -> RowForm:
        """Draw it with what a row says."""
        for name, value in (
            ("kind", row.kind.value), ("about", about_of(row)), ("text", row.text),
            ("options", "\n".join(row.options)), ("key", row.key),
        ):  # fmt: skip
            if name in self:
                self[name].data = value
        return self

    def validate_options(self, field: TextAreaField) -> None:
        if len(_lines(field.data)) > MOST_OPTIONS:
            raise ValidationError(f"Paling banyak {MOST_OPTIONS}, satu baris satu.")

    def validate_key(self, field: TextAreaField) -> None:
        letters = LETTERS[: len(_lines(self.options.data))] if self.shape.key_is_letter else ""
        if self.shape.key_is_letter and field.data and field.data.lower() not in list(letters):
            raise ValidationError("Tulis huruf salah satu pilihan, misalnya b.")

    def values(self, about: About) -> RowValues:
        """What was typed, as plain values; the form is valid."""
        unit_id, elemen_id, kuk_id = about[self.about.data or ""]
        key = (self.key.data or "") if "key" in self else ""
        return RowValues(
            kind=ItemKind(self.kind.data) if "kind" in self else self.shape.kinds[0],
            text=(self.text.data or "").replace("\r\n", "\n"),
            key=key.lower() if self.shape.key_is_letter else key.replace("\r\n", "\n"),
            options=tuple(_lines(self.options.data)) if "options" in self else (),
            unit_id=unit_id,
            elemen_id=elemen_id,
            kuk_id=kuk_id,
        )


def _lines(text: str | None) -> list[str]:
    return [line for line in (as_line(each) for each in (text or "").splitlines()) if line]


def about_of(row: RowValues) -> str:
    """The value of the choice that a row stands for."""
    for letter, key in (("k", row.kuk_id), ("e", row.elemen_id), ("u", row.unit_id)):
        if key is not None:
            return f"{letter}{key}"
    return ""


def about_choices(units: Iterable[UnitKompetensi]) -> list[SelectChoice]:
    """What a row may be about, by unit: the whole unit, an elemen, a KUK."""
    found = [SelectChoice("", "Tidak menunjuk unit tertentu")]
    for unit in units:
        rows = [(f"u{unit.id}", f"Unit {unit.position}, seluruhnya")]
        for elemen in unit.elements:
            rows.append((f"e{elemen.id}", _short(f"Elemen {elemen.number}: {elemen.title}")))
            rows += [
                (f"k{kuk.id}", _short(f"KUK {kuk.number}: {kuk.text}")) for kuk in elemen.kuk_list
            ]
        group = _short(f"{unit.position}. {unit.title}")
        found += [SelectChoice(value, words, optgroup=group) for value, words in rows]
    return found


def _short(text: str) -> str:
    return text if len(text) <= 100 else text[:99] + "…"


def about_by_value(units: Iterable[UnitKompetensi]) -> About:
    found: dict[str, tuple[int | None, int | None, int | None]] = {"": (None, None, None)}
    for unit in units:
        found[f"u{unit.id}"] = (unit.id, None, None)
        for elemen in unit.elements:
            found[f"e{elemen.id}"] = (unit.id, elemen.id, None)
            found |= {f"k{kuk.id}": (unit.id, elemen.id, kuk.id) for kuk in elemen.kuk_list}
    return found


class SheetForm(Form):
    """Rows out of a spreadsheet: pasted, or a file."""

    lines = TextAreaField("Tempel dari lembar kerja")
    sheet = FileField("Atau pilih berkas (XLSX atau CSV)")
    mode = OneOfField(
        "Baris yang sudah ada", choices=choices(MODES), validators=[one_of("caranya")]
    )

    def pasted(self) -> str:
        return (self.lines.data or "").replace("\r\n", "\n").strip("\n")

    def has_file(self) -> Any:
        return self.sheet.data and self.sheet.data.filename
