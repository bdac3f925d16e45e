"""What the cells of a sheet mean: text, dates, numbers and choices, read as the form of the asesi would take them.

Shape only. What other rows and the database say about a row is the services' (sheet_import_check.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from wtforms.validators import Optional, ValidationError

from lsp import clock
from lsp.forms.apl01_rows import EducationForm
from lsp.forms.base import as_line, trimmed
from lsp.forms.registration import PersonalForm, WorkForm, needed, only_signs
from lsp.forms.sheet_choices import (
    LEFT_OUT,
    MODES,
    choice,
    education,
    labels,
    named_by,
    region,
    sex,
    skema,
)
from lsp.gateways.sheets import Cell
from lsp.models.inforce import setting
from lsp.services import apl01, id_izin
from lsp.services.sheet_import_columns import BY_NAME, Table, letter
from lsp.services.sheet_import_rows import Offer, SheetRow, Weight
from lsp.vocabulary import Mode, RequestKind, Sex
from lsp.workflow.guards.registration import ID_IZIN, ID_IZIN_WRONG, is_nik, is_passport

#: Texts that the form of the asesi takes as they are, and the form whose field says what is wrong with them.
_TEXTS: dict[str, Any] = {
    **dict.fromkeys(("full_name", "email", "birth_place", "address", "postcode"), PersonalForm),
    **dict.fromkeys(("school", "study_programme"), EducationForm),
    **dict.fromkeys(("institution", "position"), WorkForm),
}
_MONTHS = (
    "januari",
    "februari",
    "maret",
    "april",
    "mei",
    "juni",
    "juli",
    "agustus",
    "september",
    "oktober",
    "november",
    "desember",
)
_EXCEL_DAY_0 = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What holds for the whole sheet where a row says nothing of its own."""

    offer: Offer | None = None
    kind: RequestKind | None = None
    mode: Mode | None = None


@dataclass(frozen=True, slots=True)
class _Label:
    text: str


@dataclass(frozen=True, slots=True)
class _Typed:
    """What a validator looks at."""

    data: str
    label: _Label


def read_rows(table: Table, offers: list[Offer], chosen: Chosen) -> list[SheetRow]:
    """Every row with its values and what is wrong with them."""
    letters = {name: letter(place) for name, place in table.places.items()}
    named = named_by(offers)
    oldest_days = int(setting("id_izin_oldest_days"))
    rows = []
    for number, cells in table.rows:
        at = {name: cells[place] for name, place in table.places.items() if place < len(cells)}
        row = SheetRow(
            number, cells={name: cell.text for name, cell in at.items()}, letters=letters
        )
        usable = {
            name: cell for name, cell in at.items() if cell.text and _is_usable(row, name, cell)
        }
        _id_izin(row, usable.get("id_izin"), oldest_days)
        _read(row, usable, named, chosen)
        rows.append(row)
    return rows  # fmt: skip


def _is_usable(row: SheetRow, name: str, cell: Cell) -> bool:
    if cell.kind == "cut":
        row.cells[name] = cell.text[:200]
        row.say(Weight.FAULT, name, "Isi sel ini terlalu panjang. Pendekkan, lalu unggah lagi.")
        return False
    if re.fullmatch(r"#(REF!|N/A|VALUE!|NAME\?|DIV/0!|NULL!|NUM!)", cell.text):
        row.say(Weight.FAULT, name, f"Rumusnya gagal ({cell.text}). Ketik isinya sendiri.")
        return False
    return True


def _read(
    row: SheetRow, at: dict[str, Cell], named: dict[str, list[Offer]], chosen: Chosen
) -> None:
    for name, form in _TEXTS.items():
        if name in at:
            _text(row, name, at[name].text, form)
    for name, what in (("full_name", "nama lengkap"), ("email", "e-mail")):
        if name not in at:
            row.say(Weight.FAULT, name, f"Belum diisi. Isi {what} asesi.")
    for name, read in _READERS.items():
        if name in at:
            read(row, at[name])
    region(row, at)
    _doubts(row)
    row.offer = skema(row, at.get("skema"), named, chosen.offer)
    row.kind = choice(row, "kind", at.get("kind"), labels(RequestKind), chosen.kind)
    row.mode = choice(row, "mode", at.get("mode"), labels(Mode) | MODES, chosen.mode)


# --- Text --------------------------------------------------------------------------------------------------------


def _id_izin(row: SheetRow, cell: Cell | None, oldest_days: int) -> None:
    row.id_izin = id_izin.normal(as_line(cell.text)) if cell else ""
    if not row.id_izin:
        row.say(
            Weight.FAULT, "id_izin", "Belum diisi. Salin ID Izin asesi ini dari Portal Perizinan."
        )
    elif not ID_IZIN.fullmatch(row.id_izin):
        row.say(
            Weight.FAULT,
            "id_izin",
            ID_IZIN_WRONG,
        )
    elif doubt := id_izin.doubts(row.id_izin, oldest_days=oldest_days, to_tick="barisnya"):
        row.say(Weight.FAULT if doubt.final else Weight.DOUBT, "id_izin", doubt.sentence)


