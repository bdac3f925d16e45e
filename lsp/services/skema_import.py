"""Skema from files: header and units down to the KUK are checked, then written as a new version.

Not for editing a version: once open it stays as it is, and a change is a new version.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from sqlalchemy import func, select

from lsp import clock
from lsp.actor import SYSTEM, Actor
from lsp.data import read_csv, read_json
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import (
    DocumentRequirement,
    EducationRule,
    Elemen,
    Kuk,
    Skema,
    SkemaVersion,
    UnitKompetensi,
)
from lsp.services import audit, mapa
from lsp.vocabulary import AcceptedFiles, PhotoExample, RequestKind

_CANNOT_OPEN = "Skema ini belum dapat dibuka untuk pendaftaran."
#: Longest texts that fit their columns.
_LONGEST = {
    "number": 80, "title": 200, "title_en": 200, "klasifikasi_code": 4, "klasifikasi": 120, "klasifikasi_en": 120,
    "subklasifikasi_code": 6, "subklasifikasi": 120, "subklasifikasi_en": 120, "kualifikasi": 60,
    "kualifikasi_en": 60, "skkni": 200,
}  # fmt: skip
_REQUIRED = (
    "number", "title", "klasifikasi_code", "klasifikasi", "subklasifikasi_code", "subklasifikasi", "kualifikasi",
)  # fmt: skip
#: Least and greatest of the numbers in a header.
_RANGES = {
    "jenjang": (1, 9),
    "validity_years": (1, 10),
    "reassessment_max": (0, 10),
    "reassessment_days": (0, 1_000),
}


class SkemaInvalid(DomainError):
    """The file or header cannot be imported; the sentence names the field, unit or elemen."""


class SkemaIncomplete(DomainError):
    """The version cannot be opened for registration; the sentence says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SkemaHeader:
    """What the LSP decides about a skema; the units come from the file."""

    number: str
    title: str
    klasifikasi_code: str
    klasifikasi: str
    subklasifikasi_code: str
    subklasifikasi: str
    kualifikasi: str
    jenjang: int
    kbli: str
    kbji: str
    title_en: str = ""
    klasifikasi_en: str = ""
    subklasifikasi_en: str = ""
    kualifikasi_en: str = ""
    skkni: str = ""
    note: str = ""
    effective_from: date | None = None
    validity_years: int = 5
    reassessment_max: int = 2
    reassessment_days: int = 180
    reassess_failed_units_only: bool = True
    methods: list[str] = field(default_factory=list)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> SkemaHeader:
        """Read a header file. Raises SkemaInvalid for a missing, unknown or unfit field."""
        known = {each.name for each in fields(cls)}
        unknown = sorted(set(data) - known)
        if unknown:
            raise SkemaInvalid(f"Kolom kepala skema tidak dikenal: {', '.join(unknown)}.")
        missing = sorted({*_REQUIRED, "jenjang", "kbli", "kbji"} - set(data))
        if missing:
            raise SkemaInvalid(f"Kolom kepala skema belum diisi: {', '.join(missing)}.")
        values = dict(data)
        try:
            if values.get("effective_from"):
                values["effective_from"] = date.fromisoformat(values["effective_from"])
        except (TypeError, ValueError):
            raise SkemaInvalid(
                "effective_from ditulis sebagai tanggal, misalnya 2026-01-31."
            ) from None
        header = cls(**values)
        header.check()
        return header

    def check(self) -> None:
        """Raises SkemaInvalid with the first thing that is wrong."""
        for name, longest in _LONGEST.items():
            text = getattr(self, name)
            if not isinstance(text, str) or (name in _REQUIRED and not text.strip()):
                raise SkemaInvalid(f"Kolom kepala skema belum diisi: {name}.")
            if len(text) > longest:
                raise SkemaInvalid(f"Kolom {name} paling panjang {longest} karakter.")
        if not _is_digits(self.kbli, 5):
            raise SkemaInvalid("KBLI wajib diisi dengan 5 angka, misalnya 71102.")
        if not _is_digits(self.kbji, 4):
            raise SkemaInvalid("KBJI wajib diisi dengan 4 angka, misalnya 2142.")
        for name, (least, most) in _RANGES.items():
            number: Any = getattr(self, name)
            if type(number) is not int or not least <= number <= most:
                raise SkemaInvalid(f"Kolom {name} wajib diisi dengan angka {least} sampai {most}.")
        if not all(isinstance(method, str) for method in self.methods):
            raise SkemaInvalid('Kolom methods berisi daftar kata, misalnya ["portofolio"].')


