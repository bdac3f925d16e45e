"""The form of a series of meetings: weekdays, hours, how long, for how many weeks."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from wtforms import BooleanField
from wtforms.validators import InputRequired

from lsp.forms.assessment import SomeOfField, choices
from lsp.forms.base import NumberField
from lsp.forms.schedule import DayField, HourField, SlotForm, between
from lsp.services.slot_rules import HOLIDAY_TICK
from lsp.services.slot_series import MOST_WEEKS, Series
from lsp.vocabulary import MeetingKind

_DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")


class SeriesForm(SlotForm):
    """As for one meeting, but for its day and hour; hours are in the zone of who types them."""

    day = None  # type: ignore[assignment]  # a series has many
    time = None  # type: ignore[assignment]
    weekdays = SomeOfField(
        "Hari",
        choices=choices((str(number), name) for number, name in enumerate(_DAYS)),
        validators=[InputRequired(message="Pilih sedikitnya satu hari.")],
    )
    first = DayField("Mulai tanggal", validators=[InputRequired(message="Isi tanggal mulai.")])
    weeks = NumberField(
        "Selama (minggu)",
        default=4,
        validators=[
            InputRequired(message="Isi jumlah minggu."),
            between(1, MOST_WEEKS, "Jumlah minggu"),
        ],
    )
    from_time = HourField("Dari jam", validators=[InputRequired(message="Isi jam mulai.")])
    to_time = HourField("Sampai jam", validators=[InputRequired(message="Isi jam selesai.")])
    pause = NumberField(
        "Jeda antara dua rapat (menit)",
        default=0,
        validators=[InputRequired(message="Isi jeda, boleh 0."), between(0, 240, "Jeda")],
    )
    on_holiday = BooleanField(HOLIDAY_TICK)

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        begins, ends = self.from_time.data, self.to_time.data
        if begins is not None and ends is not None and ends <= begins:
            self.to_time.errors = ["Jam selesai harus sesudah jam mulai, pada hari yang sama."]
            valid = False
        return valid

    def series(self, zone: str) -> Series:
        """What was typed in a valid form."""
        return Series(
            kind=MeetingKind(self.kind.data),
            weekdays=frozenset(map(int, self.weekdays.data or ())),
            first=self.first.data or date.max,
            weeks=self.weeks.data or 0,
            from_time=self.from_time.data or time(),
            to_time=self.to_time.data or time(),
            minutes=self.minutes.data or 0,
            pause=self.pause.data or 0,
            capacity=self.capacity.data or 1,
            meeting_url=self.meeting_url.data or "",
            on_holiday=bool(self.on_holiday.data),
            zone=zone,
        )
