"""Forms of jadwal and slots. Whether a time is free or an asesor fit is said by services and workflow."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField, TimeField
from wtforms.validators import (
    InputRequired,
    NumberRange,
    Optional,
    StopValidation,
    ValidationError,
)

from lsp import clock
from lsp.forms.assessment import OneOfField, before_sending, choices, values_of, words
from lsp.forms.base import (
    ActionForm,
    Form,
    HiddenNumber,
    NumberField,
    at_least,
    at_most,
    one_line,
    required,
    trimmed,
)
from lsp.services.schedule import LEAST_MINUTES, MOST_MINUTES, MOST_SEATS
from lsp.services.slot_rules import HOLIDAY_TICK
from lsp.vocabulary import MeetingKind, Mode
from lsp.workflow.machine import LEAST_REASON

_DAY_SHAPES = ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"]


def day_of(typed: str) -> date:
    """A date as browsers send it, or as people write it: 28/11/2026. Raises ValueError with a sentence."""
    for shape in _DAY_SHAPES:
        try:
            found = datetime.strptime(typed.strip(), shape).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        if not 2020 <= found.year <= clock.today_wib().year + 5:
            raise ValueError("Periksa tahunnya.")
        return found
    raise ValueError("Tulis tanggal seperti ini: 28/11/2026.")


class DayField(DateField):
    """A date, typed as `day_of` reads it."""

    def __init__(self, label: str, validators: Any = None, **more: Any) -> None:
        super().__init__(label, validators, format=_DAY_SHAPES, **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if valuelist:
            self.data = day_of(valuelist[0])


class HourField(TimeField):
    """An hour as browsers send it, or as people write it: 09.30."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([each.strip().replace(".", ":")[:5] for each in valuelist])
        except ValueError as error:
            self.data = None
            raise ValueError("Tulis jam seperti ini: 09.30.") from error


class ListField(SelectField):
    """A list whose foreign value is refused in Indonesian."""

    def pre_validate(self, form: Any) -> None:
        if self.data not in values_of(self):
            raise ValidationError("Pilih dari daftar yang ada.")


def between(least: int, most: int, what: str) -> NumberRange:
    return NumberRange(min=least, max=most, message=f"{what} antara {least} dan {most}.")


class SlotForm(Form):
    """A meeting to open; date and hour are in the zone of who types them."""

    jadwal = ListField("Jadwal", validators=[InputRequired(message="Pilih jadwal.")])
    asesor = ListField("Asesor", validators=[InputRequired(message="Pilih asesor.")])
    kind = OneOfField(
        "Jenis rapat",
        choices=choices((kind.value, kind.label) for kind in MeetingKind),
        validators=[InputRequired(message="Pilih jenis rapat.")],
    )
    day = DayField("Tanggal", validators=[InputRequired(message="Isi tanggal.")])
    time = HourField("Jam mulai", validators=[InputRequired(message="Isi jam mulai.")])
    minutes = NumberField(
        "Lama rapat (menit)",
        default=60,
        validators=[
            InputRequired(message="Isi lama rapat."),
            between(LEAST_MINUTES, MOST_MINUTES, "Lama rapat"),
        ],
    )
    capacity = NumberField(
        "Jumlah kursi",
        default=1,
        validators=[
            InputRequired(message="Isi jumlah kursi."),
            between(1, MOST_SEATS, "Jumlah kursi"),
        ],
    )
    meeting_url = StringField(
        "Tautan rapat", filters=[trimmed], validators=[Optional(), at_most(300), one_line]
    )

    on_holiday = BooleanField(HOLIDAY_TICK)

    def starts_at(self, zone: str) -> datetime:
        """The moment that date and hour mean in `zone`."""
        if self.day.data is None or self.time.data is None:
            raise ValueError("not a valid form")
        return datetime.combine(self.day.data, self.time.data, ZoneInfo(zone))


class EndForm(Form):
    """When a meeting ended that is written up later; in the zone of who types it."""

    day = DayField("Tanggal", validators=[InputRequired(message="Isi tanggal.")])
    time = HourField("Jam selesai rapat", validators=[InputRequired(message="Isi jam selesai.")])

    def ended_at(self, zone: str) -> datetime:
        """The moment that date and hour mean in `zone`."""
        if self.day.data is None or self.time.data is None:
            raise ValueError("not a valid form")
        return datetime.combine(self.day.data, self.time.data, ZoneInfo(zone))


