"""How long which data is kept: the LSP's rules in words, and the table of the page "Data pribadi".

The page, and each consent text as it is published, take their periods from here: they cannot disagree with the rule.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from lsp.data import read_json
from lsp.errors import DomainError
from lsp.models.inforce import setting

_MARK = re.compile(r"\{([^{}\n]*)\}")


@dataclass(frozen=True, slots=True)
class DataKind:
    """One row of the table: what, why, how long, who reads it."""

    name: str
    why: str
    keep: str
    who: str


def periods(on: date | None = None) -> dict[str, str]:
    """By the mark that stands for it in a text: each period in words, as the rules of that day have it."""
    return {
        "simpan_belum_dikirim": f"{setting('retention_unsent_days', on)} hari sejak ditutup",
        "simpan_berakhir": f"{setting('retention_ended_years', on)} tahun sejak permohonan berakhir",
        "simpan_sertifikat": _after_certificate(setting("retention_certificate_years", on)),
        "simpan_rekaman": _after_certificate(setting("retention_recording_years", on)),
        "simpan_pembayaran": f"{setting('retention_payment_years', on)} tahun sejak dibayar",
        "simpan_catatan": f"{setting('retention_log_years', on)} tahun",
    }


def _after_certificate(years: int) -> str:
    over = "masa berlaku sertifikat berakhir"
    return f"sampai {years} tahun setelah {over}" if years else f"sampai {over}"


def fill(text: str, on: date | None = None) -> str:
    """A text with the periods of that day in the place of its marks. Raises DomainError for a mark nobody knows."""
    if not _MARK.search(text):
        return text
    known = periods(on)
    unknown = [mark for mark in _MARK.findall(text) if mark not in known]
    if unknown:
        raise DomainError(
            f"Tanda {{{unknown[0][:40]}}} tidak dikenal. Yang dikenal: "
            + ", ".join(f"{{{mark}}}" for mark in known)
            + ".",
            field="body",
        )
    return _MARK.sub(lambda found: known[found[1]], text)


def data_kinds() -> list[DataKind]:
    """The table as it holds today."""
    known = periods()
    return [
        DataKind(**{name: _sentence(text, known) for name, text in row.items()})
        for row in read_json("data_kinds.json")
    ]


def _sentence(text: str, known: dict[str, str]) -> str:
    filled = _MARK.sub(lambda found: known[found[1]], text)
    return filled[0].upper() + filled[1:]
