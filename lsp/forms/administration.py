"""Forms of the admin, the ketua and the penyelia. Shape only; what may happen now is the workflow's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import (
    InputRequired,
    Length,
    NumberRange,
    Optional,
    Regexp,
)

from lsp.forms.base import (
    NAME,
    Form,
    HiddenNumber,
    NumberField,
    RupiahField,
    as_line,
    at_least,
    at_most,
    drawn_with_the_page,
    edition_field,
    one_line,
    required,
    trimmed,
)
from lsp.vocabulary import FEES_FOR, STAFF_ROLES, InvoiceKind, Mode, RequestKind, Verdict
from lsp.workflow.machine import LEAST_GROUNDS, LEAST_REASON

_EMAIL = Regexp(
    r"\A[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+\Z",
    message="Alamat e-mail ini belum lengkap. Contoh: nama@contoh.id.",
)

_CHOOSE = "Pilih salah satu."
#: Why somebody opens a whole NIK. Codes, because the audit chain holds no free text about people.
REVEAL_REASONS = {
    "match_ktp": "Mencocokkan dengan KTP",
    "fill_siki": "Mengisi layar SIKI-LPJK",
    "fill_bnsp": "Mengisi layar BNSP",
    "asked_by_asesi": "Menjawab pertanyaan asesi",
}


def choices(members: Any) -> list[SelectChoice]:
    """Members of a labelled enum as choices."""
    return [SelectChoice(member.value, member.label) for member in members]


def offered(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """(value, words) pairs as choices."""
    return [SelectChoice(value, words) for value, words in pairs]


class VersionForm(Form):
    """A form drawn from a version of the case."""

    version = HiddenNumber()
    dari = HiddenField(filters=[trimmed], validators=[Optional(), Length(max=500)])


class StepForm(VersionForm):
    note = TextAreaField("Alasan", filters=[trimmed], validators=[Optional(), at_most(2_000)])
    #: What the page before the step showed and the step depends on: the amount of an invoice.
    shown = HiddenField()


class VerdictForm(VersionForm):
    requirement = HiddenField(validators=[drawn_with_the_page()])
    verdict = RadioField(
        "Penilaian",
        choices=choices(Verdict),
        validators=[InputRequired(message="Tekan salah satu penilaian.")],
    )
    note = TextAreaField(
        "Catatan untuk asesi", filters=[trimmed], validators=[Optional(), at_most(1_000)]
    )
    #: Asked only of what was to be repaired at SIKI.
    seen_at_siki = BooleanField("Perbaikannya sudah saya lihat di SIKI")
    #: Pressed instead of a verdict: the phrase is put into the note, and the row stays open.
    phrase = HiddenField(filters=[trimmed], validators=[Optional(), Length(max=16)])
    #: Set once it was asked whether a file that meets is to carry a note about a fault.
    sure = HiddenField()


class ProofForm(VersionForm):
    """Why a proof of payment does not show the payment; the asesi reads it."""

    note = TextAreaField(
        "Alasan",
        filters=[trimmed],
        validators=[required("alasan"), at_least(LEAST_REASON), at_most(500)],
    )


class RuleForm(VersionForm):
    rule_id = SelectField(
        "Syarat yang terpenuhi",
        coerce=int,
        validate_choice=False,
        validators=[InputRequired(message="Pilih salah satu syarat dari daftar.")],
    )
    education = HiddenField(filters=[trimmed], validators=[Optional(), Length(max=16)])


class AcceptForm(VersionForm):
    typed_name = StringField(
        "Ketik nama lengkap Anda",
        filters=[as_line],
        validators=[required("nama lengkap Anda"), at_most(120), one_line],
    )


class RevealForm(Form):
    reason = SelectField(
        "Alasan membuka NIK",
        # The case's page has another form with a reason.
        id="alasan-nik",
        choices=[SelectChoice(code, words) for code, words in REVEAL_REASONS.items()],
        validators=[InputRequired(message=_CHOOSE)],
    )
    dari = HiddenField(filters=[trimmed], validators=[Optional(), Length(max=500)])
    #: The row of the checklist it was asked from, to come back to.
    berkas = HiddenField(filters=[trimmed], validators=[Optional(), Length(max=40)])


class ReceiptForm(VersionForm):
    amount = RupiahField(
        "Uang yang diterima (rupiah)",
        validators=[InputRequired(message="Isi jumlah yang diterima.")],
    )
    reason = TextAreaField(
        "Alasan tanpa bukti bayar", filters=[trimmed], validators=[Optional(), at_most(500)]
    )
    #: Set by the page that asked about an amount which is not that of the invoice.
    sure = HiddenField()


class ReassessmentForm(VersionForm):
    amount = RupiahField(
        "Biaya asesmen ulang (rupiah)",
        validators=[InputRequired(message="Isi biayanya, atau 0 bila tanpa biaya.")],
    )
    reason = StringField(
        "Alasan biaya lain",
        filters=[as_line],
        validators=[Optional(), at_least(LEAST_REASON), at_most(200)],
    )


class StaffForm(Form):
    name = StringField(
        "Nama lengkap",
        filters=[as_line],
        validators=[required("nama lengkap"), at_most(120), *NAME],
    )
    email = EmailField(
        "E-mail", filters=[trimmed], validators=[required("alamat e-mail"), at_most(254), _EMAIL]
    )
    role = SelectField(
        "Peran", choices=choices(STAFF_ROLES), validators=[InputRequired(message=_CHOOSE)]
    )
    reason = TextAreaField(
        "Alasan usulan",
        filters=[trimmed],
        validators=[required("alasan usulan"), at_least(LEAST_REASON), at_most(500)],
    )


class SettingForm(Form):
    seen = edition_field()
    value = TextAreaField(
        "Nilai baru", filters=[trimmed], validators=[required("nilai baru"), at_most(4_000)]
    )
    effective_from = DateField(
        "Berlaku mulai", validators=[InputRequired(message="Isi tanggal mulai berlaku.")]
    )
    doubt = TextAreaField(
        "Yang belum pasti tentang nilai ini",
        filters=[trimmed],
        validators=[Optional(), at_most(1_000)],
    )


class PhraseForm(Form):
    """A phrase for the notes of the checklist."""

    code = SelectField("Untuk butir", choices=[], validate_choice=False)
    text = StringField(
        "Kalimat", filters=[as_line], validators=[required("kalimatnya"), at_most(300), one_line]
    )


class WhatsappForm(Form):
    """Which prepared text is to be opened."""

    kind = StringField("Teks", validators=[required("teksnya")])


class WhatsappTextForm(Form):
    """The words of a prepared text; what may stand in them is the service's."""

    text = TextAreaField("Teks", validators=[required("teksnya"), at_most(2000)])


