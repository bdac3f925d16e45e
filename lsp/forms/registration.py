"""Forms of the asesi's page. They check shape; what is missing before sending is said by the workflow's guards.

Fields of FR.APL.01 may be left empty for now: `needed` marks those that must be filled before sending.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask_wtf.file import FileField
from wtforms import (
    DateField,
    EmailField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice as SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Length, Optional, Regexp, ValidationError

from lsp import clock
from lsp.forms.base import (
    RELOAD,
    USUAL_ID_IZIN,
    ActionForm,
    Form,
    HiddenNumber,
    Printable,
    as_line,
    at_most,
    drawn_with_the_page,
    one_line,
    required,
    sure_box,
    trimmed,
)
from lsp.vocabulary import Answer, AssessmentPurpose, Labelled, Mode, RequestKind, Sex
from lsp.workflow.guards.registration import number_fault

EMAIL = Regexp(
    r"\A[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+\Z",
    message="Alamat e-mail ini belum lengkap. Contoh: nama@contoh.id.",
)
PHONE = Regexp(
    r"\A[0-9+()./ -]{6,30}\Z", message="Tulis nomor telepon dengan angka, misalnya 0812 3456 7890."
)
#: Digits of the shortest mobile number with its prefix (ten in Indonesia; some abroad have nine).
_LEAST_MOBILE = 9
_POSTCODE = Regexp(r"\A[0-9]{5}\Z", message="Kode pos terdiri dari 5 angka.")
NIK = Regexp(
    r"\A[0-9A-Za-z]{5,20}\Z",
    message="NIK terdiri dari 16 angka. Warga negara asing: tulis nomor paspor, huruf dan angka tanpa spasi.",
)


def needed(_form: Any, _field: Any) -> None:
    """Must be filled before sending, but may wait: the browser asks, the server takes what there is."""


needed.field_flags = {"required": True}  # type: ignore[attr-defined]


def whole_mobile(_form: Any, field: Any) -> None:
    """A number that can be called: the shape alone lets half of one through."""
    digits = sum(map(str.isdigit, field.data or ""))
    if 0 < digits < _LEAST_MOBILE:
        raise ValidationError(
            f"Nomor HP ini baru {digits} angka. Tulis lengkap, misalnya 0812 3456 7890."
        )


def only_signs(value: Any) -> Any:
    """A number without the spaces, dots and dashes that people write into it."""
    return re.sub(r"[\s.-]", "", value.replace("\x00", "")) if isinstance(value, str) else value


def options(members: Iterable[Labelled]) -> list[SelectChoice]:
    return [SelectChoice(member.value, member.label) for member in members]


class OneOf:
    """The answer is one of the field's choices; with `must`, there is one."""

    def __init__(self, what: str, *, must: bool = False) -> None:
        self.sentence, self.must = f"Pilih {what}.", must
        self.field_flags = {"required": True} if must else {}

    def __call__(self, _form: Any, field: Any) -> None:
        if not field.data:
            field.data = ""
            if self.must:
                raise ValidationError(self.sentence)
        elif field.data not in {choice.value for choice in field.iter_choices()}:
            raise ValidationError(self.sentence)


def radio(label: str, what: str, choices: list[SelectChoice], *, must: bool = False) -> RadioField:
    return RadioField(
        label,
        choices=choices,
        validate_choice=False,
        coerce=lambda value: value or "",
        validators=[OneOf(what, must=must)] if must else [needed, OneOf(what)],
    )