def import_skema(
    data: dict[str, Any], header: SkemaHeader, *, actor: Actor = SYSTEM
) -> SkemaVersion:
    """Write a new version of the skema `header.number`, not yet open. Flushes, does not commit.

    Raises SkemaInvalid before anything is written. A source that is not complete is imported with the reason
    why it cannot be opened.
    """
    header.check()
    units = check_units(data)
    skema = db.session.scalar(select(Skema).where(Skema.number == header.number))
    if skema is None:
        skema = Skema(number=header.number)
        db.session.add(skema)
        db.session.flush()
    version = SkemaVersion(
        skema=skema,
        version_number=_next_version(skema),
        effective_from=header.effective_from or clock.today_wib(),
        skkni=header.skkni or str(data.get("skkni") or ""),
        incomplete_reason=incomplete_reason(data),
        **{
            each.name: getattr(header, each.name)
            for each in fields(header)
            if each.name not in ("number", "effective_from", "skkni")
        },
    )
    version.units = [_unit(position, unit) for position, unit in enumerate(units, 1)]
    version.requirements = document_requirements(header.jenjang)
    version.education_rules = education_rules(header.jenjang)
    db.session.add(version)
    db.session.flush()
    mapa.draft_for_import(version)
    audit.note(
        actor,
        "skema.import",
        "skema_version",
        version.public_id,
        version_number=version.version_number,
    )
    return version


def open_skema(version: SkemaVersion, *, actor: Actor = SYSTEM) -> None:
    """Open a version for registration; again changes nothing. Raises SkemaIncomplete with what is missing."""
    if version.incomplete_reason:
        raise SkemaIncomplete(version.incomplete_reason)
    if version.opened_at is None:
        version.opened_at = clock.now()
        db.session.flush()
        audit.note(actor, "skema.open", "skema_version", version.public_id)