def _text(row: SheetRow, name: str, text: str, form: Any) -> None:
    """As the field of that form would take it; what must be there is a fault, the rest is left to the asesi."""
    value = trimmed(text) if name == "address" else " ".join(as_line(text).split())
    wrong = _why_not(form, name, value)
    if wrong is None:
        row.values[name] = value.lower() if name == "email" else value
    elif BY_NAME[name].must:
        row.say(Weight.FAULT, name, wrong)
    else:
        row.say(Weight.NOTE, name, f"{wrong} {LEFT_OUT}")


def _why_not(form: Any, name: str, value: str) -> str | None:
    typed = _Typed(value, _Label(BY_NAME[name].title))
    try:
        for check in _checks(form, name):
            check(None, typed)
    except (ValidationError, ValueError) as wrong:
        return str(wrong)
    return None


@cache
def _checks(form: Any, name: str) -> tuple[Callable[[Any, Any], None], ...]:
    """The validators of a form's field; whether it must be filled is not theirs to say here."""
    declared = getattr(form, name).kwargs["validators"]
    return tuple(
        check for check in declared if check is not needed and not isinstance(check, Optional)
    )


# --- Numbers and dates -------------------------------------------------------------------------------------------


def _nik(row: SheetRow, cell: Cell) -> None:
    text = only_signs(cell.text).strip("'’`")
    if re.fullmatch(r"[0-9]([.,]?[0-9]+)?[eE]\+?[0-9]+", cell.text.replace(" ", "")):
        row.say(
            Weight.FAULT,
            "nik",
            "Excel memendekkan NIK ini menjadi bilangan, jadi angkanya hilang. "
            "Jadikan kolomnya Teks, lalu ketik lagi 16 angkanya.",
        )
        return
    # Figures alone are a NIK that lost some far more often than a passport.
    if not is_nik(text) and (text.isdigit() or not is_passport(text)):
        row.say(
            Weight.FAULT,
            "nik",
            f"NIK terdiri dari 16 angka, yang tertulis {len(text)}. "
            "Cocokkan dengan KTP. Warga asing: tulis nomor paspornya, 5 sampai 9 huruf dan angka.",
        )
        return
    row.values["nik"] = text
    if cell.kind == "number":
        row.say(
            Weight.DOUBT,
            "nik",
            "NIK tersimpan sebagai angka, dan Excel hanya menyimpan 15 angka pertamanya. "
            "Cocokkan dengan KTP, lalu centang barisnya.",
        )


def _phone(row: SheetRow, cell: Cell) -> None:
    text = cell.text
    if cell.kind == "number" and text.startswith("8"):
        text = f"0{text}"
    _text(row, "phone_mobile", text, PersonalForm)


def _birth_date(row: SheetRow, cell: Cell) -> None:
    day = _day(cell)
    if day is None or day.year < 1900 or day >= clock.today_wib():
        row.say(
            Weight.FAULT,
            "birth_date",
            f"“{cell.text[:30]}” bukan tanggal lahir. Tulis seperti ini: 31/12/1990.",
        )
    else:
        row.values["birth_date"] = day.isoformat()


def _day(cell: Cell) -> date | None:
    """A date of Excel's, one it shows as a number, or one written in words or figures."""
    try:
        if cell.kind == "date":
            return date.fromisoformat(cell.text)
        if cell.kind == "number":
            return _EXCEL_DAY_0 + timedelta(days=int(cell.text)) if 1 < int(cell.text) < 80_000 else None  # fmt: skip
        parts = [part for part in re.split(r"[\s/.,-]+", cell.text.strip().lower()) if part]
        if len(parts) != 3:
            return None
        if parts[1] in _MONTHS:
            parts[1] = str(_MONTHS.index(parts[1]) + 1)
        if len(parts[0]) == 4:
            parts.reverse()
        day, month, year = (int(part) for part in parts)
        return date(year, month, day) if year >= 1000 else None
    except (ValueError, OverflowError):
        return None


def _year(row: SheetRow, cell: Cell) -> None:
    text = cell.text[:4] if cell.kind == "date" else cell.text
    if re.fullmatch(r"[0-9]{4}", text) and 1940 <= int(text) <= clock.today_wib().year:
        row.values["graduation_year"] = int(text)
    else:
        row.say(
            Weight.NOTE,
            "graduation_year",
            f"Tulis tahun dengan empat angka, misalnya 2015. {LEFT_OUT}",
        )


def _doubts(row: SheetRow) -> None:
    """What the portal would ask the asesi too; real people have odd numbers."""
    if not is_nik(row.nik):
        return
    born, sex = row.values.get("birth_date"), row.values.get("sex")
    for doubt in apl01.doubts_about_nik(
        row.nik,
        birth_date=date.fromisoformat(born) if born else None,
        sex=Sex(sex) if sex else None,
    ):
        row.say(Weight.DOUBT, "nik", f"{doubt.fact} Cocokkan dengan KTP.")


_READERS: dict[str, Callable[[SheetRow, Cell], None]] = {
    "nik": _nik,
    "phone_mobile": _phone,
    "birth_date": _birth_date,
    "graduation_year": _year,
    "sex": sex,
    "education": education,
}
