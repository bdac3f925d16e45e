"""What the cells of a sheet mean: text, dates, numbers and choices, read as the form of the asesi would take them.

Shape only. What other rows and the database say about a row is the services' (sheet_import_check.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from wtforms.validators import Optional, ValidationError

from lsp import clock
from lsp.data import read_csv
from lsp.forms.base import as_line, trimmed
from lsp.forms.registration import PersonalForm, WorkForm, needed, only_signs
from lsp.gateways.sheets import Cell
from lsp.models.inforce import setting
from lsp.services import apl01, id_izin, regions
from lsp.services.sheet_import_columns import BY_NAME, Table, letter, normal
from lsp.services.sheet_import_rows import Offer, SheetRow, Weight
from lsp.vocabulary import Labelled, Mode, RequestKind, Sex
from lsp.workflow.guards.registration import ID_IZIN, is_nik

#: Texts that the form of the asesi takes as they are, and the form whose field says what is wrong with them.
_TEXTS: dict[str, Any] = {
    **dict.fromkeys(("full_name", "email", "birth_place", "address", "postcode", "school", "study_programme"),
                    PersonalForm),
    **dict.fromkeys(("institution", "position"), WorkForm),
}  # fmt: skip
_LEFT_OUT = "Isian ini tidak diambil; asesi mengisinya sendiri."
_MONTHS = (
    "januari", "februari", "maret", "april", "mei", "juni", "juli", "agustus", "september", "oktober", "november",
    "desember",
)  # fmt: skip
_EXCEL_DAY_0 = date(1899, 12, 30)
_SEXES = {"l": Sex.MALE, "lakilaki": Sex.MALE, "pria": Sex.MALE, "p": Sex.FEMALE, "perempuan": Sex.FEMALE,
          "wanita": Sex.FEMALE}  # fmt: skip
_EDUCATIONS = {
    "sltp": "SMP", "sma": "SMA/SMK", "smk": "SMA/SMK", "slta": "SMA/SMK", "stm": "SMA/SMK", "ma": "SMA/SMK",
    "smasederajat": "SMA/SMK", "di": "D1", "dii": "D2", "diii": "D3", "diploma3": "D3", "div": "D4/S1 Terapan",
    "d4": "D4/S1 Terapan", "s1terapan": "D4/S1 Terapan", "sarjana": "S1", "magister": "S2", "doktor": "S3",
}  # fmt: skip
_MODES = {"daring": Mode.DARING, "jarakjauh": Mode.DARING, "online": Mode.DARING, "luring": Mode.LURING,
          "tatapmuka": Mode.LURING, "offline": Mode.LURING}  # fmt: skip


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
    named = _named(offers)
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
    _region(row, at)
    _doubts(row)
    row.offer = _skema(row, at.get("skema"), named, chosen.offer)
    row.kind = _choice(row, "kind", at.get("kind"), _labels(RequestKind), chosen.kind)
    row.mode = _choice(row, "mode", at.get("mode"), _labels(Mode) | _MODES, chosen.mode)  # fmt: skip


# --- Text --------------------------------------------------------------------------------------------------------


def _id_izin(row: SheetRow, cell: Cell | None, oldest_days: int) -> None:
    row.id_izin = id_izin.normal(as_line(cell.text)) if cell else ""
    if not row.id_izin:
        row.say(Weight.FAULT, "id_izin", "Belum diisi. Salin ID Izin asesi ini dari Portal Perizinan.")  # fmt: skip
    elif not ID_IZIN.fullmatch(row.id_izin):
        row.say(Weight.FAULT, "id_izin", "Belum benar. Salin lagi dari Portal Perizinan, contohnya I-2026111809150100042.")  # fmt: skip
    elif doubt := id_izin.doubts(row.id_izin, oldest_days=oldest_days):
        sentence = doubt.sentence.replace("centang kotak di bawah", "centang barisnya")
        row.say(Weight.FAULT if doubt.final else Weight.DOUBT, "id_izin", sentence)


def _text(row: SheetRow, name: str, text: str, form: Any) -> None:
    """As the field of that form would take it; what must be there is a fault, the rest is left to the asesi."""
    value = trimmed(text) if name == "address" else " ".join(as_line(text).split())
    wrong = _why_not(form, name, value)
    if wrong is None:
        row.values[name] = value.lower() if name == "email" else value
    elif BY_NAME[name].must:
        row.say(Weight.FAULT, name, wrong)
    else:
        row.say(Weight.NOTE, name, f"{wrong} {_LEFT_OUT}")


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
        row.say(Weight.FAULT, "nik", "Excel memendekkan NIK ini menjadi bilangan, jadi angkanya hilang. Jadikan kolomnya Teks, lalu ketik lagi 16 angkanya.")  # fmt: skip
        return
    passport = re.fullmatch(r"[0-9A-Za-z]{5,20}", text) and not text.isdigit()
    if not is_nik(text) and not passport:
        row.say(Weight.FAULT, "nik", f"NIK terdiri dari 16 angka, yang tertulis {len(text)}. Cocokkan dengan KTP. Warga asing: tulis nomor paspornya.")  # fmt: skip
        return
    row.values["nik"] = text
    if cell.kind == "number":
        row.say(Weight.DOUBT, "nik", "NIK tersimpan sebagai angka, dan Excel hanya menyimpan 15 angka pertamanya. Cocokkan dengan KTP, lalu centang barisnya.")  # fmt: skip


def _phone(row: SheetRow, cell: Cell) -> None:
    text = cell.text
    if cell.kind == "number" and text.startswith("8"):
        text = f"0{text}"
    _text(row, "phone_mobile", text, PersonalForm)


def _birth_date(row: SheetRow, cell: Cell) -> None:
    day = _day(cell)
    if day is None or day.year < 1900 or day >= clock.today_wib():
        row.say(Weight.FAULT, "birth_date", f"“{cell.text[:30]}” bukan tanggal lahir. Tulis seperti ini: 31/12/1990.")  # fmt: skip
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
        row.say(Weight.NOTE, "graduation_year", f"Tulis tahun dengan empat angka, misalnya 2015. {_LEFT_OUT}")  # fmt: skip


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
        row.say(Weight.NOTE, "nik", f"{doubt.fact} Cocokkan dengan KTP.")


# --- Choices -----------------------------------------------------------------------------------------------------


def _sex(row: SheetRow, cell: Cell) -> None:
    found = _SEXES.get(normal(cell.text))
    if found is None:
        row.say(Weight.NOTE, "sex", f"Tulis L atau P. {_LEFT_OUT}")
    else:
        row.values["sex"] = found.value


def _education(row: SheetRow, cell: Cell) -> None:
    word = normal(cell.text)
    found = _levels().get(word) or _EDUCATIONS.get(word)
    if found is None:
        row.say(Weight.NOTE, "education", f"“{cell.text[:30]}” tidak ada di daftar pendidikan. {_LEFT_OUT}")  # fmt: skip
    else:
        row.values["education"] = found


@cache
def _levels() -> dict[str, str]:
    return {normal(row["label"]): row["label"] for row in read_csv("reference/pendidikan.csv")}


def _region(row: SheetRow, at: dict[str, Cell]) -> None:
    """Province and city, by name or by code; a city whose name stands once brings its province."""
    province = ""
    if "province_code" in at:
        province = _province(at["province_code"].text)
        if not province:
            row.say(Weight.NOTE, "province_code", f"“{at['province_code'].text[:40]}” tidak ada di daftar provinsi. {_LEFT_OUT}")  # fmt: skip
    if "city_code" in at:
        found = [city for city in _cities(at["city_code"].text) if not province or city.province_code == province]  # fmt: skip
        if len(found) == 1:
            province = found[0].province_code
            row.values["city_code"] = found[0].code
        else:
            row.say(Weight.NOTE, "city_code", f"“{at['city_code'].text[:40]}” belum jelas di provinsi itu. Tulis “Kabupaten” atau “Kota” di depannya. {_LEFT_OUT}")  # fmt: skip
    if province:
        row.values["province_code"] = province


@cache
def _provinces() -> dict[str, str]:
    found = {normal(each.name): each.code for each in regions.provinces()}
    return found | {each.code: each.code for each in regions.provinces()}


def _province(text: str) -> str:
    word = normal(text)
    short = {"jakarta": "dkijakarta", "diy": "daerahistimewayogyakarta", "yogyakarta": "daerahistimewayogyakarta",
             "diyogyakarta": "daerahistimewayogyakarta"}  # fmt: skip
    for each in (word, re.sub(r"\Aprov(insi)?", "", word), short.get(word, "")):
        if each in _provinces():
            return _provinces()[each]
    return ""


@cache
def _city_names() -> dict[str, list[regions.City]]:
    """Whole names, names without their first word, and codes."""
    found: dict[str, list[regions.City]] = {}
    for province in regions.provinces():
        for city in regions.cities_of(province.code):
            for word in {
                normal(city.name), normal(city.name.partition(" ")[2]), normal(city.code), normal(city.code.replace(".", ""))
            }:  # fmt: skip
                found.setdefault(word, []).append(city)
    return found


def _cities(text: str) -> list[regions.City]:
    word = re.sub(r"\Akab(?!upaten)", "kabupaten", normal(text))
    return _city_names().get(word, [])


def _named(offers: list[Offer]) -> dict[str, list[Offer]]:
    found: dict[str, list[Offer]] = {}
    for offer in offers:
        for word in {normal(offer.number), normal(offer.title)}:
            found.setdefault(word, []).append(offer)
    return found


def _skema(
    row: SheetRow, cell: Cell | None, named: dict[str, list[Offer]], chosen: Offer | None
) -> Offer | None:
    if cell is None:
        if chosen is None:
            row.say(Weight.FAULT, "skema", "Belum diisi. Isi nomor atau judul skema, atau pilih skema saat mengunggah.")  # fmt: skip
        return chosen
    found = named.get(normal(cell.text), [])
    if len(found) == 1:
        return found[0]
    why = "dipakai beberapa skema. Tulis nomornya" if found else "bukan skema yang dibuka. Salin nomor atau judulnya dari lembar Pilihan di templat"  # fmt: skip
    row.say(Weight.FAULT, "skema", f"“{cell.text[:60]}” {why}.")
    return None


def _labels(members: Iterable[Labelled]) -> dict[str, Any]:
    return {normal(word): member for member in members for word in (member.label, member.value)}


def _choice(row: SheetRow, name: str, cell: Cell | None, words: dict[str, Any], chosen: Any) -> Any:
    if cell is None:
        if chosen is None:
            row.say(Weight.FAULT, name, f"Belum diisi. Isi {BY_NAME[name].title.lower()}, atau pilih sekali saat mengunggah.")  # fmt: skip
        return chosen
    found = words.get(normal(cell.text))
    if found is None:
        choices = ", ".join(dict.fromkeys(each.label for each in words.values()))
        row.say(Weight.FAULT, name, f"“{cell.text[:40]}” tidak dikenal. Tulis salah satu: {choices}.")  # fmt: skip
    return found


_READERS: dict[str, Callable[[SheetRow, Cell], None]] = {
    "nik": _nik,
    "phone_mobile": _phone,
    "birth_date": _birth_date,
    "graduation_year": _year,
    "sex": _sex,
    "education": _education,
}
