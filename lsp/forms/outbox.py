"""Forms under "Yang dikirim": the answer of SIKI or BNSP, a refusal, opening a row again.

Which values a kind of row is answered with, and which it needs, is said by services/outbox_answers.py.
"""

from __future__ import annotations

from typing import Any

from wtforms import StringField, TextAreaField
from wtforms.validators import Optional

from lsp.forms.base import Form, Printable, as_line, at_least, at_most, one_line, trimmed
from lsp.workflow.machine import LEAST_REASON


def _value() -> Any:
    return StringField(
        filters=[as_line], validators=[Optional(), at_most(60), one_line, Printable()]
    )


class AnswerForm(Form):
    """The values that any kind of row may be answered with; the page draws those of its own kind."""

    id_jadwal = _value()
    kode_jadwal = _value()
    id_peserta = _value()
    note = TextAreaField(
        "Catatan", id="jawab-catatan", filters=[trimmed], validators=[Optional(), at_most(500)]
    )


class RefusedForm(Form):
    note = TextAreaField(
        "Kata-kata penolakannya",
        id="tolak-kata",
        filters=[trimmed],
        validators=[at_least(LEAST_REASON), at_most(500)],
    )


class ReopenForm(Form):
    note = TextAreaField(
        "Alasan", filters=[trimmed], validators=[at_least(LEAST_REASON), at_most(500)]
    )
