"""What our forms share: Indonesian sentences, trimmed text, the version a form was drawn from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField
from wtforms.validators import DataRequired, Length, Optional, ValidationError
from wtforms.widgets import HiddenInput

from lsp.errors import DomainError
from lsp.forms.sentences import Indonesian
from lsp.models.inforce import setting
from lsp.papers.certificate import LONGEST_TEXT
from lsp.papers.coverage import why_unprintable
from lsp.services import id_izin

#: Left in texts by copying; they show nothing and would make two equal names different.
_TRACELESS = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
#: Code points that HTML forbids: controls and what Unicode keeps for nobody. Two of them break a line.
_UNSHOWN = {
    code: "\n" if code in (0x0B, 0x85) else None
    for code in (
        *(code for code in range(0x20) if chr(code) not in "\t\n\f\r"),
        *range(0x7F, 0xA0),
        *range(0xFDD0, 0xFDF0),
        *(plane * 0x10000 + last for plane in range(17) for last in (0xFFFE, 0xFFFF)),
    )
}
#: They turn what stands after them around, so that a name reads as another.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: Letters by category, blank to the eye.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
RELOAD = "Muat ulang halaman ini, lalu coba lagi."
_INDONESIAN = Indonesian()


def trimmed(value: Any) -> Any:
    """Text without space at its ends and without what no page can show (NUL no database takes either)."""
    return value.translate(_UNSHOWN).strip() if isinstance(value, str) else value


def as_line(value: Any) -> Any:
    """Trimmed text of one line, composed (NFC), without what copying leaves unseen in it."""
    if not isinstance(value, str):
        return value
    return trimmed(unicodedata.normalize("NFC", value.translate(_TRACELESS)))


def one_line(_form: Any, field: Any) -> None:
    """Text that stays on its line: in a mail's subject and on a paper it could else begin a line of its own."""
    text = field.data or ""
    if any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in text):
        raise ValidationError("Tulis dalam satu baris.")
    if not _TURNING.isdisjoint(text):
        raise ValidationError(
            "Ada tanda tak terlihat yang membalik arah tulisan. Hapus isian ini, lalu ketik sendiri."
        )
    if text and not any(
        unicodedata.category(letter)[0] in "LNPS" and letter not in _BLANK for letter in text
    ):
        raise ValidationError("Isian ini belum berisi huruf yang dapat dibaca.")


class Printable:
    """A text that will stand on a certificate, whose fonts must have all of its letters.

    capitals: stored in capitals, and some letters have other ones as their capitals.
    """

    def __init__(self, longest: int = LONGEST_TEXT, *, capitals: bool = False) -> None:
        self.longest, self.capitals = longest, capitals

    def __call__(self, _form: Any, field: Any) -> None:
        text = field.data or ""
        sentence = why_unprintable(
            field.label.text, text.upper() if self.capitals else text, longest=self.longest
        )
        if sentence is not None:
            raise ValidationError(sentence)


#: What the name of a person must be: it is signed with, mailed and printed.
NAME = (one_line, Printable())


def numbers(texts: Iterable[str]) -> list[int]:
    """The whole numbers among repeated values of a request, such as every database holds; what is none is nobody's."""
    return [int(each) for each in texts if each.isascii() and each.isdigit() and len(each) < 10]


def required(what: str) -> DataRequired:
    """`Isi {what}.` when empty."""
    return DataRequired(message=f"Isi {what}.")


def at_most(count: int) -> Length:
    return Length(max=count, message=f"Paling panjang {count} huruf. Pendekkan isian ini.")


def at_least(count: int) -> Length:
    return Length(
        min=count, message=f"Tulis sedikitnya {count} huruf, supaya orang lain mengerti alasannya."
    )


def drawn_with_the_page() -> DataRequired:
    """For a hidden value that the page itself puts in: nobody can fill it, only load it anew."""
    return DataRequired(message=RELOAD)


