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


def count_words(number: int) -> str:
    """12 -> "12 (dua belas)", as letters count sheets."""
    if not 0 <= number < _MOST_IN_WORDS:
        raise ValueError(f"no words for {number}")
    return f"{number} ({_whole_words(number) or _NUMBERS_ID[0]})"


_SCALES_ID = ((10**12, "triliun"), (10**9, "miliar"), (10**6, "juta"), (10**3, "ribu"))
_MOST_IN_WORDS = 10**15


def amount_words(rupiah: int) -> str:
    """Terbilang: 1_250_000 -> "satu juta dua ratus lima puluh ribu rupiah"."""
    if not 0 <= rupiah < _MOST_IN_WORDS:
        raise ValueError(f"no words for {rupiah}")
    return f"{_whole_words(rupiah) or _NUMBERS_ID[0]} rupiah"


def _whole_words(number: int) -> str:
    """Any whole number in words; nothing for zero. One thousand is "seribu", one million "satu juta"."""
    words = []
    for scale, name in _SCALES_ID:
        count, number = divmod(number, scale)
        if count:
            words.append(
                "seribu" if (count, scale) == (1, 1_000) else f"{_below_thousand(count)} {name}"
            )
    return " ".join([*words, *([_below_thousand(number)] if number else [])])


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = []
    if hundreds:
        words.append("seratus" if hundreds == 1 else f"{_NUMBERS_ID[hundreds]} ratus")
    if rest:
        words.append(_below_hundred(rest))
    return " ".join(words)


def _below_hundred(number: int) -> str:
    if number <= 10:
        return _NUMBERS_ID[number]
    if number < 20:
        return "sebelas" if number == 11 else f"{_NUMBERS_ID[number - 10]} belas"
    tens, ones = divmod(number, 10)
    return f"{_NUMBERS_ID[tens]} puluh" + (f" {_NUMBERS_ID[ones]}" if ones else "")


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
