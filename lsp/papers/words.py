"""Numbers and dates in words for papers, in Indonesian and English, and text made fit to print.

Pure Python with its own month names: a paper must come out the same on every host and locale.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date

# fmt: off - twelve months read better on two lines than on twelve
_MONTHS_ID = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)
_MONTHS_EN = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_NUMBERS_ID = (
    "nol",
    "satu",
    "dua",
    "tiga",
    "empat",
    "lima",
    "enam",
    "tujuh",
    "delapan",
    "sembilan",
    "sepuluh",
)
_NUMBERS_EN = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Bilingual:
    """One phrase in both languages; papers print the Indonesian line first, English beneath it.

    en is None where no official English exists; then only the Indonesian line is printed.
    """

    id: str
    en: str | None = None


def date_words(day: date) -> Bilingual:
    """24 Agustus 2026 / 24 August 2026."""
    return Bilingual(
        f"{day.day} {_MONTHS_ID[day.month - 1]} {day.year}",
        f"{day.day} {_MONTHS_EN[day.month - 1]} {day.year}",
    )


def number_words(number: int) -> Bilingual:
    """7 -> "7 (tujuh)" / "7 (seven)"; for counts of years and levels, so 0 to 10 only."""
    if not 0 <= number < len(_NUMBERS_ID):
        raise ValueError(f"no words for {number}")
    return Bilingual(f"{number} ({_NUMBERS_ID[number]})", f"{number} ({_NUMBERS_EN[number]})")


def years_words(years: int) -> Bilingual:
    """5 -> "5 (lima) tahun" / "5 (five) years"."""
    words = number_words(years)
    return Bilingual(f"{words.id} tahun", f"{words.en} {'year' if years == 1 else 'years'}")


def printable(text: str) -> str:
    """The text on one line, composed (NFC), without control and invisible characters.

    Direction overrides and zero-width letters are removed too: a name on a certificate must read
    the same to a person, to a search and to the register.
    """
    kept = (
        " " if unicodedata.category(letter) in ("Zl", "Zp", "Cc") else letter
        for letter in unicodedata.normalize("NFC", text)
        if unicodedata.category(letter) not in ("Cf", "Cs", "Co", "Cn")
    )
    return " ".join("".join(kept).split())