def edition_field() -> HiddenField:
    """The edition of the stored values that the form was drawn from (views/editions.py); empty for something new."""
    return HiddenField(validators=[Length(max=64, message=RELOAD)])


class HiddenNumber(IntegerField):
    """A number that the page itself puts in, like the version of the case it was drawn from."""

    widget = HiddenInput()

    def __init__(self, label: str | None = None, **more: Any) -> None:
        super().__init__(label, validators=[drawn_with_the_page()], **more)

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(RELOAD) from error


class NumberField(IntegerField):
    """A whole number of at most six digits."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not text:
            return
        if not (text.isascii() and text.isdigit() and len(text) <= 6):
            raise ValueError("Tulis dengan angka saja, tanpa huruf.")
        self.data = int(text)


class RupiahField(IntegerField):
    """Whole rupiah as people write it: 1100000, 1.100.000, Rp1.100.000. digits: how many there may be."""

    def __init__(self, label: str | None = None, *, digits: int = 12, **more: Any) -> None:
        super().__init__(label, **more)
        self.shape = re.compile(f"[0-9]{{1,{digits}}}")

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        if not valuelist:
            return
        digits = re.sub(r"(?i)\A\s*rp|[.\s]|,-?0*\Z", "", str(valuelist[0]))
        if not self.shape.fullmatch(digits):
            raise ValueError("Tulis jumlah dalam rupiah, angka saja. Contoh: 1.100.000.")
        self.data = int(digits)


class Usual:
    """Ask again about a number that does not look as they usually do: the form's tick `sure` lets it through.

    For shapes that no source confirms. `like` is an example; spaces and small letters do not count.
    """

    def __init__(self, pattern: str, like: str) -> None:
        self.pattern = re.compile(pattern, re.IGNORECASE)
        self.sentence = (
            f"Bentuknya tidak seperti biasanya, contohnya {like}. Salin sekali lagi. "
            "Jika memang begini, centang kotak di bawah."
        )

    def __call__(self, form: Any, field: Any) -> None:
        if field.errors or field.data == form.standing.get(field.name):
            return
        if field.data and not self.pattern.fullmatch("".join(field.data.split())):
            form.unusual = True
            if not form.sure.data:
                raise ValidationError(self.sentence)


def sure_box() -> BooleanField:
    return BooleanField("Sudah saya cocokkan, nomornya memang begini")


class UsualIdIzin:
    """Ask again about an ID Izin that looks like another number, is old or has another shape (services/id_izin.py)."""

    def __call__(self, form: Any, field: Any) -> None:
        if field.errors or not field.data or field.data == form.standing.get(field.name):
            return
        doubt = id_izin.doubts(field.data, oldest_days=int(setting("id_izin_oldest_days")))
        if doubt is None:
            return
        form.unusual = form.unusual or not doubt.final
        if doubt.final or not form.sure.data:
            raise ValidationError(doubt.sentence)


USUAL_ID_IZIN = UsualIdIzin()


class Form(FlaskForm):
    """A form whose token was already checked by the gate."""

    class Meta:
        csrf = False

        def get_translations(self, _form: Any) -> Indonesian:
            return _INDONESIAN

    #: Set by `Usual` while validating: the tick "sure" is then drawn.
    unusual = False
    #: Values by field that stand already: nobody is asked about them again.
    standing: Mapping[str, str] = {}

    def put_by_its_field(self, refusal: DomainError) -> str:
        """Show a refusal by the field it is about. Returns the sentence for a notice when there is no such field."""
        field = self._fields.get(refusal.field)
        if field is None:
            return str(refusal)
        field.errors = [str(refusal)]
        return ""

    def first_error(self) -> str:
        """The first sentence about this form, for a notice."""
        return next((str(error) for errors in self.errors.values() for error in errors), "")


class ActionForm(Form):
    """A step of the workflow: the version the form was drawn from and, where the step asks it, a note."""

    version = HiddenNumber()
    note = HiddenField(filters=[trimmed], validators=[Optional(), at_most(2_000)])
