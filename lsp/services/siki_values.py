"""Single values of a SIKI dossier as our columns hold them: text, dates, money, codes. None: not understood.

Pure. Shapes are those seen in public code (process 4.3); what a code means is taken only where a source says so.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import Any

from lsp import clock
from lsp.services import regions
from lsp.services.education_words import level_of
from lsp.vocabulary import RequestKind, Sex

_DATES = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y")
_SEX = {
    "pria": Sex.MALE, "laki-laki": Sex.MALE, "l": Sex.MALE, "wanita": Sex.FEMALE, "perempuan": Sex.FEMALE,
    "p": Sex.FEMALE,
}  # fmt: skip
_KINDS = {
    "1": RequestKind.BARU, "2": RequestKind.PERPANJANGAN, "3": RequestKind.PERUBAHAN,
    "baru": RequestKind.BARU, "perpanjangan": RequestKind.PERPANJANGAN, "perubahan": RequestKind.PERUBAHAN,
}  # fmt: skip
_EMPTY = frozenset({"", "-", "--", "null", "none", "n/a", "0000-00-00"})


def text(value: Any, most: int) -> str | None:
    """One line, composed, without what shows nothing; "" for nothing, None for what is no text or too long."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    plain = unicodedata.normalize("NFC", str(value))
    plain = "".join(
        " " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter
        for letter in plain
        if unicodedata.category(letter) not in ("Cf", "Cs")
    )
    plain = " ".join(plain.split())
    if plain.lower() in _EMPTY:
        return ""
    return plain if len(plain) <= most else None


def digits(value: Any, *, length: int) -> str | None:
    """A number of so many digits, written with dots, dashes and spaces or not."""
    plain = re.sub(r"[\s.-]", "", text(value, 60) or "")
    return plain if re.fullmatch(rf"[0-9]{{{length}}}", plain) else None


def day(value: Any) -> date | None:
    """A date in one of the shapes seen; a time behind it is left out."""
    plain = re.split(r"[T ]", text(value, 40) or "", maxsplit=1)[0]
    for shape in _DATES:
        try:
            found = datetime.strptime(plain, shape).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
        return found if 1900 <= found.year <= clock.today_wib().year + 20 else None
    return None


def year(value: Any) -> int | None:
    plain = text(value, 10) or ""
    found = int(plain[:4]) if re.fullmatch(r"[0-9]{4}(\.0)?", plain) else 0
    return found if 1940 <= found <= clock.today_wib().year else None


def whole(value: Any, *, most: int) -> int | None:
    """A whole number: 32, "32", "32.0", "32 JP"."""
    found = re.fullmatch(r"([0-9]{1,6})(\.0+)?( ?(JP|hari|jam))?", text(value, 20) or "", re.I)
    number = int(found[1]) if found else -1
    return number if 0 <= number <= most else None


def rupiah(value: Any) -> int | None:
    """1500000000, "1500000000.00", "1.500.000.000", "Rp 1.500.000.000,00"."""
    plain = re.sub(r"(?i)\Arp\.?|\s", "", text(value, 40) or "")
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{3})+(,[0-9]{1,2})?", plain):
        plain = plain.split(",")[0].replace(".", "")
    elif re.fullmatch(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{1,2})?", plain):
        plain = plain.split(".")[0].replace(",", "")
    found = re.fullmatch(r"([0-9]{1,15})([.,][0-9]{1,2})?", plain)
    return int(found[1]) if found else None


def sex(value: Any) -> Sex | None:
    return _SEX.get((text(value, 20) or "").lower())


def kind(value: Any) -> RequestKind | None:
    return _KINDS.get((text(value, 40) or "").lower().removesuffix(".0"))


def level(value: Any) -> str | None:
    """A level of education by its name. Number codes are not known, so not read."""
    return level_of(text(value, 40) or "")


def nationality(value: Any) -> str | None:
    return (
        "Indonesia"
        if (text(value, 60) or "").lower() in ("id", "idn", "indonesia", "wni")
        else None
    )


def province(value: Any) -> str | None:
    plain = re.sub(r"[\s.]", "", text(value, 10) or "")[:2]
    return plain if regions.province_name(plain) else None


def city(value: Any) -> str | None:
    """Kemendagri's code with or without its dot: 7371, 73.71."""
    plain = re.sub(r"[\s.]", "", text(value, 10) or "")
    code = f"{plain[:2]}.{plain[2:]}"
    return code if len(plain) == 4 and regions.city_name(code) else None


def email(value: Any) -> str | None:
    plain = text(value, 254) or ""
    return plain.lower() if re.fullmatch(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+", plain) else None


def phone(value: Any) -> str | None:
    plain = text(value, 30) or ""
    return plain if re.fullmatch(r"[0-9+()./ -]{6,30}", plain) else None


def is_mobile(number: str) -> bool:
    return re.fullmatch(r"(?:\+?62|0)?8[0-9]{7,12}", re.sub(r"[^0-9+]", "", number)) is not None
