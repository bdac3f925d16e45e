"""The rows of FR.APL.01 in words, the same for the asesi, the admin, the asesor and the pleno."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from lsp.models import Document, FrApl01
from lsp.services.apl01_rows import KINDS, rows_of
from lsp.views.filters import rupiah, tanggal_singkat
from lsp.vocabulary import FieldOrigin
from lsp.workflow.guards.registration import is_foreigner

#: Heads of the kinds of rows.
TITLES = {
    "pendidikan": "Pendidikan formal",
    "pengalaman": "Pengalaman kerja",
    "pelatihan": "Pelatihan",
}


#: Fields of the form in the words of the official form, for lists of where they came from.
FIELD_WORDS = {
    "full_name": "nama lengkap", "nik": "NIK/paspor", "birth_place": "tempat lahir", "birth_date": "tanggal lahir",
    "sex": "jenis kelamin", "nationality": "kebangsaan", "address": "alamat rumah", "province_code": "provinsi",
    "city_code": "kabupaten/kota", "postcode": "kode pos", "phone_home": "telepon rumah",
    "phone_office": "telepon kantor", "phone_mobile": "nomor HP", "email": "e-mail",
    "education": "kualifikasi pendidikan", "school": "sekolah", "study_programme": "program studi",
    "graduation_year": "tahun lulus", "institution": "institusi/perusahaan", "position": "jabatan",
    "office_address": "alamat kantor", "office_postcode": "kode pos kantor", "office_phone": "telepon kantor",
    "office_fax": "fax kantor", "office_email": "e-mail pekerjaan", "purpose": "tujuan asesmen",
    "purpose_other": "tujuan lainnya", "funding": "sumber anggaran", "ministry": "yang membiayai",
    "claimed_rule_id": "syarat pendidikan dan pengalaman",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowWords:
    """A row as people read it. proof_word: which file proves it ("Surat referensi"), empty where none is asked."""

    id: str
    title: str
    lines: list[str]
    origin: str
    proof_word: str
    proof: Document | None

    @property
    def text(self) -> str:
        return "; ".join(self.lines)


def rows_words(form: FrApl01 | None, kind: str, documents: Iterable[Document]) -> list[RowWords]:
    """The rows of a kind; documents: the standing files of the case."""
    files = {document.id: document for document in documents}
    return [_words(kind, row, files) for row in rows_of(form, kind)]


def all_rows(
    form: FrApl01 | None, documents: Iterable[Document]
) -> list[tuple[str, list[RowWords]]]:
    """(head, rows) of each kind that has any."""
    files = list(documents)
    found = [(TITLES[kind], rows_words(form, kind, files)) for kind in KINDS]
    return [(title, rows) for title, rows in found if rows]


def number_word(form: FrApl01 | None) -> str:
    """What the number of the person is: citizens have a NIK, others give that of their passport."""
    return "Nomor paspor" if form is not None and is_foreigner(form.nationality) else "NIK"


def origin_words(origin: FieldOrigin) -> str:
    """Where a value came from; nothing to say of what the asesi typed."""
    return "" if origin is FieldOrigin.ASESI else origin.label


def _words(kind: str, row: Any, files: dict[int, Document]) -> RowWords:
    title, lines = {"pendidikan": _education, "pengalaman": _experience, "pelatihan": _training}[
        kind
    ](row)
    found = KINDS[kind]
    proof = files.get(getattr(row, found.proof_column)) if found.proof_column else None
    return RowWords(
        row.public_id,
        title,
        [line for line in lines if line],
        origin_words(row.origin or FieldOrigin.ASESI),
        found.proof_word,
        proof,
    )


def _education(row: Any) -> tuple[str, list[str]]:
    year = f"lulus {row.graduation_year}" if row.graduation_year else ""
    number = f"Ijazah {row.diploma_number}" if row.diploma_number else ""
    day = tanggal_singkat(row.diploma_date) if row.diploma_date else ""
    return _joined(row.level, row.study_programme), [
        _joined(row.school, year),
        _joined(number or ("Ijazah" if day else ""), day),
    ]


def _experience(row: Any) -> tuple[str, list[str]]:
    value = f"Nilai {rupiah(row.project_value)}" if row.project_value is not None else ""
    simpan = f"SIMPAN {row.simpan_number}" if row.simpan_number else ""
    return row.position, [
        _joined(row.project, row.location, row.employer),
        period(row.started_on, row.ended_on),
        _joined(value, simpan),
    ]


def _training(row: Any) -> tuple[str, list[str]]:
    days = ""
    if row.started_on or row.ended_on:
        days = period(row.started_on or row.ended_on, row.ended_on or row.started_on)
    return row.name, [row.organiser, _joined(days, f"{row.hours} JP" if row.hours else "")]


def period(start: date, end: date | None) -> str:
    """1 Jan 2018 – 31 Des 2020, or “sekarang” for what goes on; one day alone stands once."""
    if start == end:
        return tanggal_singkat(start)
    return f"{tanggal_singkat(start)} – {tanggal_singkat(end) if end else 'sekarang'}"


def _joined(*parts: object) -> str:
    return ", ".join(str(part) for part in parts if part)
