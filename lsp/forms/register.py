"""Forms of the registers in Pengaturan: the LSP itself, TUK, asesor, BNSP's remote permissions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional, Regexp, ValidationError

from lsp.forms.assessment import OneOfField, SomeOfField, choices, words
from lsp.forms.base import (
    Form,
    NumberField,
    Printable,
    as_line,
    at_least,
    at_most,
    edition_field,
    one_line,
    required,
    trimmed,
)
from lsp.forms.schedule import DayField, ListField, between
from lsp.services.zones import ZONES
from lsp.vocabulary import EvidenceKind, TukKind
from lsp.workflow.machine import LEAST_REASON

#: The registration number carries NNNN (process 5.1), so the shape must be right.
_LICENCE = Regexp(
    r"\ABNSP-LSP-[0-9]{3,5}-ID\Z",
    message="Tulis seperti pada sertifikat lisensi: BNSP-LSP-0000-ID.",
)
_EMAIL = Regexp(
    r"\A[^@\s]+@[^@\s.]+(\.[^@\s.]+)+\Z",
    message="Alamat ini belum lengkap. Contoh: nama@contoh.id.",
)
_PHONE = Regexp(
    r"\A\+?[0-9 ()-]{6,20}\Z", message="Tulis nomor dengan angka, misalnya 021 555 0100."
)


def _line(label: str, most: int, *rules: Any) -> StringField:
    return StringField(
        label, filters=[as_line], validators=[*rules, at_most(most), one_line, Printable()]
    )


def _day(label: str, *rules: Any) -> DayField:
    return DayField(label, validators=list(rules) or [Optional()])


class LembagaForm(Form):
    name = _line("Nama LSP", 120, required("nama LSP"))
    name_en = _line("Nama dalam bahasa Inggris", 120, Optional())
    licence_number = _line("Nomor lisensi BNSP", 40, required("nomor lisensi"), _LICENCE)
    licence_from = _day("Lisensi berlaku mulai")
    licence_until = _day("Lisensi berlaku sampai")
    address = TextAreaField(
        "Alamat", filters=[trimmed], validators=[required("alamat"), at_most(400)]
    )
    city = _line("Kota pada surat dan sertifikat", 80, required("kota"))
    phone = _line("Telepon", 30, Optional(), _PHONE)
    email = _line("E-mail LSP", 254, required("e-mail"), _EMAIL)
    whatsapp = _line("WhatsApp", 20, Optional(), _PHONE)
    zone = SelectField("Zona waktu", choices=choices(ZONES), default=ZONES[0][0])
    effective_from = _day("Berlaku mulai", InputRequired(message="Isi tanggal mulai berlaku."))

    def validate_licence_until(self, field: DayField) -> None:
        if field.data and self.licence_from.data and field.data < self.licence_from.data:
            raise ValidationError("Akhir lisensi lebih awal dari mulainya.")


class TukForm(Form):
    """A TUK may be noted before it is verified; a jadwal is confirmed only after (workflow 4)."""

    seen = edition_field()
    name = _line("Nama TUK", 120, required("nama TUK"))
    kind = OneOfField(
        "Jenis TUK",
        choices=choices((kind.value, kind.label) for kind in TukKind),
        validators=[InputRequired(message="Pilih jenis TUK.")],
    )
    code = _line("Kode TUK di LSP", 40, required("kode TUK"))
    bnsp_id = _line("ID di BNSP", 40, Optional())
    siki_code = _line("Kode di SIKI-LPJK", 40, Optional())
    address = TextAreaField(
        "Alamat TUK", filters=[trimmed], validators=[required("alamat TUK"), at_most(400)]
    )
    verification_letter = _line("Nomor surat verifikasi", 80, Optional())
    verification_signer = _line("Penanda tangan surat verifikasi", 120, Optional())
    verified_on = _day("Tanggal verifikasi")


class AsesorForm(Form):
    seen = edition_field()
    met_number = _line("Nomor MET", 40, required("nomor MET"))
    met_valid_until = _day(
        "Sertifikat MET berlaku sampai", InputRequired(message="Isi tanggal akhir sertifikat MET.")
    )
    jenjang = NumberField(
        "Jenjang asesor",
        validators=[InputRequired(message="Isi jenjang."), between(1, 9, "Jenjang")],
    )
    skk_number = _line("Nomor SKK asesor sendiri", 60, required("nomor SKK asesor"))
    skk_valid_until = _day(
        "SKK berlaku sampai", InputRequired(message="Isi tanggal akhir SKK asesor.")
    )
    scope = SomeOfField(
        "Subklasifikasi yang boleh diuji",
        validators=[InputRequired(message="Pilih sedikitnya satu subklasifikasi.")],
    )
    #: The choices of `scope` under their klasifikasi (services/register.ScopeGroup); set by the view.
    scope_groups: Sequence[Any] = ()


class _PermissionForm(Form):
    """What a letter of BNSP says."""

    number = _line("Nomor surat izin", 80, required("nomor surat izin"))
    valid_from = _day("Berlaku mulai", InputRequired(message="Isi tanggal mulai."))
    valid_until = _day("Berlaku sampai", InputRequired(message="Isi tanggal akhir."))
    methods = SomeOfField(
        "Metode yang diizinkan",
        choices=choices((kind.value, kind.label) for kind in EvidenceKind),
        validators=[InputRequired(message="Pilih sedikitnya satu metode.")],
    )

    sure = BooleanField("Sudah saya periksa, tetap simpan")

    def validate_valid_until(self, field: DayField) -> None:
        if field.data and self.valid_from.data and field.data < self.valid_from.data:
            raise ValidationError("Tanggal akhir lebih awal dari tanggal mulai.")

    def doubts(self, sentences: list[str]) -> bool:
        """Whether something is asked about first; the tick lets it through."""
        if not sentences or self.sure.data:
            return False
        self.unusual = True
        self.valid_until.errors = [*sentences, "Jika memang begini, centang kotak di bawah."]
        return True


class RemotePermissionForm(_PermissionForm):
    skema = ListField("Skema", validators=[InputRequired(message="Pilih skema.")])


class CorrectPermissionForm(_PermissionForm):
    reason = words("Alasan pembetulan", required("alasan"), at_least(LEAST_REASON))


class EndPermissionForm(Form):
    last_day = _day("Hari terakhir berlaku", InputRequired(message="Isi hari terakhir berlaku."))
    reason = words("Alasan", required("alasan"), at_least(LEAST_REASON))


class HolidayForm(Form):
    lines = words("Hari libur", required("hari libur, satu baris untuk satu hari"), most=8_000)
