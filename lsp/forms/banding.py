"""Forms of a banding: FR.AK.04, what the admin asks, the panel, its findings and its answer. Shape only."""

from __future__ import annotations

from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import DataRequired, InputRequired, Optional

from lsp.forms.base import (
    Form,
    HiddenNumber,
    as_line,
    at_least,
    at_most,
    one_line,
    required,
    trimmed,
)
from lsp.workflow.machine import LEAST_GROUNDS, LEAST_REASON

LONGEST = 4_000


def _yes_or_no(number: int) -> RadioField:
    """number: under which it stands on the page, for the summary of what lacks."""
    return RadioField(
        choices=[SelectChoice("ya", "Ya"), SelectChoice("tidak", "Tidak")],
        validators=[InputRequired(message=f"No. {number}: pilih Ya atau Tidak.")],
    )


def _words(label: str, least: int = LEAST_GROUNDS, **more: Any) -> TextAreaField:
    return TextAreaField(
        label,
        filters=[trimmed],
        validators=[required(label.lower()), at_least(least), at_most(LONGEST)],
        **more,
    )


class FrAk04Form(Form):
    """FR.AK.04. The view puts the printed words of its three questions on them."""

    version = HiddenNumber()
    dijelaskan = _yes_or_no(1)
    didiskusikan = _yes_or_no(2)
    orang_lain = _yes_or_no(3)
    helper = StringField(
        "Siapa yang membantu Anda",
        filters=[as_line],
        validators=[Optional(), at_most(120), one_line],
    )
    note = _words("Alasan banding")

    def answers(self) -> dict[str, bool]:
        names = ("dijelaskan", "didiskusikan", "orang_lain")
        return {name: self._fields[name].data == "ya" for name in names}


class SignedFrAk04Form(FrAk04Form):
    """As it was looked through, with the name typed under it. `edit`: back to the form with what was typed."""

    typed_name = StringField(
        "Ketik nama lengkap Anda", filters=[as_line], validators=[Optional(), at_most(120)]
    )
    edit = SubmitField()


class CompletionForm(Form):
    version = HiddenNumber()
    note = _words("Kelengkapan")


class AskCompletionForm(Form):
    """What the admin asks of the asesi, once."""

    version = HiddenNumber()
    completion_due = DateField(
        "Dilengkapi paling lambat", validators=[InputRequired(message="Isi tanggalnya.")]
    )
    note = _words("Yang harus dilengkapi")


class PanelForm(Form):
    """The choices are set by the view, from who may sit on it."""

    version = HiddenNumber()
    people = SelectMultipleField(
        "Anggota panel", validators=[InputRequired(message="Pilih anggota panel.")]
    )


class ReplaceMemberForm(Form):
    version = HiddenNumber()
    people = SelectMultipleField("Pengganti", validators=[Optional()])
    note = _words("Alasan diganti", LEAST_REASON)


class DeclareForm(Form):
    declared = BooleanField(
        "Saya menyatakan tidak melatih asesi ini dalam 2 tahun terakhir dan tidak punya benturan kepentingan.",
        validators=[DataRequired(message="Centang pernyataan ini sebelum membaca berkasnya.")],
    )


class FindingForm(Form):
    finding = _words("Temuan Anda")


class OutcomeForm(Form):
    """What the panel answers. The choices are set by the view; the asesor is asked for one of them alone."""

    version = HiddenNumber()
    outcome = RadioField("Hasil", validators=[InputRequired(message="Pilih hasil banding.")])
    asesor = SelectField("Asesor untuk asesmen ulang", validators=[Optional()])
    reason = _words("Alasan panel")


class SignOutcomeForm(Form):
    version = HiddenNumber()
    typed_name = StringField(
        "Ketik nama lengkap Anda",
        filters=[as_line],
        validators=[required("nama lengkap Anda"), at_most(120)],
    )


class VersionForm(Form):
    """A press that needs no words."""

    version = HiddenNumber()
