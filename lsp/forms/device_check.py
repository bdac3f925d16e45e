"""What a person says of his camera, microphone and line; with scripts the test fills it in for him."""

from __future__ import annotations

from lsp.forms.assessment import OneOfField, choices, one_of
from lsp.forms.base import Form

_ANSWERS = choices((("ya", "Ya"), ("tidak", "Tidak")))


class DeviceCheckForm(Form):
    camera = OneOfField(
        "Anda melihat wajah Anda dengan jelas?",
        choices=_ANSWERS,
        validators=[one_of("ya atau tidak untuk kamera")],
    )
    microphone = OneOfField(
        "Suara Anda tertangkap mikrofon?",
        choices=_ANSWERS,
        validators=[one_of("ya atau tidak untuk mikrofon")],
    )
    line = OneOfField(
        "Sambungan internet cukup cepat?",
        choices=_ANSWERS,
        validators=[one_of("ya atau tidak untuk sambungan")],
    )

    @property
    def is_fit(self) -> bool:
        return all(field.data == "ya" for field in (self.camera, self.microphone, self.line))
