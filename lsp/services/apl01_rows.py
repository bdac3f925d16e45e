"""The rows of FR.APL.01: formal education, work experience, training. Added, changed and taken away one by one.

The form prints one qualification (forms 2): its own education fields follow the highest row. A form filled before
there were rows shows those fields as its one row, which is stored with the first change.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import select

from lsp import clock
from lsp.data import read_csv
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import (
    Document,
    FieldSource,
    FormalEducation,
    FrApl01,
    Permohonan,
    Training,
    WorkExperience,
)
from lsp.services import apl01
from lsp.vocabulary import FieldOrigin

Row = WorkExperience | FormalEducation | Training


@dataclass(frozen=True, slots=True)
class RowKind:
    """A kind of rows: its table, where FrApl01 holds them, how many there may be, and the proof that a row names."""

    table: type[Row]
    relation: str
    most: int
    word: str
    proof_column: str = ""
    #: Code of the document row whose files may be named as the proof.
    proof_code: str = ""
    proof_word: str = ""


#: By the word in the address, in the order in which they are asked.
KINDS: dict[str, RowKind] = {
    "pendidikan": RowKind(FormalEducation, "educations", 10, "pendidikan"),
    "pengalaman": RowKind(
        WorkExperience, "experiences", 20, "pengalaman", "reference_document_id", "3", "Surat referensi"
    ),
    "pelatihan": RowKind(
        Training, "trainings", 20, "pelatihan", "certificate_document_id", "4", "Sertifikat"
    ),
}  # fmt: skip
#: The one row of a form filled before there were rows; no stored row has this name.
FROM_FORM = "semula"
#: Field of the form -> column of the row it follows.
EDUCATION_FIELDS = {
    "education": "level",
    "school": "school",
    "study_programme": "study_programme",
    "graduation_year": "graduation_year",
}
GONE = (
    "Baris ini sudah tidak ada. Mungkin sudah dihapus di tab atau HP lain. Isian Anda masih ada di bawah. "
    "Tekan Tambahkan untuk mencatatnya sebagai baris baru."
)


def rows_of(form: FrApl01 | None, kind: str) -> list[Any]:
    """The rows to show; for a form filled before there were rows its education fields as one."""
    if form is None:
        return []
    rows = list(getattr(form, KINDS[kind].relation))
    if kind == "pendidikan" and not rows and form.education:
        return [_from_fields(form, public_id=FROM_FORM)]
    return rows


def row_of(form: FrApl01 | None, kind: str, row_id: str) -> Any | None:
    return next((row for row in rows_of(form, kind) if row.public_id == row_id), None)


def add(permohonan: Permohonan, kind: str, values: dict[str, Any]) -> Row:
    """Raises DomainError past the limit, when dates run backwards, or for a file of another permohonan."""
    found = KINDS[kind]
    form = form_in_rows(permohonan, kind)
    if len(getattr(form, found.relation)) >= found.most:
        raise DomainError(
            f"Paling banyak {found.most} {found.word}. Hapus yang kurang penting dulu."
        )
    _check(permohonan, found, values)
    row = found.table(fr_apl_01_id=permohonan.id, **values)
    db.session.add(row)
    _changed(permohonan, form, kind)
    return row


def change(permohonan: Permohonan, kind: str, row_id: str, values: dict[str, Any]) -> Any:
    """From now on the row is the asesi's own. Raises DomainError like `add`, or when the row is gone."""
    form = form_in_rows(permohonan, kind)
    row = _stored(form, kind, row_id)
    _check(permohonan, KINDS[kind], values)
    for name, value in values.items():
        setattr(row, name, value)
    row.origin = FieldOrigin.ASESI
    _changed(permohonan, form, kind)
    return row


def remove(permohonan: Permohonan, kind: str, row_id: str) -> None:
    """Raises DomainError when there is no such row on this form."""
    form = form_in_rows(permohonan, kind)
    getattr(form, KINDS[kind].relation).remove(_stored(form, kind, row_id))
    _changed(permohonan, form, kind)


def follow_highest(form: FrApl01) -> None:
    """The education that the form prints: of the highest level, of two alike the later one."""
    highest = max(
        reversed(form.educations),
        key=lambda row: (rank(row.level), row.graduation_year or 0),
        default=None,
    )
    for field, column in EDUCATION_FIELDS.items():
        empty = None if field == "graduation_year" else ""
        # A row not yet written has no defaults: what it leaves out is None.
        setattr(form, field, getattr(highest, column, None) or empty)


@cache
def levels() -> tuple[str, ...]:
    """Levels of education from the lowest to the highest (reference/pendidikan.csv)."""
    rows = sorted(read_csv("reference/pendidikan.csv"), key=lambda row: int(row["urut"]))
    return tuple(row["label"] for row in rows)


def rank(level: str) -> int:
    """How high a level is, -1 for what is none."""
    return levels().index(level) if level in levels() else -1


def _stored(form: FrApl01, kind: str, row_id: str) -> Any:
    rows = getattr(form, KINDS[kind].relation)
    if row_id == FROM_FORM and kind == "pendidikan" and len(rows) == 1:
        return rows[0]
    for row in rows:
        if row.public_id == row_id:
            return row
    raise DomainError(GONE)


def form_in_rows(permohonan: Permohonan, kind: str) -> FrApl01:
    """The form, its older education fields stored as a row before anything is done to the rows."""
    form = apl01.form_of(permohonan)
    if kind == "pendidikan" and not form.educations and form.education:
        source = db.session.get(FieldSource, (form.permohonan_id, "education"))
        origin = source.origin if source is not None else FieldOrigin.ASESI
        form.educations.append(_from_fields(form, origin=origin))
        db.session.flush()
    return form


def _from_fields(form: FrApl01, **more: Any) -> FormalEducation:
    values = {column: getattr(form, field) for field, column in EDUCATION_FIELDS.items()}
    return FormalEducation(fr_apl_01_id=form.permohonan_id, **values, **more)


def _check(permohonan: Permohonan, kind: RowKind, values: dict[str, Any]) -> None:
    start, end = values.get("started_on"), values.get("ended_on")
    if start is not None and end is not None and end < start:
        raise DomainError(
            "Tanggal selesai lebih awal dari tanggal mulai. Periksa lagi tanggalnya.",
            field="ended_on",
        )
    proof = values.get(kind.proof_column)
    if proof is not None and not _stands(permohonan, proof):
        raise DomainError(
            "Berkas yang dipilih sudah tidak ada. Pilih lagi berkasnya.", field="proof"
        )


def _stands(permohonan: Permohonan, document_id: int) -> bool:
    return bool(
        db.session.scalar(
            select(Document.id).where(
                Document.id == document_id,
                Document.permohonan_id == permohonan.id,
                Document.replaced_at.is_(None),
            )
        )
    )


def _changed(permohonan: Permohonan, form: FrApl01, kind: str) -> None:
    form.updated_at = clock.now()
    db.session.flush()
    db.session.expire(form, [KINDS[kind].relation])
    if kind == "pendidikan":
        follow_highest(form)
        apl01.note_own(permohonan, list(EDUCATION_FIELDS))
        db.session.flush()
