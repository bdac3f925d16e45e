"""Forms of a certificate's life. Shape only: what may be proposed or decided is said by services and the machine."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import StringField, TextAreaField
from wtforms.validators import Optional

from lsp.forms.base import (
    USUAL_ID_IZIN,
    Form,
    HiddenNumber,
    as_line,
    at_least,
    at_most,
    one_line,
    sure_box,
    trimmed,
)
from lsp.forms.decision import SigningForm
from lsp.forms.registration import demanded, options, radio
from lsp.vocabulary import Mode
from lsp.workflow.machine import LEAST_GROUNDS

_WORDS = (at_least(LEAST_GROUNDS), at_most(2_000))


class ProposeForm(Form):
    """The choices of `ground` are set by the view: those of the proposal."""

    version = HiddenNumber()
    ground = radio("Dasar usulan", "dasar usulan", [], must=True)
    reason = TextAreaField("Alasan", filters=[trimmed], validators=[*_WORDS])


class LifeAnswerForm(Form):
    """The holder's answer to a notice, with one file if he wants; what the file is shows when it is rebuilt."""

    version = HiddenNumber()
    note = TextAreaField("Jawaban Anda", filters=[trimmed], validators=[*_WORDS])
    file = FileField("Bukti (foto atau PDF)")


class LifeDecisionForm(SigningForm):
    """The ketua's word about a proposal, with his password where it is asked again."""

    version = HiddenNumber()
    note = TextAreaField("Pertimbangan", filters=[trimmed], validators=[*_WORDS])


class _Correction(Form):
    correction = TextAreaField(
        "Data yang perlu dibetulkan", filters=[trimmed], validators=[Optional(), *_WORDS]
    )


class FollowForm(_Correction):
    """A permohonan begun from a certificate; what is to be corrected is asked where the kind is perubahan."""

    id_izin = demanded("ID Izin", "ID Izin", 60, USUAL_ID_IZIN)
    sure = sure_box()
    mode = radio("Cara asesmen", "cara asesmen", options(Mode), must=True)


class PreviousForm(_Correction):
    """Which certificate a permohonan is about: one of the choices, or the number of one that others issued."""

    certificate = radio("Sertifikat lama", "sertifikat lama", [], must=True)
    typed_number = StringField(
        "Nomor sertifikat lama",
        filters=[as_line],
        validators=[Optional(), at_most(80), one_line],
    )
