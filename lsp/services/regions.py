"""Provinces and cities (Kemendagri codes), read once. No database: they change by decree, not by the LSP."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from lsp.data import read_csv

#: Words of the tables, all capitals there, that are not written with one capital letter.
_AS_WRITTEN = {"DKI": "DKI", "DAN": "dan"}
_ZONE_OF_THE_LSP = "Asia/Jakarta"


@dataclass(frozen=True, slots=True)
class Province:
    """code: two digits ("73"); zone: the IANA name of its time zone."""

    code: str
    name: str
    zone: str


@dataclass(frozen=True, slots=True)
class City:
    """A kabupaten or kota; code as Kemendagri writes it ("73.71")."""

    code: str
    name: str
    province_code: str


@cache
def provinces() -> tuple[Province, ...]:
    """All provinces, by name."""
    rows = read_csv("reference/provinsi.csv")
    found = (Province(row["kode"], readable(row["nama"]), row["zona"]) for row in rows)
    return tuple(sorted(found, key=lambda province: province.name))


@cache
def cities_of(province_code: str) -> tuple[City, ...]:
    """Kabupaten, then kota, of a province, by name; empty for an unknown code."""
    found = (city for city in _cities().values() if city.province_code == province_code)
    return tuple(sorted(found, key=lambda city: city.name))


def city_name(code: str) -> str:
    """ "Kota Banda Aceh"; empty for an unknown code."""
    city = _cities().get(code)
    return city.name if city else ""


def province_name(code: str) -> str:
    """ "Sulawesi Selatan"; empty for an unknown code."""
    province = _by_code().get(code)
    return province.name if province else ""


def zone_of(province_code: str) -> str:
    """IANA zone of a province; that of Jakarta for an unknown code."""
    province = _by_code().get(province_code)
    return province.zone if province else _ZONE_OF_THE_LSP


def readable(name: str) -> str:
    """A name in capitals as people write it: "DKI JAKARTA" becomes "DKI Jakarta"."""
    return " ".join(_AS_WRITTEN.get(word, word.capitalize()) for word in name.split())


@cache
def _by_code() -> dict[str, Province]:
    return {province.code: province for province in provinces()}


@cache
def _cities() -> dict[str, City]:
    rows = read_csv("reference/kabupaten_kota.csv")
    return {
        row["kode"]: City(row["kode"], readable(row["nama"]), row["kode_provinsi"]) for row in rows
    }
