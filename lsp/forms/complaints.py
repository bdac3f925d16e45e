"""Forms of keluhan: what anybody writes, following it, and the steps of who handles it."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional, ValidationError

from lsp.forms.assessment import SomeOfField
from lsp.forms.base import (
    NAME,
    RELOAD,
    ActionForm,
    Form,
    HiddenNumber,
    as_line,
    at_least,
    at_most,
    one_line,
    required,
    trimmed,
)
from lsp.forms.registration import EMAIL, PHONE

LONGEST = 4_000
#: Letters of a keluhan by which somebody can begin to look.
LEAST = 20


def reachable(_form: Any, field: Any) -> None:
    """A mail address or a number."""
    text = field.data or ""
    if not (EMAIL.regex.match(text) or PHONE.regex.match(text)):
        raise ValidationError("Tulis alamat e-mail lengkap, atau nomor HP dengan angka.")


def left_empty(_form: Any, field: Any) -> None:
    """People do not see it; programs that fill every field do."""
    if field.data:
        raise ValidationError("Kosongkan isian “Situs web”, lalu kirim lagi.")


def _line(label: str, most: int, *rules: Any) -> StringField:
    return StringField(label, filters=[as_line], validators=[*rules, at_most(most), one_line])


class ComplaintForm(Form):
    """A keluhan, from anybody. sent_key is drawn with the page: the same form sent twice is one keluhan."""

    sent_key = HiddenField(validators=[Length(min=16, max=32, message=RELOAD)])
    name = StringField(
        "Nama Anda", filters=[as_line], validators=[required("nama Anda"), at_most(120), *NAME]
    )
    contact = _line("E-mail atau nomor HP", 254, required("e-mail atau nomor HP"), reachable)
    relation = _line("Anda siapa dalam hal ini", 80, Optional())
    about = _line("Tentang apa", 160, required("tentang apa keluhan ini"))
    certificate_number = _line("Nomor sertifikat", 60, Optional())
    body = TextAreaField(
        "Ceritakan kejadiannya",
        filters=[trimmed],
        validators=[required("kejadiannya"), at_least(LEAST), at_most(LONGEST)],
    )
    website = StringField("Situs web", filters=[trimmed], validators=[left_empty])


class FollowForm(Form):
    """By the receipt, with the contact that was left."""

    receipt = _line("Nomor tanda terima", 20, required("nomor tanda terima"))
    contact = _line("E-mail atau nomor HP yang Anda tulis", 254, required("e-mail atau nomor HP"))


class RegisterForm(ActionForm):
    """Whom it is about, and which case."""

    people = SomeOfField("Orang LSP yang dikeluhkan", validators=[Optional()])
    about_case = _line("ID Izin atau nomor sertifikat", 60, Optional())


class InvestigatorForm(Form):
    version = HiddenNumber()
    person = SelectField("Pemeriksa")
    note = TextAreaField("Alasan mengganti", filters=[trimmed], validators=[at_most(2_000)])


class NoteForm(Form):
    """The words of a step: news, a note, the finding, the letter."""

    version = HiddenNumber()

    note = TextAreaField("Tulis di sini", filters=[trimmed], validators=[at_most(LONGEST)])
