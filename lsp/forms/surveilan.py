"""Forms of a surveilan and of PKB. Its questions are rows, so their controls are read by hand; shape only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField, EmailField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, NumberRange, Optional

from lsp.forms.base import (
    NAME,
    Form,
    HiddenNumber,
    NumberField,
    as_line,
    at_most,
    edition_field,
    one_line,
    required,
    trimmed,
)
from lsp.forms.registration import EMAIL, PHONE, EvidenceForm

Posted = MultiDict[str, str]
YES, NO = "ya", "tidak"
LONGEST, LONGEST_LINE = 2_000, 200
_TOO_LONG = f"paling panjang {LONGEST:,} huruf.".replace(",", ".")


@dataclass(slots=True)
class TypedReport:
    """A report as it was sent: what is kept of it, and what is wrong by control."""

    body: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


def read_report(form: Posted, words: Mapping[str, Any]) -> TypedReport:
    """`<key>` for each question, `logbook-<row>-<column>` for the logbook. What is empty is not kept."""
    made = TypedReport()
    for number, question in enumerate(words["questions"], 1):
        key, text = question["key"], trimmed(form.get(question["key"], ""))
        if question["kind"] == "yes_no":
            text = text if text in (YES, NO) else ""
        elif len(text) > LONGEST:
            made.problems[key] = f"No. {number}: {_TOO_LONG}"
        if text:
            made.body[key] = text
    rows = []
    for row in range(words["logbook"]["rows"]):
        cells = {}
        for column, label in words["logbook"]["columns"]:
            name = f"logbook-{row}-{column}"
            cells[column] = as_line(form.get(name, ""))
            if len(cells[column]) > LONGEST_LINE:
                made.problems[name] = f"{label}: paling panjang {LONGEST_LINE} huruf."
        if any(cells.values()):
            rows.append(cells)
    if rows:
        made.body["logbook"] = rows
    return made


class SuperiorForm(Form):
    """Whom the holder names."""

    name = StringField(
        "Nama atasan",
        filters=[as_line],
        validators=[required("nama atasan"), at_most(120), *NAME],
    )
    position = StringField(
        "Jabatannya",
        filters=[as_line],
        validators=[required("jabatannya"), at_most(LONGEST_LINE), one_line],
    )
    phone = StringField(
        "Nomor HP atau telepon",
        filters=[as_line],
        validators=[required("nomor teleponnya"), PHONE],
    )
    email = EmailField("E-mail", filters=[as_line], validators=[Optional(), at_most(254), EMAIL])


class SendForm(Form):
    """`seen`: the edition that stood on the screen."""

    version = HiddenNumber()
    seen = edition_field()
    agreed = BooleanField(
        "Saya menyatakan",
        validators=[DataRequired("Centang pernyataannya, baru isian dapat dikirim.")],
    )
    typed_name = StringField(
        "Ketik nama lengkap Anda",
        filters=[as_line],
        validators=[required("nama lengkap Anda"), at_most(120), one_line],
    )


class AssignForm(Form):
    version = HiddenNumber()
    person = SelectField("Asesor", validators=[required("asesor")])
    note = TextAreaField("Alasan mengganti", filters=[trimmed], validators=[Optional(), at_most(LONGEST)])  # fmt: skip


class VerdictForm(Form):
    """Its points are read by `read_points`."""

    version = HiddenNumber()
    other_method = StringField(
        "Cara lain",
        filters=[as_line],
        validators=[Optional(), at_most(LONGEST_LINE), one_line],
    )
    reason = TextAreaField(
        "Alasan",
        filters=[trimmed],
        validators=[required("alasan"), at_most(LONGEST)],
    )
    second_until = DateField("Kesempatan kedua sampai", validators=[Optional()])


def read_points(form: Posted, words: Mapping[str, Any]) -> dict[str, tuple[bool | None, str]]:
    """Each point by key: met or not (None where nothing was pressed), and its note."""
    found = {}
    for point in words["points"]:
        pressed = form.get(f"p-{point['key']}", "")
        met = pressed == YES if pressed in (YES, NO) else None
        note = trimmed(form.get(f"c-{point['key']}", ""))[:LONGEST]
        found[point["key"]] = (met, note)
    return found


@dataclass(slots=True)
class TypedLetter:
    """A superior's answer: what is kept of it, and what is wrong by control."""

    answers: dict[str, str] = field(default_factory=dict)
    agreed: bool = False
    problems: dict[str, str] = field(default_factory=dict)


def read_letter(form: Posted, words: Mapping[str, Any]) -> TypedLetter:
    made = TypedLetter(agreed="agreed" in form)
    for number, question in enumerate(words["superior"]["questions"], 1):
        text = trimmed(form.get(question["key"], ""))
        made.answers[question["key"]] = text
        if not text:
            made.problems[question["key"]] = f"No. {number}: belum dijawab."
        elif len(text) > LONGEST:
            made.problems[question["key"]] = f"No. {number}: {_TOO_LONG}"
    if not made.agreed:
        made.problems["agreed"] = "Centang pernyataan di atas tombol, baru jawaban dapat dikirim."
    return made


class PkbForm(EvidenceForm):
    """An activity with its proof; the file's label is the activity's name."""

    held_on = DateField("Tanggal", validators=[required("tanggalnya")])
    credits = NumberField(
        "Angka kredit (SKPK)",
        validators=[required("angka kreditnya"), NumberRange(1, 200, "Tulis angka 1 sampai 200.")],
    )


class PkbVerdictForm(Form):
    accepted = StringField(validators=[required("diterima atau ditolak")])
    note = TextAreaField("Catatan", filters=[trimmed], validators=[Optional(), at_most(LONGEST)])
