"""The SKK certificate as a paper: what is printed on it, and its unsigned PDF.

It reads no database and decides nothing: whoever issues the certificate fills in every field.
The PDF is byte-identical when made again from the same fields; see docs/decisions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from lsp.papers.qr import is_alphanumeric, printed_qr
from lsp.papers.typeset import typeset
from lsp.papers.words import Bilingual, date_words, number_words, printable, years_words

# The longest jabatan kerja in the reference tables has 129 letters, the longest unit 99. Beyond these
# limits a text would become too small to read, and a number would leave its line.
LONGEST_TEXT = 250
LONGEST_NUMBER = 60

JASA_KONSTRUKSI = Bilingual("Jasa Konstruksi", "Construction Services")


@dataclass(frozen=True, slots=True)
class CertificateUnit:
    """A unit kompetensi: code as in the SKKNI, title in Indonesian and, where it exists, English."""

    code: str
    title: Bilingual


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificatePaper:
    """Everything the two pages print. Wording and order: the e-certificate template in use for SKK.

    blanko_number               as BNSP gave it; its format is not confirmed, so any text
    certificate_number          "KBLI KBJI JENJANG NNNNNNNN YYYY", blanks between, given by the LSP
    lpjk_registration_number    as LPJK returned it ("F LLLL NNNNNN YYYY TTTTTTT KK SS"), never composed
    holder_name                 as on the KTP; a long one is set smaller or on two lines
    bidang                      "Telah kompeten pada bidang": the template in use knows only this one
    jabatan_kerja               the occupation certified, page 1
    validity_years              5, or 1 for a fresh graduate
    valid_from, valid_until     both days included; how the end is counted is a setting of the LSP
    lembaga                     full name: "Lembaga Sertifikasi Profesi X" / "X Professional …"
    signer_name, signer_title   ("Ketua LSP", "Chairman PCA") or ("Direktur LSP", "Director PCA")
    klasifikasi … okupasi       page 2; jenjang 1 to 9, printed "7 (Tujuh)"
    decided_place, decided_on   "Ditetapkan di Jakarta, …"; also the date inside the PDF file
    photo_jpeg                  3 x 4 portrait, already decoded and re-encoded by us, or None
    verification_address        whole content of the LSP's QR, capitals only so that it stays small:
                                "HTTPS://HOST/V/" + token of 26 Crockford base32 characters
    lpjk_qr                     content of LPJK's QR as returned by pencatatan, or None
    units, print_unit_list      unit rows go on pages of their own, and only when asked for: the
                                templates read did not print them (open question for the LSP)
    is_sample                   marks both pages "CONTOH – TIDAK BERLAKU", for demo installations
    """

    blanko_number: str
    certificate_number: str
    lpjk_registration_number: str
    holder_name: str
    jabatan_kerja: Bilingual
    validity_years: int
    valid_from: date
    valid_until: date
    lembaga: Bilingual
    signer_name: str
    signer_title: Bilingual
    klasifikasi: Bilingual
    subklasifikasi: Bilingual
    kualifikasi: Bilingual
    jenjang: int
    okupasi: Bilingual
    decided_place: str
    decided_on: date
    verification_address: str
    lpjk_qr: str | None = None
    photo_jpeg: bytes | None = field(default=None, repr=False)
    units: tuple[CertificateUnit, ...] = ()
    print_unit_list: bool = False
    is_sample: bool = False
    bidang: Bilingual = JASA_KONSTRUKSI


def certificate_pdf(paper: CertificatePaper, *, lock_path: Path) -> bytes:
    """Return the unsigned certificate as PDF/A-2b.

    Raises ValueError for an address, a level or a length that cannot be printed, and what `typeset`
    raises: ChildRefused("unprintable_text U+…") for letters none of our fonts has.
    """
    if not is_alphanumeric(paper.verification_address):
        raise ValueError("verification address must be in capitals (QR alphanumeric mode)")
    verification = printed_qr(paper.verification_address)
    assets = {"verification": verification.svg}
    sides = {"verification": verification.side_mm}
    if paper.lpjk_qr is not None:
        lpjk = printed_qr(paper.lpjk_qr)
        assets["lpjk"], sides["lpjk"] = lpjk.svg, lpjk.side_mm
    if paper.photo_jpeg is not None:
        assets["photo"] = paper.photo_jpeg
    return typeset(
        "certificate",
        _printed(paper) | {"qr_side_mm": sides},
        assets=assets,
        # Midnight UTC is the same calendar day in all three Indonesian zones.
        timestamp=datetime.combine(paper.decided_on, time(), UTC),
        lock_path=lock_path,
    )


def _printed(paper: CertificatePaper) -> dict[str, Any]:
    """The strings as they appear on paper, so that the template only has to place them."""
    numbers = ("blanko_number", "certificate_number", "lpjk_registration_number", "decided_place")
    names = ("holder_name", "signer_name")
    phrases = (
        "bidang",
        "jabatan_kerja",
        "lembaga",
        "signer_title",
        "klasifikasi",
        "subklasifikasi",
        "kualifikasi",
        "okupasi",
    )
    level = number_words(paper.jenjang)
    address, _, token = paper.verification_address.rpartition("/")
    units = paper.units if paper.print_unit_list else ()
    return {
        **{name: _line(name, getattr(paper, name), LONGEST_NUMBER) for name in numbers},
        **{name: _line(name, getattr(paper, name)) for name in names},
        **{name: _both(name, getattr(paper, name)) for name in phrases},
        "jenjang": {"id": level.id.title(), "en": (level.en or "").title()},  # 7 (Tujuh)
        "validity": _both("validity", years_words(paper.validity_years)),
        "valid_from": _both("valid_from", date_words(paper.valid_from)),
        "valid_until": _both("valid_until", date_words(paper.valid_until)),
        "decided_on": _both("decided_on", date_words(paper.decided_on)),
        "verification": {"address": f"{address}/", "token": token},
        "units": [{"code": _line("code", u.code), "title": _both("title", u.title)} for u in units],
        "is_sample": paper.is_sample,
    }


def _line(name: str, text: str, longest: int = LONGEST_TEXT) -> str:
    line = printable(text)
    if not 0 < len(line) <= longest:
        raise ValueError(f"{name} must have 1 to {longest} letters")
    return line


def _both(name: str, phrase: Bilingual) -> dict[str, str | None]:
    return {"id": _line(name, phrase.id), "en": _line(name, phrase.en) if phrase.en else None}
