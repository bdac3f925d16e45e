"""Forms of what is written after an assessment: FR.AK.03, FR.AK.05, FR.AK.06. Their rows and cells are read by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import StringField
from wtforms.validators import Optional

from lsp.forms.assessment import before_sending, words
from lsp.forms.base import (
    Form,
    as_line,
    at_most,
    edition_field,
    one_line,
    required,
    trimmed,
)

Posted = MultiDict[str, str]
#: A note beside one item; a cell of FR.AK.06.
LONGEST_NOTE, LONGEST_CELL, LONGEST = 1_000, 200, 4_000


class FeedbackForm(Form):
    """What FR.AK.03 asks beside its ten items; those are read by `read_items`."""

    comment = words("Komentar lain", Optional())
    seen = edition_field()


@dataclass(frozen=True, slots=True)
class TypedItem:
    """An item of FR.AK.03 as it was sent. yes: "ya", "tidak" or empty; the errors: sentences, or empty."""

    yes: str
    note: str
    error: str = ""
    note_error: str = ""


def read_items(form: Posted, numbers: Iterable[str]) -> dict[str, TypedItem]:
    """Items by number, named `b<number>` and `b<number>-catatan`."""
    found = {}
    for number in numbers:
        yes = form.get(f"b{number}", "")
        yes = yes if yes in ("ya", "tidak") else ""
        note = trimmed(form.get(f"b{number}-catatan", ""))
        found[number] = TypedItem(
            yes,
            note,
            "" if yes else f"No. {number}: pilih Ya atau Tidak.",
            _too_long(note, LONGEST_NOTE),
        )
    return found


def _too_long(text: str, most: int) -> str:
    return str(at_most(most).message) if len(text) > most else ""


class Ak05Form(Form):
    """FR.AK.05 without its rows, which are the batch itself."""

    aspects = words("Aspek Negatif dan Positif dalam Asesmen", before_sending, most=LONGEST)
    refusals = words("Pencatatan Penolakan Hasil Asesmen", Optional(), most=LONGEST)
    suggestions = words("Saran Perbaikan (Asesor/Personil Terkait)", Optional(), most=LONGEST)
    note = words("Catatan", Optional(), most=LONGEST)
    seen = edition_field()


class Ak06Form(Form):
    """The texts of FR.AK.06; its cells are read by `read_cells`."""

    recommendation_process = words(
        "Rekomendasi untuk peningkatan: proses asesmen", Optional(), most=LONGEST
    )
    recommendation_consistency = words(
        "Rekomendasi untuk peningkatan: konsistensi keputusan", Optional(), most=LONGEST
    )
    explanation = words("Komentar", Optional(), most=LONGEST)
    seen = edition_field()


def read_cells(form: Posted, ticks: Sequence[str], dimensions: Sequence[str]) -> dict[str, Any]:
    """Answers of FR.AK.06 by key: whether a cell was ticked, and what was written for each dimension."""
    ticked = set(form.getlist("sel"))
    written = {key: as_line(form.get(f"dimensi-{key}", "")) for key in dimensions}
    return {key: key in ticked for key in ticks} | {k: text for k, text in written.items() if text}


def wrong_cells(answers: Mapping[str, Any], dimensions: Sequence[str]) -> dict[str, str]:
    """Sentences by dimension whose text is too long."""
    found = {key: _too_long(answers.get(key, ""), LONGEST_CELL) for key in dimensions}
    return {key: sentence for key, sentence in found.items() if sentence}


class ReportSignForm(Form):
    """`seen`: the edition that stood on the screen."""

    typed_name = StringField(
        "Nama lengkap Anda",
        filters=[as_line],
        validators=[required("nama lengkap Anda"), at_most(120), one_line],
    )
    seen = edition_field()