class FeeForm(Form):
    purpose = SelectField(
        "Untuk",
        choices=choices(FEES_FOR),
        default=InvoiceKind.SERTIFIKASI.value,
        validators=[InputRequired(message=_CHOOSE)],
    )
    jenjang = NumberField(
        "Jenjang",
        validators=[
            InputRequired(message="Isi jenjang 1 sampai 9."),
            NumberRange(1, 9, message="Jenjang hanya 1 sampai 9."),
        ],
    )
    kind = SelectField(
        "Jenis permohonan",
        choices=choices(RequestKind),
        validators=[InputRequired(message=_CHOOSE)],
    )
    mode = SelectField(
        "Cara asesmen", choices=choices(Mode), validators=[InputRequired(message=_CHOOSE)]
    )
    amount = RupiahField("Biaya (rupiah)", validators=[InputRequired(message="Isi biayanya.")])
    effective_from = DateField(
        "Berlaku mulai", validators=[InputRequired(message="Isi tanggal mulai berlaku.")]
    )
    #: Set by the page that asks once more.
    sure = HiddenField()


class NoteForm(Form):
    note = TextAreaField(
        "Catatan", filters=[trimmed], validators=[required("catatan Anda"), at_most(1_000)]
    )


class ReasonForm(Form):
    """Why somebody declines what another person asked; that person reads it."""

    note = TextAreaField(
        "Alasan",
        filters=[trimmed],
        validators=[required("alasan"), at_least(LEAST_REASON), at_most(500)],
    )


class WaiverForm(VersionForm):
    """A duty relaxed for one person on one case."""

    who = RadioField("Untuk siapa", choices=[], validators=[InputRequired(message=_CHOOSE)])
    reason = TextAreaField(
        "Alasan",
        filters=[trimmed],
        validators=[required("alasan"), at_least(LEAST_GROUNDS), at_most(2_000)],
    )