def check_units(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The units of a file. Raises SkemaInvalid naming the unit or elemen that is wrong."""
    units = data.get("units")
    if not isinstance(units, list) or not isinstance(data.get("complete"), bool):
        raise SkemaInvalid(
            "Berkas skema harus memuat 'units' (daftar) dan 'complete' (true atau false)."
        )
    seen: set[str] = set()
    for position, unit in enumerate(units, 1):
        name = _unit_name(position, unit)
        code = _text(unit, "code")
        if code and code in seen:
            raise SkemaInvalid(f"{name}: kode unit ini muncul dua kali.")
        seen.add(code)
        _check_unit(name, unit, must_be_complete=data["complete"])
    if data["complete"] and not units:
        raise SkemaInvalid("Berkas menyatakan skema lengkap, tetapi tidak memuat satu unit pun.")
    return units


def incomplete_reason(data: dict[str, Any]) -> str:
    """Why a version of this file cannot be opened; empty when it can."""
    if data["complete"]:
        return ""
    units = data["units"]
    missing = sum(not unit.get("complete", False) for unit in units)
    if not units:
        return f"Daftar unit kompetensi belum ada. {_CANNOT_OPEN}"
    if missing:
        return f"{missing} dari {len(units)} unit belum punya elemen dan KUK yang lengkap. {_CANNOT_OPEN}"
    return f"Daftar unit kompetensi belum dipastikan lengkap. {_CANNOT_OPEN}"


def import_warnings(data: dict[str, Any]) -> list[str]:
    """Sentences about what an import accepts but a person should know: units without a code."""
    return [
        f"{_unit_name(position, unit)} belum punya kode unit."
        for position, unit in enumerate(data["units"], 1)
        if not _text(unit, "code")
    ]


def document_requirements(jenjang: int) -> list[DocumentRequirement]:
    """New rows of the document checklist, for each kind of request, at this jenjang."""
    made = []
    for kind in RequestKind:
        for position, row in enumerate(read_json("defaults/document_requirements.json"), 1):
            required = kind.value in row.get("required_for", ())
            offered = required or kind.value in row.get("optional_for", ())
            if not offered or jenjang < row.get("offered_from_jenjang", 1):
                continue
            made.append(
                DocumentRequirement(
                    kind=kind,
                    position=position,
                    code=row["code"],
                    label=row["label"],
                    help_text=row["help"],
                    required=required and jenjang >= row.get("required_from_jenjang", 1),
                    max_count=row.get("max_count", 1),
                    accepts=AcceptedFiles(row.get("accepts", AcceptedFiles.PICTURE_OR_PDF)),
                    example=PhotoExample(row["example"]) if "example" in row else None,
                )
            )
    return made


def education_rules(jenjang: int) -> list[EducationRule]:
    """New rows of the education and experience rule at this jenjang."""
    rows = [
        row for row in read_csv("reference/persyaratan_dasar.csv") if int(row["jenjang"]) == jenjang
    ]
    return [
        EducationRule(
            position=position,
            education=row["pendidikan"],
            years=int(row["pengalaman_minimal_tahun"]),
            kind=next(
                (kind for kind in RequestKind if kind.value == row["jenis_permohonan"]), None
            ),
        )
        for position, row in enumerate(rows, 1)
    ]


def _check_unit(name: str, unit: dict[str, Any], *, must_be_complete: bool) -> None:
    if not _text(unit, "title"):
        raise SkemaInvalid(f"{name}: judul unit kosong.")
    if len(_text(unit, "code")) > 40 or len(_text(unit, "skkni")) > 120:
        raise SkemaInvalid(f"{name}: kode unit paling panjang 40 karakter, standar 120 karakter.")
    elements = unit.get("elements")
    if not isinstance(elements, list) or not isinstance(unit.get("complete"), bool):
        raise SkemaInvalid(
            f"{name}: harus memuat 'elements' (daftar) dan 'complete' (true atau false)."
        )
    if must_be_complete and not unit["complete"]:
        raise SkemaInvalid(f"{name}: belum lengkap, padahal berkas menyatakan skema lengkap.")
    if unit["complete"] and not elements:
        raise SkemaInvalid(f"{name}: dinyatakan lengkap, tetapi tidak punya elemen.")
    for position, elemen in enumerate(elements, 1):
        _check_elemen(name, position, elemen, complete=unit["complete"])


def _check_elemen(unit_name: str, position: int, elemen: Any, *, complete: bool) -> None:
    name = f"{unit_name}, elemen {position}"
    kuk_list = elemen.get("kuk") if isinstance(elemen, dict) else None
    if not isinstance(kuk_list, list):
        raise SkemaInvalid(f"{name}: harus memuat 'no', 'title', dan 'kuk' (daftar).")
    if _text(elemen, "no") != str(position):
        raise SkemaInvalid(
            f"{name}: bernomor '{_text(elemen, 'no')}'. Nomor elemen harus urut dari 1."
        )
    if not _text(elemen, "title"):
        raise SkemaInvalid(f"{name}: judul elemen kosong.")
    if complete and not kuk_list:
        raise SkemaInvalid(f"{name}: tidak punya KUK.")
    for number, kuk in enumerate(kuk_list, 1):
        wanted = f"{position}.{number}"
        if not isinstance(kuk, dict) or _text(kuk, "no") != wanted:
            raise SkemaInvalid(f"{name}: KUK ke-{number} harus bernomor {wanted}.")
        if not _text(kuk, "text"):
            raise SkemaInvalid(f"{name}: teks KUK {wanted} kosong.")


def _unit(position: int, unit: dict[str, Any]) -> UnitKompetensi:
    return UnitKompetensi(
        position=position,
        code=_text(unit, "code"),
        title=_text(unit, "title"),
        title_en=_text(unit, "title_en"),
        standard=_text(unit, "skkni"),
        complete=unit["complete"],
        elements=[
            Elemen(
                position=number,
                number=_text(elemen, "no"),
                title=_text(elemen, "title"),
                kuk_list=_kuk_list(elemen["kuk"]),
            )
            for number, elemen in enumerate(unit["elements"], 1)
        ],
    )


def _kuk_list(rows: Iterable[dict[str, Any]]) -> list[Kuk]:
    return [
        Kuk(position=position, number=_text(row, "no"), text=_text(row, "text"))
        for position, row in enumerate(rows, 1)
    ]


def _next_version(skema: Skema) -> int:
    last = db.session.scalar(
        select(func.max(SkemaVersion.version_number)).where(SkemaVersion.skema_id == skema.id)
    )
    return (last or 0) + 1


def _unit_name(position: int, unit: Any) -> str:
    code = _text(unit, "code") if isinstance(unit, dict) else ""
    if not isinstance(unit, dict):
        raise SkemaInvalid(f"Unit {position}: bukan objek JSON.")
    return f"Unit {position} ({code})" if code else f"Unit {position}"


def _text(row: dict[str, Any], name: str) -> str:
    return str(row.get(name) or "").strip()


def _is_digits(text: Any, length: int) -> bool:
    return isinstance(text, str) and len(text) == length and text.isascii() and text.isdigit()
