"""The form of a new version of a number series. What a pattern may hold is said by services/number_series.py."""

from __future__ import annotations

from wtforms import DateField, StringField
from wtforms.validators import InputRequired, NumberRange, Optional

from lsp.forms.base import Form, NumberField, as_line, at_most, one_line, required


class NumberSeriesForm(Form):
    pattern = StringField(
        "Pola baru", filters=[as_line], validators=[required("polanya"), at_most(120), one_line]
    )
    start = NumberField(
        "Nomor pertama",
        validators=[
            Optional(),
            NumberRange(min=1, max=999_999, message="Tulis angka 1 sampai 999999."),
        ],
    )
    effective_from = DateField(
        "Berlaku mulai", validators=[InputRequired(message="Isi tanggal mulai berlaku.")]
    )
