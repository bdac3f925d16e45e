"""Forms of stage 4: pleno, vote, decision, SK, blanko and LPJK numbers, and the public certificate check.

Shape only: who may vote and when a case may be decided is said by services and the workflow.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    PasswordField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    Optional,
    ValidationError,
)

from lsp import clock
from lsp.forms.base import (
    Form,
    HiddenNumber,
    Printable,
    Usual,
    as_line,
    at_least,
    at_most,
    edition_field,
    one_line,
    required,
    sure_box,
    trimmed,
)
from lsp.forms.pleno import MeetsForm
from lsp.papers.certificate import LONGEST_NUMBER
from lsp.papers.qr import fits_on_paper
from lsp.workflow.machine import LEAST_GROUNDS, LEAST_REASON

_NUMBER = (one_line, Printable(LONGEST_NUMBER, capitals=True))


def _fits(_form: Any, field: Any) -> None:
    if not fits_on_paper(field.data or ""):
        raise ValidationError(
            "Isi kode QR ini terlalu panjang untuk dicetak di sertifikat. Salin lagi dari jawaban LPJK."
        )


# Seen in public registers, confirmed by no document (process 5.1): asked about, not refused.
_USUAL_LPJK = Usual(
    r"[A-Z][0-9]{4}[0-9]{5,6}[0-9]{4}[0-9]{7}[A-Z]{2}[0-9]{2}", "F 0000 000123 2026 0000042 MP 01"
)

_USUAL_QR = Usual(r"https?://[^/]+\.[^/]+/.+", "https://siki.pu.go.id/…")


class VoteForm(Form):
    """One member's word. Why he disagrees is asked by the service, which knows whether he does."""

    word = RadioField(
        "Suara Anda",
        choices=[
            SelectChoice("setuju", "Setuju dengan rekomendasi"),
            SelectChoice("tidak", "Tidak setuju"),
        ],
        validators=[InputRequired(message="Pilih setuju atau tidak setuju.")],
        validate_choice=True,
    )
    note = TextAreaField("Catatan", filters=[trimmed], validators=[Optional(), at_most(2_000)])
    declared = BooleanField(
        "Saya menyatakan tidak melatih asesi ini dalam 2 tahun terakhir dan tidak punya benturan kepentingan.",
        validators=[DataRequired(message="Centang pernyataan ini sebelum memberi suara.")],
    )


class DecideForm(Form):
    """A step of the chair: the version the page was drawn from, and a note where the step asks one."""

    version = HiddenNumber()
    note = TextAreaField(filters=[trimmed], validators=[Optional(), at_most(2_000)])


class ReasonForm(Form):
    """A weighty act that always needs words."""

    version = HiddenNumber()
    note = TextAreaField(
        "Alasan", filters=[trimmed], validators=[at_least(LEAST_GROUNDS), at_most(2_000)]
    )


class _HeldOn(Form):
    """The day of a pleno; whether it fits its cases is said by the service."""

    held_on = DateField("Tanggal rapat", validators=[InputRequired(message="Isi tanggal rapat.")])

    def validate_held_on(self, field: DateField) -> None:
        day: date | None = field.data
        if day is not None and abs(day - clock.today_wib()) > timedelta(days=180):
            raise ValidationError("Tanggal ini terlalu jauh dari hari ini. Periksa tahunnya.")


class PlenoDayForm(_HeldOn):
    """Another day. `seen`: the one that stood on the screen."""

    seen = edition_field()


class PlenoForm(_HeldOn, MeetsForm):
    """Calling a pleno. The choices are set by the view, from who and what there is."""

    members = SelectMultipleField(
        "Anggota rapat", validators=[InputRequired(message="Pilih anggota rapat.")]
    )
    chair = RadioField(
        "Ketua rapat",
        validators=[InputRequired(message="Pilih ketua rapat dari antara anggota.")],
    )
    cases = SelectMultipleField(
        "Permohonan yang dibahas",
        validators=[InputRequired(message="Pilih sedikitnya satu permohonan.")],
    )


class BlankoForm(Form):
    version = HiddenNumber()
    blanko = StringField(
        "Nomor blangko BNSP",
        filters=[as_line],
        validators=[required("nomor blangko"), at_most(40), *_NUMBER],
    )


class BlankoReasonForm(Form):
    """Why a blanko cannot be used."""

    note = TextAreaField(
        "Apa yang terjadi",
        filters=[trimmed],
        validators=[required("apa yang terjadi"), at_least(LEAST_REASON), at_most(500)],
    )


class LpjkForm(Form):
    version = HiddenNumber()
    lpjk_number = StringField(
        "Nomor registrasi LPJK",
        filters=[as_line],
        validators=[required("nomor registrasi LPJK"), at_most(60), *_NUMBER, _USUAL_LPJK],
    )
    lpjk_qr = StringField(
        "Isi kode QR LPJK",
        filters=[trimmed],
        validators=[required("isi kode QR dari LPJK"), at_most(300), one_line, _fits, _USUAL_QR],
    )
    sure = sure_box()


class CorrectForm(Form):
    """An empty number leaves the old one as it is."""

    version = HiddenNumber()
    blanko = StringField(
        "Nomor blangko BNSP",
        id="betul-blanko",
        filters=[as_line],
        validators=[Optional(), at_most(40), *_NUMBER],
    )
    lpjk_number = StringField(
        "Nomor registrasi LPJK",
        id="betul-lpjk",
        filters=[as_line],
        validators=[Optional(), at_most(60), *_NUMBER, _USUAL_LPJK],
    )
    lpjk_qr = StringField(
        "Isi kode QR LPJK",
        id="betul-qr",
        filters=[trimmed],
        validators=[Optional(), at_most(300), one_line, _fits, _USUAL_QR],
    )
    sure = sure_box()
    note = TextAreaField(
        "Alasan pembetulan",
        id="betul-alasan",
        filters=[trimmed],
        validators=[required("alasan pembetulan"), at_least(LEAST_REASON), at_most(500)],
    )


class SigningForm(Form):
    """The ketua's password, and the code where his account has a second factor, asked when he last showed them more
    than ten minutes ago."""

    password = PasswordField("Kata sandi Anda", validators=[Optional(), Length(max=128)])
    code = StringField("Kode verifikasi", validators=[Optional(), Length(max=20)])


class CertificateSearchForm(Form):
    number = StringField(
        "Nomor sertifikat atau nomor registrasi LPJK",
        filters=[trimmed],
        validators=[required("nomor sertifikat"), at_most(80)],
    )
    name = StringField(
        "Nama pemegang sertifikat",
        filters=[trimmed],
        validators=[required("nama seperti yang tercetak"), at_most(120)],
    )


class OfficialForm(Form):
    """instead_of: the official file that was in force when the page was drawn, or nothing."""

    instead_of = StringField(validators=[Optional(), at_most(16)])
    file = FileField("Berkas PDF resmi", validators=[FileRequired("Pilih berkas PDF dulu.")])
    note = TextAreaField(
        "Mengapa berkas yang lama diganti?",
        filters=[trimmed],
        validators=[Optional(), at_most(500)],
    )
