"""The rows of FR.APL.01. A row is asked for at once: half a row proves nothing."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, HiddenField, SelectField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from lsp import clock
from lsp.forms.base import RELOAD, Form, NumberField, RupiahField
from lsp.forms.registration import DayField, OneOf, YearField, demanded, line


class RowForm(Form):
    """`seen`: the edition of the row that the form was drawn from; empty for a new row."""

    seen = HiddenField(validators=[Length(max=64, message=RELOAD)])


def proof_field(label: str) -> SelectField:
    """One of the files that were sent, by its public id, or none yet."""
    return SelectField(
        label, choices=[], validate_choice=False, validators=[OneOf("berkas dari daftar")]
    )


def _not_ahead(field: Any, what: str) -> None:
    if field.data is not None and field.data > clock.today_wib():
        raise ValidationError(f"{what} belum tiba.")


class EducationForm(RowForm):
    level = SelectField(
        "Jenjang", validate_choice=False, validators=[OneOf("jenjang pendidikan", must=True)]
    )
    school = demanded(
        "Nama sekolah atau perguruan tinggi", "nama sekolah atau perguruan tinggi", 160
    )
    study_programme = line("Jurusan atau program studi", 120)
    graduation_year = YearField("Tahun lulus", validators=[Optional()])
    diploma_number = line("Nomor ijazah", 60)
    diploma_date = DayField("Tanggal ijazah", validators=[Optional()])

    def validate_diploma_date(self, field: Any) -> None:
        _not_ahead(field, "Tanggal ijazah")


class ExperienceForm(RowForm):
    position = demanded("Jabatan Anda", "jabatan Anda", 120)
    project = demanded("Nama proyek", "nama proyek", 200)
    location = line("Lokasi proyek", 200)
    employer = demanded("Perusahaan atau pemberi kerja", "nama perusahaan", 160)
    started_on = DayField("Mulai bekerja", validators=[InputRequired("Isi tanggal mulai.")])
    ended_on = DayField("Selesai bekerja", validators=[Optional()])
    still = BooleanField("Masih bekerja di sana")
    project_value = RupiahField("Nilai proyek (rupiah)", digits=15, validators=[Optional()])
    simpan_number = line("Nomor SIMPAN", 40)
    proof = proof_field("Surat referensi")

    def validate_started_on(self, field: Any) -> None:
        _not_ahead(field, "Tanggal mulai")

    def validate_still(self, field: Any) -> None:
        ended = self.ended_on
        if field.data and ended.data is not None:
            ended.errors = [
                "Kosongkan tanggal selesai, atau hapus centang “Masih bekerja di sana”."
            ]
            raise ValidationError(ended.errors[0])
        if not field.data and ended.data is None and not ended.errors:
            ended.errors = ["Isi tanggal selesai, atau centang “Masih bekerja di sana”."]
            raise ValidationError(ended.errors[0])


class TrainingForm(RowForm):
    name = demanded("Nama pelatihan", "nama pelatihan", 200)
    organiser = demanded("Penyelenggara", "nama penyelenggara", 160)
    started_on = DayField("Mulai", validators=[Optional()])
    ended_on = DayField("Selesai", validators=[Optional()])
    hours = NumberField("Lama pelatihan (JP)", validators=[Optional()])
    proof = proof_field("Sertifikat")

    def validate_started_on(self, field: Any) -> None:
        _not_ahead(field, "Tanggal mulai")
