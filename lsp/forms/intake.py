"""Forms of the admin for taking permohonan in: by hand, from a dossier of SIKI, and what waits to be claimed."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import (
    EmailField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Optional

from lsp.forms.administration import _CHOOSE, _EMAIL, choices
from lsp.forms.base import (
    NAME,
    USUAL_ID_IZIN,
    Form,
    as_line,
    at_most,
    one_line,
    required,
    sure_box,
    trimmed,
)
from lsp.forms.registration import NIK, PHONE, only_signs, whole_mobile
from lsp.vocabulary import Mode, RequestKind


class CorrectIdIzinForm(Form):
    id_izin = StringField(
        "ID Izin", filters=[trimmed], validators=[required("ID Izin"), at_most(80), USUAL_ID_IZIN]
    )
    sure = sure_box()


class ClaimEmailForm(Form):
    email = EmailField(
        "E-mail asesi",
        filters=[trimmed],
        validators=[required("alamat e-mail"), at_most(254), _EMAIL],
    )


class GiveForm(Form):
    """Why an ID Izin goes to the one who asks for it; the present holder reads it."""

    #: The holder that the page showed (disputes.drawn_from).
    seen = HiddenField()
    note = TextAreaField("Alasan", filters=[trimmed], validators=[Optional(), at_most(1_000)])


class DossierForm(Form):
    """A dossier of SIKI, pasted or as a file."""

    dossier = TextAreaField(
        "Tempel data SIKI berbentuk JSON", filters=[trimmed], validators=[Optional()]
    )
    file = FileField("Berkas JSON")


class _PersonForm(CorrectIdIzinForm):
    """Whom a permohonan is opened for, and what he asks for."""

    name = StringField(
        "Nama lengkap asesi sesuai KTP",
        filters=[as_line],
        validators=[required("nama lengkap"), at_most(120), *NAME],
    )
    email = EmailField(
        "E-mail asesi",
        filters=[trimmed],
        validators=[required("alamat e-mail"), at_most(254), _EMAIL],
    )
    skema = SelectField("Skema", validators=[InputRequired(message=_CHOOSE)])
    kind = RadioField(
        "Jenis permohonan",
        choices=choices(RequestKind),
        default=RequestKind.BARU.value,
        validators=[InputRequired(message=_CHOOSE)],
    )
    mode = RadioField(
        "Cara asesmen",
        choices=choices(Mode),
        default=Mode.DARING.value,
        validators=[InputRequired(message=_CHOOSE)],
    )


class DossierIntakeForm(_PersonForm):
    """What is asked beside a dossier when its ID Izin has no draft yet."""


class IdIzinForm(_PersonForm):
    nik = StringField("NIK asesi", filters=[only_signs], validators=[Optional(), NIK])
    phone = TelField(
        "Nomor HP asesi", filters=[as_line], validators=[Optional(), one_line, PHONE, whole_mobile]
    )
