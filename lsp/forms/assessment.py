"""Forms of the asesor's page. Shape only: what is complete, and what may happen now, is the workflow's.

FR.AK.02 has a field for every unit and kind; it is read by hand instead of by 160 field objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Optional, ValidationError

from lsp.forms.base import (
    ActionForm,
    Form,
    as_line,
    at_least,
    at_most,
    edition_field,
    one_line,
    required,
    trimmed,
)
from lsp.vocabulary import Answer, EvidenceKind, RecordingKind
from lsp.workflow.machine import LEAST_REASON

LONGEST = 2_000
INCIDENTS = (
    "Sambungan terputus",
    "Suara atau gambar tidak jelas",
    "Listrik padam",
    "Ada orang lain di ruangan",
    "Identitas diragukan",
    "Lainnya",
)


def choices(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs]


def one_of(what: str) -> InputRequired:
    return InputRequired(message=f"Pilih {what}.")


def values_of(field: Any) -> set[str]:
    """The values a person may choose."""
    return {choice.value for choice in field.iter_choices()}


class OneOfField(RadioField):
    """Radio buttons whose foreign value is refused in Indonesian."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.type = "RadioField"  # drawn as such by components/field.html

    def pre_validate(self, form: Any) -> None:
        if self.data not in values_of(self):
            raise ValidationError("Pilih salah satu jawaban yang ada.")


class SomeOfField(SelectMultipleField):
    """Tick boxes whose foreign value is refused in Indonesian."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.type = "SelectMultipleField"  # drawn as such by components/field.html

    def pre_validate(self, form: Any) -> None:
        if not set(self.data or ()) <= values_of(self):
            raise ValidationError("Pilih dari daftar yang ada.")


def words(label: str, *rules: Any, most: int = LONGEST) -> TextAreaField:
    return TextAreaField(label, filters=[trimmed], validators=[*rules, at_most(most)])


def before_sending(_form: Any, _field: Any) -> None:
    """Must be filled before the paper is sent, but may be saved empty: the form says novalidate."""


before_sending.field_flags = {"required": True}  # type: ignore[attr-defined]


class ReviewForm(Form):
    """The asesor's word on FR.APL.02."""

    can_continue = OneOfField(
        "Asesmen",
        choices=choices((("ya", "Dapat dilanjutkan"), ("tidak", "Tidak dapat dilanjutkan"))),
        validators=[one_of("dapat atau tidak dapat dilanjutkan")],
    )
    missing_evidence = words("Bukti yang kurang", Optional())
    note = words("Catatan tinjauan", Optional())

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        if self.can_continue.data == "tidak" and not self.missing_evidence.data:
            self.missing_evidence.errors = ["Sebutkan bukti yang kurang, satu per satu."]
            return False
        return valid


class EvidenceForm(Form):
    """FR.AK.01: what will be collected."""

    evidence = SomeOfField(
        "Bukti yang akan dikumpulkan",
        validators=[InputRequired(message="Pilih bukti yang akan dikumpulkan.")],
    )
    other = StringField(
        "Bukti lainnya", filters=[as_line], validators=[Optional(), at_most(200), one_line]
    )

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        if "lainnya" in (self.evidence.data or ()) and not self.other.data:
            self.other.errors = ["Tulis bukti lainnya itu apa."]
            return False
        return valid


class SignForm(Form):
    typed_name = StringField(
        "Nama lengkap Anda",
        filters=[as_line],
        validators=[required("nama lengkap Anda"), at_most(120), one_line],
    )


class RefusalForm(Form):
    """The asesi does not sign FR.AK.02."""

    how = OneOfField(
        "Asesi",
        choices=choices(
            (("refused", "Menolak menandatangani"), ("unsigned", "Tidak dapat menandatangani"))
        ),
        validators=[one_of("menolak atau tidak dapat menandatangani")],
    )
    reason = words("Alasan", required("alasan asesi tidak menandatangani"))


class CountersignForm(Form):
    """The word of asesor 2. `seen`: the papers as they stood on his screen."""

    seen = edition_field()
    word = OneOfField(
        "Pendapat Anda",
        choices=choices((("agrees", "Setuju dengan rekaman ini"), ("dissents", "Tidak setuju"))),
        validators=[one_of("setuju atau tidak setuju")],
    )
    note = words("Alasan", Optional())

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        if self.word.data == "dissents" and not self.note.data:
            self.note.errors = ["Tulis alasan Anda tidak setuju."]
            return False
        return valid


