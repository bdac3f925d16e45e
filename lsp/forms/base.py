"""What our forms share: Indonesian sentences, trimmed text, the version a form was drawn from."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField
from wtforms.validators import DataRequired, Length, Optional


def trimmed(value: Any) -> Any:
    """Text without space at its ends; NUL, which no database wants, removed."""
    return value.replace("\x00", "").strip() if isinstance(value, str) else value


def required(what: str) -> DataRequired:
    """`Isi {what}.` when empty."""
    return DataRequired(message=f"Isi {what}.")


def at_most(count: int) -> Length:
    return Length(max=count, message=f"Paling panjang {count} huruf. Pendekkan isian ini.")


def at_least(count: int) -> Length:
    return Length(
        min=count, message=f"Tulis sedikitnya {count} huruf, supaya orang lain mengerti alasannya."
    )


class Form(FlaskForm):
    """A form whose token was already checked by the gate."""

    class Meta:
        csrf = False
        locales = ("id",)

    def first_error(self) -> str:
        """The first sentence about this form, for a notice."""
        return next((str(error) for errors in self.errors.values() for error in errors), "")


class ActionForm(Form):
    """A step of the workflow: the version the form was drawn from and, where the step asks it, a note."""

    version = IntegerField(
        validators=[DataRequired(message="Muat ulang halaman ini, lalu coba lagi.")]
    )
    note = HiddenField(filters=[trimmed], validators=[Optional(), at_most(2_000)])
