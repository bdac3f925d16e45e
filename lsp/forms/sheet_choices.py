"""Cells whose words come from a list: skema, kind, mode, sex, education, province and city."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from lsp.gateways.sheets import Cell
from lsp.services import regions
from lsp.services.education_words import level_of
from lsp.services.sheet_import_columns import BY_NAME, normal
from lsp.services.sheet_import_rows import Offer, SheetRow, Weight
from lsp.vocabulary import Labelled, Mode, Sex

LEFT_OUT = "Isian ini tidak diambil; asesi mengisinya sendiri."
_SEXES = {"l": Sex.MALE, "lakilaki": Sex.MALE, "pria": Sex.MALE, "p": Sex.FEMALE, "perempuan": Sex.FEMALE,
          "wanita": Sex.FEMALE}  # fmt: skip
MODES = {"daring": Mode.DARING, "jarakjauh": Mode.DARING, "online": Mode.DARING, "luring": Mode.LURING,
          "tatapmuka": Mode.LURING, "offline": Mode.LURING}  # fmt: skip


def sex(row: SheetRow, cell: Cell) -> None:
    found = _SEXES.get(normal(cell.text))
    if found is None:
        row.say(Weight.NOTE, "sex", f"Tulis L atau P. {LEFT_OUT}")
    else:
        row.values["sex"] = found.value


def education(row: SheetRow, cell: Cell) -> None:
    found = level_of(cell.text)
    if found is None:
        row.say(
            Weight.NOTE,
            "education",
            f"“{cell.text[:30]}” tidak ada di daftar pendidikan. {LEFT_OUT}",
        )
    else:
        row.values["education"] = found


def region(row: SheetRow, at: dict[str, Cell]) -> None:
    """Province and city, by name or by code; a city whose name stands once brings its province."""
    province = ""
    if "province_code" in at:
        province = _province(at["province_code"].text)
        if not province:
            row.say(
                Weight.NOTE,
                "province_code",
                f"“{at['province_code'].text[:40]}” tidak ada di daftar provinsi. {LEFT_OUT}",
            )
    if "city_code" in at:
        found = [
            city
            for city in _cities(at["city_code"].text)
            if not province or city.province_code == province
        ]
        if len(found) == 1:
            province = found[0].province_code
            row.values["city_code"] = found[0].code
        else:
            row.say(
                Weight.NOTE,
                "city_code",
                f"“{at['city_code'].text[:40]}” belum jelas di provinsi itu. "
                f"Tulis “Kabupaten” atau “Kota” di depannya. {LEFT_OUT}",
            )
    if province:
        row.values["province_code"] = province


@cache
def _provinces() -> dict[str, str]:
    found = {normal(each.name): each.code for each in regions.provinces()}
    return found | {each.code: each.code for each in regions.provinces()}


def _province(text: str) -> str:
    word = normal(text)
    short = {
        "jakarta": "dkijakarta",
        "diy": "daerahistimewayogyakarta",
        "yogyakarta": "daerahistimewayogyakarta",
        "diyogyakarta": "daerahistimewayogyakarta",
    }
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
                normal(city.name),
                normal(city.name.partition(" ")[2]),
                normal(city.code),
                normal(city.code.replace(".", "")),
            }:
                found.setdefault(word, []).append(city)
    return found


def _cities(text: str) -> list[regions.City]:
    word = re.sub(r"\Akab(?!upaten)", "kabupaten", normal(text))
    return _city_names().get(word, [])


def named_by(offers: list[Offer]) -> dict[str, list[Offer]]:
    found: dict[str, list[Offer]] = {}
    for offer in offers:
        for word in {normal(offer.number), normal(offer.title)}:
            found.setdefault(word, []).append(offer)
    return found


def skema(
    row: SheetRow, cell: Cell | None, named: dict[str, list[Offer]], chosen: Offer | None
) -> Offer | None:
    if cell is None:
        if chosen is None:
            row.say(
                Weight.FAULT,
                "skema",
                "Belum diisi. Isi nomor atau judul skema, atau pilih skema saat mengunggah.",
            )
        return chosen
    found = named.get(normal(cell.text), [])
    if len(found) == 1:
        return found[0]
    why = (
        "dipakai beberapa skema. Tulis nomornya"
        if found
        else "bukan skema yang dibuka. Salin nomor atau judulnya dari lembar Pilihan di templat"
    )
    row.say(Weight.FAULT, "skema", f"“{cell.text[:60]}” {why}.")
    return None


def labels(members: Iterable[Labelled]) -> dict[str, Any]:
    return {normal(word): member for member in members for word in (member.label, member.value)}


def choice(row: SheetRow, name: str, cell: Cell | None, words: dict[str, Any], chosen: Any) -> Any:
    if cell is None:
        if chosen is None:
            row.say(
                Weight.FAULT,
                name,
                f"Belum diisi. Isi {BY_NAME[name].title.lower()}, atau pilih sekali saat mengunggah.",
            )
        return chosen
    found = words.get(normal(cell.text))
    if found is None:
        choices = ", ".join(dict.fromkeys(each.label for each in words.values()))
        row.say(
            Weight.FAULT, name, f"“{cell.text[:40]}” tidak dikenal. Tulis salah satu: {choices}."
        )
    return found