class DayField(DateField):
    """A date as browsers send it, or as people write it: 31/12/1990."""

    def __init__(self, label: str, validators: Any = None, **more: Any) -> None:
        super().__init__(label, validators, format=["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"], **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            super().process_formdata([valuelist[0].strip()])
        except ValueError as error:
            self.data = None
            raise ValueError("Tulis tanggal seperti ini: 31/12/1990.") from error
        if self.data is not None and not 1900 <= self.data.year <= clock.today_wib().year + 20:
            self.data = None
            raise ValueError("Periksa tahunnya.")


class YearField(IntegerField):
    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not text:
            return
        if not re.fullmatch(r"[0-9]{4}", text) or not 1940 <= int(text) <= clock.today_wib().year:
            raise ValueError("Tulis tahun dengan empat angka, misalnya 2015.")
        self.data = int(text)


def line(label: str, most: int, *checks: Any, field: Any = StringField, must: bool = False) -> Any:
    """A field of one line; empty is let through unless its checks ask for more."""
    first = [needed] if must else []
    return field(
        label, filters=[as_line], validators=[*first, Optional(), at_most(most), one_line, *checks]
    )


def demanded(label: str, what: str, most: int, *checks: Any) -> StringField:
    return StringField(
        label, filters=[as_line], validators=[required(what), at_most(most), one_line, *checks]
    )


class StartForm(Form):
    id_izin = demanded("ID Izin", "ID Izin", 60, USUAL_ID_IZIN)
    sure = sure_box()
    skema = radio("Skema yang Anda ajukan", "skema", [], must=True)
    kind = radio("Jenis permohonan", "jenis permohonan", options(RequestKind), must=True)
    mode = radio("Cara asesmen", "cara asesmen", options(Mode), must=True)


class CorrectIdIzinForm(Form):
    id_izin = demanded("ID Izin", "ID Izin", 60, USUAL_ID_IZIN)
    sure = sure_box()


class ClaimForm(Form):
    nik = StringField("NIK Anda", filters=[only_signs], validators=[required("NIK"), NIK])


class AnswerToAdminForm(Form):
    words = TextAreaField(
        "Jawaban Anda", filters=[trimmed], validators=[required("jawaban Anda"), at_most(500)]
    )


class SectionForm(Form):
    """A section of FR.APL.01. `seen` is the edition of the stored values that the form was drawn from."""

    seen = HiddenField(validators=[Length(max=64, message=RELOAD)])


class PersonalForm(SectionForm):
    full_name = line("Nama lengkap", 120, Printable(), must=True)
    nik = StringField(
        "Nomor KTP/NIK",
        filters=[only_signs],
        validators=[needed, Optional(), NIK],
    )
    birth_place = line("Tempat lahir", 80, must=True)
    birth_date = DayField("Tanggal lahir", validators=[needed, Optional()])
    sex = radio("Jenis kelamin", "jenis kelamin", options(Sex))
    nationality = line("Kebangsaan", 60, must=True)
    address = TextAreaField(
        "Alamat rumah", filters=[trimmed], validators=[needed, Optional(), at_most(500)]
    )
    province_code = SelectField(
        "Provinsi", validate_choice=False, validators=[needed, OneOf("provinsi")]
    )
    city_code = SelectField(
        "Kabupaten/kota",
        validate_choice=False,
        validators=[needed, OneOf("kabupaten/kota di provinsi Anda")],
    )
    postcode = line("Kode pos", 5, _POSTCODE)
    phone_mobile = line("Nomor HP", 30, PHONE, whole_mobile, field=TelField, must=True)
    phone_home = line("Telepon rumah", 30, PHONE, field=TelField)
    phone_office = line("Telepon kantor", 30, PHONE, field=TelField)
    email = line("E-mail", 254, EMAIL, field=EmailField, must=True)

    def validate_nik(self, field: Any) -> None:
        """The shape that sending will ask for; whether it fits birth and sex is only asked about."""
        fault = number_fault(self.nationality.data, field.data)
        if fault and not field.errors:
            raise ValidationError(fault)

    def validate_birth_date(self, field: Any) -> None:
        if field.data is not None and field.data >= clock.today_wib():
            raise ValidationError("Tanggal lahir harus sudah lewat.")


class WorkForm(SectionForm):
    institution = line("Nama institusi/perusahaan", 160)
    position = line("Jabatan", 120)
    office_address = TextAreaField(
        "Alamat kantor", filters=[trimmed], validators=[Optional(), at_most(500)]
    )
    office_postcode = line("Kode pos kantor", 5, _POSTCODE)
    office_phone = line("Telepon kantor", 30, PHONE, field=TelField)
    office_fax = line("Fax kantor", 30, PHONE, field=TelField)
    office_email = line("E-mail pekerjaan", 254, EMAIL, field=EmailField)


class CertificationForm(SectionForm):
    purpose = radio("Tujuan asesmen", "tujuan asesmen", options(AssessmentPurpose))
    purpose_other = line("Tujuan lainnya", 200)
    funding = RadioField(
        "Sumber anggaran",
        validate_choice=False,
        coerce=lambda value: value or "",
        validators=[OneOf("sumber biaya")],
    )
    ministry = line("Kementerian, lembaga, atau pemerintah daerah yang membiayai", 160)
    claimed_rule = radio("Syarat yang Anda penuhi", "syarat yang Anda penuhi", [])


class AnswerForm(Form):
    """One elemen of FR.APL.02; the unit's page draws its own controls."""

    answer = RadioField(
        choices=options(Answer),
        validate_choice=False,
        coerce=lambda value: value or "",
        validators=[OneOf("K atau BK")],
    )
    note = TextAreaField(filters=[trimmed], validators=[Optional(), at_most(1000)])
    documents = SelectMultipleField(validate_choice=False)

    def validate_documents(self, field: Any) -> None:
        known = {choice.value for choice in field.iter_choices()}
        if not set(field.data or ()) <= known:
            raise ValidationError("Ada bukti yang sudah dihapus. Pilih lagi buktinya.")


class UploadForm(Form):
    file = FileField("Foto atau berkas", validators=[needed])


class EvidenceForm(UploadForm):
    label = StringField(
        "Apa isi berkas ini?",
        filters=[as_line],
        validators=[required("apa isi berkas ini"), at_most(120), one_line],
    )


class ConsentForm(Form):
    """`text_version`: the version of the text that stood on the screen."""

    text_version = HiddenNumber()


class SignForm(Form):
    """`seen`: the digest of what stood on the screen."""

    typed_name = StringField(
        "Ketik nama lengkap Anda",
        filters=[as_line],
        validators=[required("nama lengkap Anda"), at_most(120), one_line],
    )
    seen = HiddenField(validators=[Length(max=64, message=RELOAD)])
    #: Strokes of a finger; what cannot be read as such is no drawing, and never stands against signing.
    drawing = HiddenField()


class BookForm(ActionForm):
    slot = StringField(validators=[drawn_with_the_page(), at_most(16)])
