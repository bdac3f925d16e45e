"""Forms about where money goes."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, HiddenField, StringField
from wtforms.validators import InputRequired, ValidationError

from lsp.forms.base import NAME, Form, as_line, at_most, one_line, required


def _digits(_form: Any, field: Any) -> None:
    """An account number: digits, which may be parted by spaces, dots or dashes as banks print them."""
    bare = "".join(letter for letter in field.data or "" if letter not in " .-")
    if not (bare.isascii() and bare.isdigit()):
        raise ValidationError("Nomor rekening hanya berisi angka. Salin lagi dari buku tabungan.")
    if not 6 <= len(bare) <= 20:
        raise ValidationError("Nomor rekening biasanya 6 sampai 20 angka. Periksa lagi.")


class AccountForm(Form):
    bank = StringField(
        "Bank", filters=[as_line], validators=[required("nama bank"), at_most(80), *NAME]
    )
    number = StringField(
        "Nomor rekening",
        filters=[as_line],
        validators=[required("nomor rekening"), at_most(40), one_line, _digits],
    )
    holder = StringField(
        "Atas nama",
        filters=[as_line],
        validators=[required("nama pemilik rekening"), at_most(120), *NAME],
    )
    effective_from = DateField(
        "Berlaku mulai", validators=[InputRequired(message="Isi tanggal mulai berlaku.")]
    )
    #: Set by the page that asks once more.
    sure = HiddenField()
