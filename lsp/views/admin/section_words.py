"""Sections of FR.APL.01 and FR.APL.02 in words: what stands there, and what became of what was sent back.

The names of fields are those of the asesi's own forms; a NIK is shown as everywhere, by its last four figures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from wtforms import Form

from lsp.forms.registration import CertificationForm, PersonalForm, WorkForm
from lsp.models import EducationRule
from lsp.services import regions
from lsp.views.filters import samar, tanggal_singkat
from lsp.vocabulary import AssessmentPurpose, FormSection, Sex

_FORMS: dict[FormSection, type[Form]] = {
    FormSection.PRIBADI: PersonalForm,
    FormSection.PEKERJAAN: WorkForm,
    FormSection.SERTIFIKASI: CertificationForm,
}
#: Columns whose field has another name.
_NAMES = {"claimed_rule_id": "claimed_rule"}
_EMPTY = "–"
#: Where two files are called the same.
_OTHER_FILE = " (berkas lain)"
Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that reads otherwise than when it was sent back; "–" where nothing stood or stands."""

    label: str
    old: str
    new: str


def facts(
    section: FormSection, content: Content, rules: Sequence[EducationRule]
) -> list[tuple[str, str]]:
    """(name, value) of everything that is filled in."""
    return [(name, words) for name, words in _all(section, content, rules) if words != _EMPTY]


def differences(
    section: FormSection, old: Content, new: Content, rules: Sequence[EducationRule]
) -> list[Difference]:
    """Only what changed. Rows are compared whole: one that was corrected is an old row and a new one."""
    if "rows" in old:
        return _rows_changed(old["rows"], new.get("rows", []))
    labels = _labels(section)
    names = [*old, *(name for name in new if name not in old)]
    changed = [name for name in names if _value(old, name) != _value(new, name)]
    return [_difference(section, name, labels, old, new, rules) for name in changed]


def _difference(
    section: FormSection, name: str, labels: Mapping[str, str], old: Content, new: Content,
    rules: Sequence[EducationRule],
) -> Difference:  # fmt: skip
    before, after = (_words(name, _value(each, name), rules) for each in (old, new))
    if before == after:
        after += _OTHER_FILE if section is FormSection.FR_APL_02 else " (angka di depannya lain)"
    return Difference(_label(section, name, labels), before, after)


def _rows_changed(old: list[Content], new: list[Content]) -> list[Difference]:
    gone = [Difference("Dihapus", _line(row), _EMPTY) for row in old if row not in new]
    before = {each.old for each in gone}
    come = [_line(row) for row in new if row not in old]
    return gone + [
        Difference("Ditambah", _EMPTY, words + (_OTHER_FILE if words in before else ""))
        for words in come
    ]


def _all(
    section: FormSection, content: Content, rules: Sequence[EducationRule]
) -> list[tuple[str, str]]:
    if "rows" in content:
        return [(str(number), _line(row)) for number, row in enumerate(content["rows"], 1)]
    labels = _labels(section)
    return [
        (_label(section, name, labels), _words(name, value, rules))
        for name, value in content.items()
    ]


def _value(content: Content, name: str) -> Any:
    return content.get(name, "")


def _labels(section: FormSection) -> dict[str, str]:
    form = _FORMS.get(section)
    return {field.name: str(field.label.text) for field in form(formdata=None)} if form else {}


def _label(section: FormSection, name: str, labels: Mapping[str, str]) -> str:
    if section is FormSection.FR_APL_02:
        unit, _, elemen = name.partition(".")
        return f"Unit {unit}, elemen {elemen}"
    words = labels.get(_NAMES.get(name, name), name)
    return words.partition(" (boleh kosong)")[0]


def _words(name: str, value: Any, rules: Sequence[EducationRule]) -> str:
    if value in ("", None):
        return _EMPTY
    if isinstance(value, Mapping):
        return _answer(value)
    if name == "claimed_rule_id":
        return next((rule.label for rule in rules if rule.id == value), "syarat lain")
    return _WORDS.get(name, str)(value)


def _answer(value: Content) -> str:
    parts = [
        value.get("answer") or "belum dijawab",
        value.get("words"),
        *value.get("documents", []),
    ]
    return " · ".join(str(part) for part in parts if part)


def _line(row: Content) -> str:
    """A row on one line, its days first and the name of its proof last; work that goes on has no last day."""
    days = [_day(value) for name, value in row.items() if name.endswith("_on") and value]
    if row.get("started_on") and not row.get("ended_on"):
        days.append("sekarang")
    others = [
        str(value)
        for name, value in row.items()
        if not name.endswith("_on") and name != "proof" and value
    ]
    proof = [f"bukti: {row['proof']['name']}"] if row.get("proof") else []
    return " · ".join([*([" – ".join(days)] if days else []), *others, *proof])


def _day(value: Any) -> str:
    try:
        return tanggal_singkat(date.fromisoformat(str(value)))
    except ValueError:
        return str(value)


_WORDS: dict[str, Callable[[Any], str]] = {
    "nik": lambda value: samar(str(value)[-4:], len(str(value))),
    "birth_date": _day,
    "sex": lambda value: Sex(value).label,
    "purpose": lambda value: AssessmentPurpose(value).label,
    "province_code": regions.province_name,
    "city_code": regions.city_name,
}
