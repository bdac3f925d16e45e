"""Errors whose text is an Indonesian sentence fit to show."""

from __future__ import annotations


class DomainError(Exception):
    """Something that a person asked for cannot be done; `str()` is the sentence for the screen.

    field: the name of the field that it is about, so that a form can show it there; empty when about none.
    """

    def __init__(self, sentence: str = "", *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class NotAllowed(DomainError):
    """The workflow refuses: wrong state, wrong role, barred person, or a guard that speaks."""


class StaleCase(NotAllowed):
    """The form was drawn from an older version of the case."""

    def __init__(self) -> None:
        # Said on a page that came as the answer to a press: loading that anew would only send the press again.
        super().__init__(
            "Data sudah berubah sejak halaman ini Anda buka, mungkin oleh orang lain atau di tab lain. "
            "Periksa keadaannya sekarang, lalu tekan sekali lagi."
        )


class StepGone(StaleCase):
    """That, and in the present state the step is no longer there: pressing once more would lead nowhere."""

    def __init__(self) -> None:
        # Of the state nothing is said: to the asesi it may be a result that he has not opened.
        NotAllowed.__init__(
            self,
            "Data sudah berubah sejak halaman ini Anda buka, dan langkah ini sudah tidak ada: sudah dikerjakan, atau "
            "tidak diperlukan lagi.",
        )
