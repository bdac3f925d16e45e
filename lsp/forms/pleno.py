"""Forms of the meeting of a pleno: when and where, what is kept of it, its notulen, and its members' jabatan."""

from __future__ import annotations

from datetime import time
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Optional, ValidationError

from lsp.forms.assessment import OneOfField, choices
from lsp.forms.base import Form, at_most, edition_field, one_line, required, trimmed
from lsp.forms.schedule import HourField, ListField
from lsp.models import User
from lsp.services.pleno_meeting import Meets
from lsp.vocabulary import Mode

#: A note of a case, and the text of the whole meeting.
LONGEST_NOTE, LONGEST_NOTULEN = 2_000, 10_000
#: Members write their jabatan in many ways; the number of an asesor has one shape.
_LONGEST_JABATAN, _LONGEST_MET = 120, 40


class MeetsForm(Form):
    """Hours in WIB, place or link, and who writes. What must be filled for which is asked by the service."""

    starts = HourField("Jam mulai (WIB)", validators=[InputRequired(message="Isi jam mulai.")])
    ends = HourField("Jam selesai (WIB)", validators=[InputRequired(message="Isi jam selesai.")])
    mode = OneOfField(
        "Cara rapat",
        choices=choices((mode.value, mode.label) for mode in Mode),
        validators=[InputRequired(message="Pilih cara rapat.")],
    )
    place = StringField(
        "Tempat rapat", filters=[trimmed], validators=[Optional(), at_most(160), one_line]
    )
    meeting_url = StringField(
        "Tautan rapat", filters=[trimmed], validators=[Optional(), at_most(300), one_line]
    )
    notulis = ListField("Notulis", validators=[Optional()])

    def offer(self, people: list[User]) -> None:
        """Who may be the notulis."""
        self.notulis.choices = [
            SelectChoice("", "Belum ditunjuk"),
            *(SelectChoice(person.public_id, person.name) for person in people),
        ]

    def begin(self) -> None:
        """What a new pleno begins with."""
        self.starts.data, self.ends.data = time(9), time(12)
        self.mode.data = Mode.DARING.value

    def meets(self, people: list[User]) -> Meets:
        """What a valid form asks for."""
        if self.starts.data is None or self.ends.data is None:
            raise ValueError("not a valid form")
        ids = {person.public_id: person.id for person in people}
        return Meets(
            starts=self.starts.data,
            ends=self.ends.data,
            mode=Mode(self.mode.data),
            place=self.place.data or "",
            meeting_url=self.meeting_url.data or "",
            notulis_id=ids.get(self.notulis.data or ""),
        )


class PlaceForm(MeetsForm):
    """Of a pleno that was called. `seen`: the edition that stood on the screen."""

    seen = edition_field()


class PlenoRecordingForm(Form):
    """Where the recording of a pleno lies; as of an assessment's meeting, with who keeps it."""

    url = StringField(
        "Tautan rekaman", filters=[trimmed], validators=[required("tautan rekaman"), at_most(500)]
    )
    keeper = StringField(
        "Disimpan oleh",
        filters=[trimmed],
        validators=[required("siapa yang menyimpan"), at_most(120), one_line],
    )
    sure = BooleanField("Arsip ini milik LSP, bukan akun pribadi")
    personal_host = ""

    def validate_url(self, field: StringField) -> None:
        if self.personal_host and not self.sure.data:
            raise ValidationError(
                f"Di {self.personal_host} arsip sering milik akun pribadi. Bila arsip ini milik LSP, centang kotak "
                "di bawahnya, lalu simpan lagi."
            )


class CommitteeForm(Form):
    """What papers say of a member of the tim teknis. `person` names him."""

    person = ListField("Anggota", validators=[InputRequired(message="Pilih anggota.")])
    jabatan = StringField(
        "Jabatan",
        filters=[trimmed],
        validators=[Optional(), at_most(_LONGEST_JABATAN), one_line],
    )
    met_number = StringField(
        "Nomor MET", filters=[trimmed], validators=[Optional(), at_most(_LONGEST_MET), one_line]
    )


class NotulenForm(Form):
    """Its fields are named by the cases, so they are read by `read_notulen`."""

    seen = edition_field()


def read_notulen(
    posted: MultiDict[str, str], places: list[str]
) -> tuple[str, dict[str, tuple[tuple[str, ...], str]], str]:
    """Text of the meeting, (ticked rules, note) by place, and what is wrong in a sentence, or nothing."""
    text = str(trimmed(posted.get("text", "")))
    notes: dict[str, tuple[tuple[str, ...], str]] = {}
    long = len(text) > LONGEST_NOTULEN
    for place in places:
        note = str(trimmed(posted.get(f"note-{place}", "")))
        long = long or len(note) > LONGEST_NOTE
        notes[place] = (tuple(posted.getlist(f"rules-{place}")), note)
    wrong = (
        f"Paling panjang {LONGEST_NOTULEN} huruf untuk rapat dan {LONGEST_NOTE} huruf untuk tiap permohonan."
        if long
        else ""
    )
    return text, notes, wrong


def drawn(form: MeetsForm) -> list[Any]:
    """What an edition of the form stands for."""
    return [
        form[name].data for name in ("starts", "ends", "mode", "place", "meeting_url", "notulis")
    ]
