"""The ID Izin as people copy and type it: put into its usual shape, and doubts explained. No database.

Known is `I-`, the moment of the request to the second, five more digits (process 4.3). No source confirms it, so
another shape is asked about and then taken; only a NIK is refused, for it would stand in lists for all to read.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from lsp import clock
from lsp.vocabulary.dates import day_words
from lsp.workflow.guards.registration import ID_IZIN_EXAMPLE

_DIGITS = 19
USUAL = re.compile(rf"I-[0-9]{{{_DIGITS}}}")
WHERE = (
    "ID Izin diawali huruf I dan tanda hubung, lalu 19 angka, dan tampil di daftar permohonan Anda di "
    "Portal Perizinan."
)
#: What copying takes along: "ID Izin: I-…", "No. ID Izin Anda = I-…".
_LABEL = re.compile(r"^.*?\bID[\s_-]*IZIN\b(?:\s+ANDA)?\s*(?:ADALAH\b)?[\s:=#.]*", re.IGNORECASE)
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"), "-")
_EDGES = "\"'“”‘’«»()[]<>.,;:"
#: A one or a small L read for the capital I, or the letter left out: the 19 digits tell.
_NEARLY = re.compile(r"(?:[I1L|]?-?)(20[0-9]{17})")
#: What is ticked in a form by who is sure.
_BOX = "kotak di bawah"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why this may not be the number that is wanted. final: not taken, whatever is ticked."""

    sentence: str
    final: bool = False


#: Numbers that people mix up with it: (shape, what it is). Spaces are gone before comparing.
_OTHERS = (
    (r"[0-9]{13}", "NIB (13 angka)"),
    (r"1-[0-9]{13}", "nomor catatan pengalaman di E-SIMPAN"),
    (r"[0-9]{5}[0-9]{4}[1-9][0-9]{8}20[0-9]{2}", "nomor sertifikat"),
    (r"F[0-9]{4}[0-9]{5,6}20[0-9]{2}([0-9]{7}[A-Z]{2}[0-9]{2})?", "nomor registrasi SKK"),
    (r"[A-Z]{2}[0-9]{6}", "kode jabatan kerja"),
    (r"(?:\+?62|0)8[0-9]{8,11}", "nomor HP"),
)  # fmt: skip


def normal(text: str) -> str:
    """The number without label, spaces and marks that copying brings, letters in capitals, `I-` put back."""
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES)
    plain = "".join(letter for letter in plain if unicodedata.category(letter) != "Cf")
    plain = "".join(_LABEL.sub("", plain).split()).strip(_EDGES).upper()
    nearly = _NEARLY.fullmatch(plain)
    return f"I-{nearly[1]}" if nearly else plain


def doubts(text: str, *, oldest_days: int, to_tick: str = _BOX) -> Doubt | None:
    """The first thing that speaks against a typed number, or None. to_tick: by what a person says that he is sure."""
    sure = f"Jika memang begini, centang {to_tick}."
    number = normal(text)
    if is_final_doubt(number):
        return Doubt(f"Ini 16 angka seperti NIK, bukan ID Izin. NIK diisi nanti. {WHERE}", True)
    for shape, name in _OTHERS:
        if re.fullmatch(shape, number):
            return Doubt(f"Ini tampaknya {name}, bukan ID Izin. {WHERE} {sure}")
    counted = re.fullmatch(r"I-?([0-9]{10,30})", number)
    if counted and len(counted[1]) != _DIGITS:
        return Doubt(
            f"Sesudah I- biasanya ada {_DIGITS} angka, yang tertulis {len(counted[1])}. Salin sekali lagi. {sure}"
        )
    if not USUAL.fullmatch(number):
        return Doubt(
            f"Bentuknya tidak seperti biasanya, contohnya {ID_IZIN_EXAMPLE}. Salin sekali lagi. {sure}"
        )
    return _doubt_about_moment(number, oldest_days, sure)


def is_final_doubt(number: str) -> bool:
    """Whether a number in its normal shape is never taken."""
    return re.fullmatch(r"[0-9]{16}", number) is not None


def _doubt_about_moment(number: str, oldest_days: int, sure: str) -> Doubt | None:
    """The digits after `I-` are read as the moment of the request in WIB, which is an observation and no rule."""
    try:
        moment = datetime.strptime(number[2:16], "%Y%m%d%H%M%S").replace(tzinfo=clock.WIB)
    except ValueError:
        return Doubt(
            f"Angka sesudah I- biasanya tanggal dan jam pengajuan, di sini tidak. Salin sekali lagi. {sure}"
        )
    now = clock.now()
    if moment > now + timedelta(days=1):
        return Doubt(
            f"Menurut angkanya, permohonan ini dibuat {day_words(moment)}, yang belum tiba. Salin sekali lagi. {sure}"
        )
    if moment < now - timedelta(days=oldest_days):
        return Doubt(
            f"Menurut angkanya, permohonan ini dibuat {day_words(moment)}, lebih dari {oldest_days} hari lalu, jadi "
            "mungkin sudah ditutup. Periksa di Portal Perizinan apakah masih terbuka; bila tidak, ajukan lagi di sana. "
            f"{sure}"
        )
    return None
