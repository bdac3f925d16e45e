"""FR.IA.10: whom the asesor asks, what a third party answers, and what the asesor makes of it.

The answers have a control for each question of the words in force; they are read by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from werkzeug.datastructures import MultiDict
from wtforms import EmailField, StringField, TextAreaField
from wtforms.validators import Optional

from lsp.forms.assessment import OneOfField, choices, one_of
from lsp.forms.base import NAME, Form, as_line, at_least, at_most, one_line, required, trimmed
from lsp.forms.registration import EMAIL, PHONE
from lsp.services.third_party_words import Question, Questions
from lsp.vocabulary import Conclusion
from lsp.workflow.machine import LEAST_REASON

YES, NO = "ya", "tidak"
#: Letters of an answer in words, and of a line about the third party himself.
LONGEST, LONGEST_LINE = 2_000, 200
_TOO_LONG = f"Paling panjang {LONGEST:,} huruf.".replace(",", ".")
NO_WAY = "Isi e-mail, atau nomor HP untuk WhatsApp atau telepon."


class ThirdPartyForm(Form):
    """Who is to be asked."""

    name = StringField(
        "Nama pihak ketiga",
        filters=[as_line],
        validators=[required("nama pihak ketiga"), at_most(120), *NAME],
    )
    workplace = StringField(
        "Tempat kerja",
        filters=[as_line],
        validators=[required("tempat kerjanya"), at_most(LONGEST_LINE), one_line],
    )
    address = StringField(
        "Alamat tempat kerja",
        filters=[as_line],
        validators=[Optional(), at_most(LONGEST_LINE), one_line],
    )
    phone = StringField("Nomor HP atau telepon", filters=[as_line], validators=[Optional(), PHONE])
    email = EmailField("E-mail", filters=[as_line], validators=[Optional(), at_most(254), EMAIL])

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        if not (self.phone.data or self.email.data):
            self.phone.errors = [NO_WAY]
            return False
        return valid


class LetterForm(Form):
    """The asesor's finding on a letter and his conclusion on FR.IA.10."""

    supports = OneOfField(
        "Jawaban ini mendukung kompetensi asesi",
        choices=choices(((YES, "Ya, mendukung"), (NO, "Tidak mendukung"))),
        validators=[one_of("mendukung atau tidak")],
    )
    finding = TextAreaField(
        "Alasan", filters=[trimmed], validators=[at_least(LEAST_REASON), at_most(LONGEST)]
    )
    conclusion = OneOfField(
        "Kesimpulan FR.IA.10",
        choices=choices((each.value, each.label) for each in Conclusion),
        validators=[one_of("kesimpulan FR.IA.10")],
    )


# --- The answers -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class TypedLetter:
    """An answer as it was sent: identity and controls as typed, what is kept of them, what is wrong by control."""

    identity: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    agreed: bool = False
    answers: dict[str, bool | str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    #: The same beside a question, where its number stands already.
    beside: dict[str, str] = field(default_factory=dict)
    #: How much a question in words, and a line, takes.
    longest: ClassVar[int] = LONGEST
    longest_line: ClassVar[int] = LONGEST_LINE


def read_letter(form: MultiDict[str, str], asked: Questions) -> TypedLetter:
    """`id-<key>` and a control for each question; `agreed` is the sentence above the button."""
    made = TypedLetter(agreed="agreed" in form)
    for key, label in asked.identity:
        _read_line(made, f"id-{key}", label, as_line(form.get(f"id-{key}", "")))
    for number, question in enumerate(asked.all, start=1):
        _read_answer(made, number, question, trimmed(form.get(question.key, "")))
    if not made.agreed:
        made.problems["agreed"] = "Centang pernyataan di atas tombol, baru jawaban dapat dikirim."
    return made


def _read_line(made: TypedLetter, name: str, label: str, text: str) -> None:
    made.identity[name.removeprefix("id-")] = text
    if not text and name == "id-name":
        made.problems[name] = "Isi nama Anda."
    elif len(text) > LONGEST_LINE:
        made.problems[name] = f"{label}: paling panjang {LONGEST_LINE} huruf."


def _read_answer(made: TypedLetter, number: int, question: Question, text: str) -> None:
    """What is wrong is said by its number: the questions are long, and the summary of them is read on a phone."""
    made.typed[question.key] = text
    if question.yes_no:
        if text in (YES, NO):
            made.answers[question.key] = text == YES
        else:
            _refuse(made, number, question, "Pilih Ya atau Tidak.")
    elif len(text) > LONGEST:
        _refuse(made, number, question, _TOO_LONG)
    elif text:
        made.answers[question.key] = text
    elif not question.optional:
        _refuse(made, number, question, "Belum dijawab.")


def _refuse(made: TypedLetter, number: int, question: Question, sentence: str) -> None:
    made.beside[question.key] = sentence
    made.problems[question.key] = f"No. {number}: {sentence[0].lower()}{sentence[1:]}"


def empty_letter(identity: Mapping[str, str]) -> TypedLetter:
    """What stands in the fields before anything is typed."""
    return TypedLetter(identity=dict(identity))
