"""What FR.APL.01 and FR.APL.02 say, section by section, as plain values: to be sealed at a return, and compared after.

How it is shown to a person is not here but in lsp/views/admin/section_words.py.
"""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Any

from lsp.models import Document, FrApl01, Permohonan
from lsp.vocabulary import FormSection
from lsp.workflow.apl02_answers import answers_of
from lsp.workflow.dossier import dossier_of

_WORK = (
    "institution", "position", "office_address", "office_postcode", "office_phone", "office_fax", "office_email",
)  # fmt: skip
_CERTIFICATION = ("purpose", "purpose_other", "funding", "ministry", "claimed_rule_id")
#: They follow the highest row of education.
_EDUCATION = ("education", "school", "study_programme", "graduation_year")
#: Columns that nobody fills in: keys, and what follows from others.
_KEPT_BY_US = ("permohonan_id", "nik_index", "nik_last4", "updated_at")
#: Of a row: how it is kept, not what it says.
_HOW_KEPT = ("id", "public_id", "origin")
_FILE = Document.__table__.c.id
#: Sections that are rows of a table of their own: the relationship of FR.APL.01 they are read by.
ROWS_OF = {
    FormSection.PENDIDIKAN: "educations",
    FormSection.PENGALAMAN: "experiences",
    FormSection.PELATIHAN: "trainings",
}


def fields_of(section: FormSection) -> tuple[str, ...]:
    """The columns of FR.APL.01 in a section. A column that is named nowhere belongs to the personal data."""
    if section is FormSection.PEKERJAAN:
        return _WORK
    if section is FormSection.SERTIFIKASI:
        return _CERTIFICATION
    if section is not FormSection.PRIBADI:
        return ()
    others = (*_WORK, *_CERTIFICATION, *_EDUCATION, *_KEPT_BY_US)
    return tuple(column.key for column in FrApl01.__table__.columns if column.key not in others)


def content(permohonan: Permohonan, section: FormSection) -> dict[str, Any]:
    """What stands in a section now, as JSON can hold it."""
    if section is FormSection.FR_APL_02:
        return _answers(permohonan)
    form = dossier_of(permohonan).fr_apl_01 or FrApl01()
    if section in ROWS_OF:
        return {"rows": [_row(permohonan, row) for row in getattr(form, ROWS_OF[section])]}
    return {name: _plain(getattr(form, name)) for name in fields_of(section)}


def differs(sealed: dict[str, Any], now: dict[str, Any]) -> bool:
    """Whether something of what was sealed reads otherwise now; a field that is new since then is no change."""
    return any(now.get(name) != value for name, value in sealed.items()) or (
        # Answers and rows may have been added; an empty field of a later edition of the form is nothing new.
        any(value for name, value in now.items() if name not in sealed)
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else value


def _row(permohonan: Permohonan, row: Any) -> dict[str, Any]:
    values = {
        column.key: _plain(getattr(row, column.key))
        for column in row.__table__.columns
        if column.key not in _HOW_KEPT and not column.foreign_keys
    }
    return values | _proof(permohonan, row)


def _proof(permohonan: Permohonan, row: Any) -> dict[str, Any]:
    """The standing file that a row names as its proof, by what it is and how it is called; nothing without one."""
    named = [
        getattr(row, key.parent.key) for key in row.__table__.foreign_keys if key.column is _FILE
    ]
    if not any(named):
        return {}
    files = (file for file in dossier_of(permohonan).documents if file.id in named)
    file = next(files, None)
    return {"proof": {"file": file.public_id, "name": file.original_name}} if file else {}


def _answers(permohonan: Permohonan) -> dict[str, Any]:
    """FR.APL.02 by "unit.elemen": answer, words and the documents, by what they are and how they are called."""
    return {
        f"{unit.position}.{row.number}": {
            "answer": _plain(row.answer),
            "words": row.evidence,
            "documents": [label for _, label in row.documents],
            "files": [file for file, _ in row.documents],
        }
        for unit in answers_of(permohonan)
        for row in unit.rows
        if row.answer or row.evidence or row.documents
    }
