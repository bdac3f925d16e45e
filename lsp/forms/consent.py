"""A new version of a text that people agree to. Shape only; what may be published is the service's."""

from __future__ import annotations

from wtforms import DateField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired

from lsp.forms.base import Form, HiddenNumber, as_line, at_most, one_line, required, trimmed


class ConsentTextForm(Form):
    title = StringField(
        "Judul", filters=[as_line], validators=[required("judul"), at_most(200), one_line]
    )
    body = TextAreaField(
        "Isi teks", filters=[trimmed], validators=[required("isi teks"), at_most(20_000)]
    )
    effective_from = DateField(
        "Berlaku mulai", validators=[InputRequired(message="Isi tanggal mulai berlaku.")]
    )
    #: The newest version its writer saw.
    after = HiddenNumber()
    #: `terbitkan` on the page that shows the text as the asesi will see it, `ubah` to go back to writing.
    step = HiddenField()