class AbsenceForm(ActionForm):
    party = OneOfField(
        "Siapa yang tidak hadir?",
        choices=choices((("asesi", "Asesi"), ("asesor", "Asesor"))),
        validators=[one_of("siapa yang tidak hadir")],
    )


class ReasonForm(ActionForm):
    """A step that asks a reason of the person."""

    note = words("Alasan", required("alasan"), at_least(LEAST_REASON))  # type: ignore[assignment]  # shown here


class IncidentForm(ActionForm):
    kind = OneOfField(
        "Apa yang terjadi?",
        choices=choices((each, each) for each in INCIDENTS),
        validators=[one_of("jenis gangguan")],
    )
    action = words("Kejadian dan tindakan", required("apa yang terjadi dan apa yang dilakukan"))


def _recording_kind() -> OneOfField:
    return OneOfField(
        "Isi rekaman",
        choices=choices((kind.value, kind.label) for kind in RecordingKind),
        default=RecordingKind.FULL.value,
        validators=[one_of("isi rekaman")],
    )


def _part() -> BooleanField:
    """Drawn where the asesi took his consent back during the meeting."""
    return BooleanField("Rekaman ini hanya sampai persetujuan ditarik")


class RecordingForm(Form):
    """A recording that lies in the LSP's archive."""

    kind = _recording_kind()
    part = _part()
    url = StringField(
        "Tautan rekaman", filters=[trimmed], validators=[required("tautan rekaman"), at_most(500)]
    )
    #: Drawn where the link leads to a site on which people mostly keep their own things.
    sure = BooleanField("Arsip ini milik LSP, bukan akun pribadi")
    #: That site, when the link leads to one; the page sets it, because the list is the LSP's.
    personal_host = ""

    def validate_url(self, field: StringField) -> None:
        if self.personal_host and not self.sure.data:
            raise ValidationError(
                f"Di {self.personal_host} arsip sering milik akun pribadi. Bila arsip ini milik LSP, centang kotak di "
                "bawahnya, lalu simpan lagi. Bila bukan, salin rekamannya ke arsip LSP dulu."
            )


class RecordingFileForm(Form):
    """What is said about a recording that is sent; the file is read by hand."""

    kind = _recording_kind()
    part = _part()


class Ak02Form(Form):
    """What FR.AK.02 says about the whole skema; its rows are read by `read_units`."""

    recommendation = OneOfField(
        "Rekomendasi hasil asesmen",
        choices=choices((answer.value, answer.label) for answer in Answer),
        validators=[Optional()],
    )
    follow_up = words("Tindak lanjut yang dibutuhkan", Optional())
    comment = words("Komentar/ Observasi oleh asesor", Optional())
    written_feedback = words("Umpan balik untuk asesi", before_sending)
    seen = HiddenField()


# --- Read by hand ------------------------------------------------------------------------------------------------


Posted = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class TypedUnit:
    """A row of FR.AK.02 as it was sent. error, changed_error: what is wrong with its reasons, or empty."""

    evidence: Sequence[str]
    failed: bool
    reason: str
    error: str = ""
    changed_reason: str = ""
    changed_error: str = ""

    @property
    def wrong(self) -> str:
        return self.error or self.changed_error


def read_units(form: Posted, unit_ids: Iterable[int]) -> dict[int, TypedUnit]:
    """Rows by unit id, named `u<id>` (kinds), `u<id>-failed`, `u<id>-reason`, `u<id>-changed` (why other ticks).

    Unknown kinds are dropped.
    """
    known = set(EvidenceKind)
    found = {}
    for unit_id in unit_ids:
        name = f"u{unit_id}"
        reason, error = _reason(form, f"{name}-reason")
        changed, changed_error = _reason(form, f"{name}-changed")
        kinds = [kind for kind in form.getlist(name) if kind in known]
        failed = form.get(f"{name}-failed") == "1"
        found[unit_id] = TypedUnit(kinds, failed, reason, error, changed, changed_error)
    return found


def _reason(form: Posted, name: str) -> tuple[str, str]:
    """What was typed, and what is wrong with it."""
    typed = trimmed(form.get(name, ""))
    return typed, str(at_most(LONGEST).message if len(typed) > LONGEST else "")
