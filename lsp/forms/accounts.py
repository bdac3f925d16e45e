"""Forms of the account pages. Whether a password is good enough is said by services/accounts.py."""

from __future__ import annotations

from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length, Regexp

from lsp.forms.assessment import choices
from lsp.forms.base import NAME, Form, as_line, at_most, required, trimmed
from lsp.forms.schedule import ListField
from lsp.services.zones import ZONES

# Shape only: whether the address exists is shown by the mail that arrives. One plain address, so nothing in it
# can add a header or a second receiver; reserved domains pass, since the demo's people live in demo.example.
_EMAIL = Regexp(
    r"\A[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+\Z",
    message="Alamat e-mail ini belum lengkap. Contoh: nama@contoh.id.",
)
_NOT_TOO_LONG = Length(max=128, message="Kata sandi paling panjang 128 karakter.")


class SignInForm(Form):
    email = EmailField(
        "E-mail", filters=[trimmed], validators=[required("alamat e-mail"), at_most(254)]
    )
    password = PasswordField("Kata sandi", validators=[required("kata sandi"), _NOT_TOO_LONG])
    next = HiddenField()


class SignUpForm(Form):
    name = StringField(
        "Nama lengkap sesuai KTP",
        filters=[as_line],
        validators=[required("nama lengkap"), at_most(120), *NAME],
    )
    email = EmailField(
        "E-mail", filters=[trimmed], validators=[required("alamat e-mail"), at_most(254), _EMAIL]
    )
    password = PasswordField("Kata sandi baru", validators=[required("kata sandi"), _NOT_TOO_LONG])


class EmailForm(Form):
    email = EmailField(
        "E-mail", filters=[trimmed], validators=[required("alamat e-mail"), at_most(254), _EMAIL]
    )


class NewPasswordForm(Form):
    password = PasswordField(
        "Kata sandi baru", validators=[required("kata sandi baru"), _NOT_TOO_LONG]
    )


class ChangePasswordForm(Form):
    present = PasswordField(
        "Kata sandi sekarang", validators=[required("kata sandi sekarang"), _NOT_TOO_LONG]
    )
    password = PasswordField(
        "Kata sandi baru", validators=[required("kata sandi baru"), _NOT_TOO_LONG]
    )


_CODE = "Kode verifikasi"
CODE_HINT = "6 angka dari aplikasi autentikator. HP hilang? Pakai satu kode cadangan (12 angka)."


class CodeForm(Form):
    """The code of an authenticator app alone: the second step of signing in, and the first code of a new secret."""

    code = StringField(_CODE, validators=[required("kode verifikasi"), at_most(20)])


class PasswordForm(Form):
    password = PasswordField("Kata sandi Anda", validators=[required("kata sandi"), _NOT_TOO_LONG])


class BothFactorsForm(PasswordForm):
    """Password and code, once more, before something about the account changes."""

    code = StringField(_CODE, validators=[required("kode verifikasi"), at_most(20)])


class ZoneForm(Form):
    """The person's own time zone."""

    zone = ListField(
        "Zona waktu",
        choices=choices(ZONES),
        validators=[InputRequired(message="Pilih zona waktu.")],
    )


class OwnNameForm(Form):
    name = StringField(
        "Nama lengkap sesuai KTP",
        filters=[as_line],
        validators=[required("nama lengkap"), at_most(120), *NAME],
    )