class PenyeliaForm(Form):
    """Who watches, and which meetings."""

    person = ListField("Penyelia", validators=[InputRequired(message="Pilih penyelia.")])
    slot = ListField("Rapat", validators=[Optional()])


class JadwalForm(Form):
    """A batch to plan."""

    name = StringField(
        "Nama jadwal",
        filters=[trimmed],
        validators=[required("nama jadwal"), at_most(160), one_line],
    )
    skema = ListField("Skema", validators=[InputRequired(message="Pilih skema.")])
    tuk = ListField("TUK", validators=[InputRequired(message="Pilih TUK.")])
    mode = OneOfField(
        "Cara asesmen",
        choices=choices((mode.value, mode.label) for mode in Mode),
        validators=[InputRequired(message="Pilih cara asesmen.")],
    )
    starts_on = DayField("Mulai tanggal", validators=[InputRequired(message="Isi tanggal mulai.")])
    ends_on = DayField("Sampai tanggal", validators=[InputRequired(message="Isi tanggal selesai.")])
    asesor_1 = ListField("Asesor 1", validators=[InputRequired(message="Pilih asesor 1.")])
    asesor_2 = ListField("Asesor 2", validators=[Optional()])

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        first, last = self.starts_on.data, self.ends_on.data
        if first and last and last < first:
            self.ends_on.errors = ["Tanggal selesai lebih awal dari tanggal mulai."]
            valid = False
        one = self._fields.get("asesor_1")  # none once the jadwal is confirmed
        if self.asesor_2.data and one is not None and self.asesor_2.data == one.data:
            self.asesor_2.errors = ["Asesor 2 harus orang yang berbeda dari asesor 1."]
            valid = False
        return valid


class ChangeJadwalForm(JadwalForm):
    """A batch as it stands; once it is confirmed the view takes away what can no longer be changed."""

    version = HiddenNumber()
    #: Drawn once empty slots were found outside the new dates.
    close_outside = BooleanField("Tutup semua slot kosong di luar tanggal itu")


class UnlessOneSlot:
    """Asked for, but where the page is about one meeting that the address names."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence

    def __call__(self, form: Any, field: Any) -> None:
        if form.slot.data:
            field.errors = []
            raise StopValidation
        if not field.data and not field.errors:
            raise ValidationError(self.sentence)


class HinderedForm(Form):
    """Which asesor cannot come, and on which days; or one meeting that is called off."""

    asesor = ListField("Asesor", validators=[UnlessOneSlot("Pilih asesor.")])
    dari = DayField("Dari tanggal", validators=[UnlessOneSlot("Isi tanggal.")])
    sampai = DayField("Sampai tanggal", validators=[Optional()])
    slot = HiddenField(validators=[Optional(), at_most(16)])
    #: Asked for when it is sent, not yet when the meetings are looked up.
    note = words("Alasan", before_sending)

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        if self.dari.data and self.sampai.data and self.sampai.data < self.dari.data:
            self.sampai.errors = ["Tanggal akhir lebih awal dari tanggal mulai."]
            valid = False
        return valid


class MoveForm(ActionForm):
    """Another time for a meeting, with the reason that both sides read."""

    slot = OneOfField("Waktu yang baru", validators=[InputRequired(message="Pilih waktu rapat.")])
    note = words("Alasan", required("alasan"), at_least(LEAST_REASON))  # type: ignore[assignment]  # shown here


class BookForm(ActionForm):
    """The admin takes a seat for an asesi; a reason where he names another asesor or batch."""

    slot = OneOfField("Waktu rapat", validators=[InputRequired(message="Pilih waktu rapat.")])
    note = words("Alasan memilih asesor atau jadwal lain", Optional())  # type: ignore[assignment]  # shown here


class DayOffForm(Form):
    """Days on which an asesor takes no meetings."""

    starts_on = DayField("Hari pertama", validators=[InputRequired(message="Isi hari pertama.")])
    ends_on = DayField("Hari terakhir", validators=[Optional()])
    note = StringField(
        "Keterangan", filters=[trimmed], validators=[Optional(), at_most(120), one_line]
    )
