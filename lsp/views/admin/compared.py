"""What FR.APL.01 says beside the document it is compared with; which fields go with which document is data.

A NIK stands there by its last four figures, whole only in the answer to a reveal that the audit chain holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from lsp.data import read_json
from lsp.models import FrApl01
from lsp.views.apl01_words import number_word
from lsp.views.filters import samar, tanggal_singkat


@dataclass(frozen=True, slots=True)
class Compared:
    """(name, value) pairs. hides_nik: a NIK is among them that could be shown whole."""

    facts: list[tuple[str, str]]
    hides_nik: bool


@cache
def _fields() -> dict[str, list[str]]:
    return dict(read_json("defaults/document_facts.json"))


def compared_with(code: str, form: FrApl01 | None, *, nik: str) -> Compared:
    """For the document of this code. nik: the whole number where it was just revealed, else empty."""
    names = _fields().get(code, []) if form is not None else []
    if form is None:
        return Compared([], hides_nik=False)
    facts = [_WORDS[name](form) if name != "nik" else _nik(form, nik) for name in names]
    return Compared(
        [(name, value) for name, value in facts if value],
        hides_nik="nik" in names and bool(form.nik_last4) and not nik,
    )


def _nik(form: FrApl01, shown: str) -> tuple[str, str]:
    hidden = samar(form.nik_last4, len(form.nik or "")) if form.nik_last4 else ""
    return number_word(form), shown or hidden


def _birth(form: FrApl01) -> tuple[str, str]:
    day = tanggal_singkat(form.born_on) if form.born_on else ""
    return "Lahir", ", ".join(part for part in (form.birth_place, day) if part)


def _education(form: FrApl01) -> tuple[str, str]:
    year = str(form.graduation_year or "")
    parts = (form.education, form.school, form.study_programme, year)
    return "Pendidikan", ", ".join(part for part in parts if part)


_WORDS: dict[str, Callable[[FrApl01], tuple[str, str]]] = {
    "full_name": lambda form: ("Nama", form.full_name),
    "birth": _birth,
    "sex": lambda form: ("Jenis kelamin", form.sex.label if form.sex else ""),
    "education": _education,
}
