"""A SIKI dossier (JSON) read into what our forms hold, with a list of what was not understood. Pure: no database, no
network. Addresses in it are remembered as text and never opened. Pasted by the admin today, pulled tomorrow.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lsp.errors import DomainError
from lsp.papers.certificate import LONGEST_TEXT
from lsp.papers.coverage import why_unprintable
from lsp.services import id_izin as id_izins, siki_values as read
from lsp.services.apl01_rows import KINDS, rank
from lsp.services.prefill import (
    Known,
    NamedFile,
    Row,
)
from lsp.services.siki_fields import FILES, NO_PLACE, OF_ROW, PARTS, READ, words_of
from lsp.vocabulary import RequestKind

MOST_BYTES = 200_000
MOST_DEPTH = 6
MOST_ROWS = 60
MOST_ODD = 60
_ADDRESS = 600


class DossierUnreadable(DomainError):
    """This is no dossier of SIKI; the sentence says what to do."""


@dataclass(slots=True)
class Dossier:
    """What was read. odd: sentences about values that were left out or look wrong; unknown: fields nobody expected."""

    known: Known = field(default_factory=Known)
    id_izin: str = ""
    kind: RequestKind | None = None
    jabatan_kerja: str = ""
    jenjang: int | None = None
    odd: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    no_place: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.known.values.get("full_name", ""))

    @property
    def email(self) -> str:
        return str(self.known.values.get("email", ""))


def parse(content: str | bytes) -> Dossier:
    """Read a dossier. Raises DossierUnreadable."""
    data, found = _body(_loaded(content)), Dossier()
    found.id_izin = _id_izin(data)
    rows = {part: _rows(data, part, found) for part in PARTS}
    for name in data:
        if name not in (*PARTS, *OF_ROW):
            _note(found.unknown, str(name))
    _personal(rows["personal"], found)
    _educations(rows["pendidikan"], found)
    _experiences(rows["proyek"], found)
    _trainings(rows["pelatihan"], found)
    _wanted(rows["klasifikasi_kualifikasi"], found)
    for part in PARTS:
        _files(part, rows[part], found)
        _unexpected(part, rows[part], found)
    return found


def _loaded(content: str | bytes) -> Any:
    if isinstance(content, str):
        # A form sends every end of a line as two signs; what was read from a file must fit when it is sent back.
        content = content.replace("\r\n", "\n")
    size = len(content if isinstance(content, bytes) else content.encode("utf-8", "replace"))
    if size > MOST_BYTES:
        raise DossierUnreadable(
            f"Data ini lebih besar dari {MOST_BYTES // 1000} kB. Salin jawaban SIKI satu permohonan saja."
        )
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        data = json.loads(text.strip().lstrip("\ufeff"), parse_constant=_no_number)
    except (ValueError, RecursionError) as fault:
        raise DossierUnreadable(
            "Ini bukan JSON yang utuh. Salin seluruh jawaban SIKI, dari kurung kurawal pertama sampai yang terakhir."
        ) from fault
    _check_depth(data)
    return data


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _check_depth(data: Any) -> None:
    level = [data]
    for _ in range(MOST_DEPTH):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    if any(isinstance(each, dict | list) for each in level):
        raise DossierUnreadable("Susunan data ini terlalu dalam untuk jawaban SIKI.")


def _body(data: Any) -> dict[str, Any]:
    """The object with the arrays: bare, inside `data`, or the only entry of a list."""
    for _ in range(3):
        if isinstance(data, list) and len(data) == 1:
            data = data[0]
        elif isinstance(data, dict) and not _has_parts(data) and isinstance(data.get("data"), dict | list):  # fmt: skip
            outer, data = data, data["data"]
            if isinstance(data, dict) and "id_izin" in outer:
                data = {"id_izin": outer["id_izin"], **data}
    if isinstance(data, list) and len(data) > 1:
        raise DossierUnreadable("Ada lebih dari satu permohonan di data ini. Tempel satu per satu.")
    if isinstance(data, dict) and str(data.get("status", "")).startswith("err"):
        raise DossierUnreadable(
            "SIKI menjawab dengan kesalahan, bukan data permohonan. Ambil lagi datanya."
        )
    if not isinstance(data, dict) or not _has_parts(data):
        raise DossierUnreadable(
            "Tidak ada bagian personal, pendidikan, atau proyek di data ini. Pastikan ini jawaban SIKI untuk satu "
            "ID Izin."
        )
    return data


def _has_parts(data: dict[str, Any]) -> bool:
    return any(part in data for part in PARTS)


def _id_izin(data: dict[str, Any]) -> str:
    """The ID Izin where the dossier names it: beside the parts, or in a row of the first or last part."""
    places = [data]
    for part in ("personal", "klasifikasi_kualifikasi"):
        inside = data.get(part)
        rows = inside if isinstance(inside, list) else [inside]
        places += [row for row in rows[:1] if isinstance(row, dict)]
    for place in places:
        typed = read.text(place.get("id_izin"), 60)
        if typed:
            return id_izins.normal(typed)
    return ""


def _rows(data: dict[str, Any], part: str, found: Dossier) -> list[Row]:
    """The rows of a part, which may be a list, one object, or nothing; those marked as deleted are left out."""
    inside = data.get(part)
    rows = inside if isinstance(inside, list) else [] if inside is None else [inside]
    good = [row for row in rows if isinstance(row, dict)]
    if len(good) < len(rows):
        _note(found.odd, f"{part}: {len(rows) - len(good)} baris tidak terbaca.")
    standing = [row for row in good if not row.get("deleted_at")]
    if len(standing) > MOST_ROWS:
        _note(found.odd, f"{part}: {len(standing)} baris; hanya {MOST_ROWS} pertama yang dibaca.")
    return standing[:MOST_ROWS]


def _note(notes: list[str], sentence: str) -> None:
    """Keep a sentence once. A key of JSON may hold half a letter (a lone surrogate), which no page can be sent with."""
    sentence = sentence.encode("utf-8", "replace").decode()
    if len(notes) < MOST_ODD and sentence not in notes:
        notes.append(sentence[:300])


def _take(found: Dossier, row: Row, key: str, reader: Callable[[Any], Any], where: str) -> Any:
    """A value as our column holds it; what is there and cannot be read is told, without saying what it was."""
    value = row.get(key)
    made = reader(value)
    if made is None and read.text(value, 10_000) != "":
        _note(found.odd, f"{where}: isian {key} tidak dapat dibaca, jadi tidak diisikan.")
    return made


def _line(most: int) -> Callable[[Any], str | None]:
    return lambda value: read.text(value, most)


def _personal(rows: list[Row], found: Dossier) -> None:
    if not rows:
        _note(found.odd, "Bagian personal kosong: tidak ada data diri.")
        return
    if len(rows) > 1:
        _note(found.odd, "Bagian personal berisi lebih dari satu orang; yang pertama dipakai.")
    row = rows[0]
    values = {
        "full_name": _take(found, row, "nama", _line(120), "Data diri"),
        "nik": _take(found, row, "nik", lambda value: read.digits(value, length=16), "Data diri"),
        "birth_place": _take(found, row, "tempat_lahir", _line(80), "Data diri"),
        "birth_date": _take(found, row, "tanggal_lahir", read.day, "Data diri"),
        "sex": _take(found, row, "jenis_kelamin", read.sex, "Data diri"),
        "nationality": _take(found, row, "negara", read.nationality, "Data diri"),
        "address": _take(found, row, "alamat", _line(500), "Data diri"),
        "province_code": _take(found, row, "propinsi", read.province, "Data diri"),
        "city_code": _take(found, row, "kabupaten", read.city, "Data diri"),
        "postcode": _take(found, row, "kodepos", lambda value: read.digits(value, length=5), "Data diri"),
        "email": _take(found, row, "email", read.email, "Data diri"),
    }  # fmt: skip
    phone = _take(found, row, "telepon", read.phone, "Data diri")
    if phone:
        values["phone_mobile" if read.is_mobile(phone) else "phone_home"] = phone
    if values["birth_date"] is not None:
        values["birth_date"] = values["birth_date"].isoformat()
    found.known.values |= {name: value for name, value in values.items() if value}
    _check_person(found)


def _check_person(found: Dossier) -> None:
    values = found.known.values
    name = values.get("full_name", "")
    unprintable = why_unprintable("Nama", name, longest=LONGEST_TEXT) if name else None
    if unprintable:
        _note(found.odd, unprintable)
        del values["full_name"]
    city, province = values.get("city_code", ""), values.get("province_code", "")
    if city and province and not city.startswith(province):
        _note(
            found.odd,
            "Kabupaten/kota tidak terletak di propinsi yang tertulis; keduanya tidak diisikan.",
        )
        values.pop("city_code")
        values.pop("province_code")


def _educations(rows: list[Row], found: Dossier) -> None:
    made = []
    for number, row in enumerate(rows, 1):
        where = f"Pendidikan {number}"
        values = {
            "level": _take(found, row, "jenjang", read.level, where) or "",
            "school": _take(found, row, "nama_sekolah_perguruan_tinggi", _line(160), where) or "",
            "study_programme": _take(found, row, "program_studi", _line(120), where) or "",
            "graduation_year": _take(found, row, "tahun_lulus", read.year, where),
            "diploma_number": _take(found, row, "no_ijazah", _line(60), where) or "",
        }
        if values["level"]:
            made.append(values)
        elif any(values.values()):
            _note(found.odd, f"{where}: jenjangnya tidak dikenal, jadi barisnya tidak diisikan.")
    found.known.educations = _at_most(made, KINDS["pendidikan"].most, "Pendidikan", found)
    if made:
        highest = max(made, key=lambda row: rank(row["level"]))
        found.known.values |= {
            "education": highest["level"],
            "school": highest["school"],
            "study_programme": highest["study_programme"],
            "graduation_year": highest["graduation_year"],
        }


def _experiences(rows: list[Row], found: Dossier) -> None:
    made, own_nik = [], found.known.values.get("nik")
    for number, row in enumerate(rows, 1):
        where = f"Proyek {number}"
        values = {
            "employer": _take(found, row, "pemberi_kerja", _line(160), where) or "",
            "project": _take(found, row, "nama_proyek", _line(200), where) or "",
            "position": _take(found, row, "jabatan", _line(120), where) or "",
            "started_on": _take(found, row, "tanggal_awal", read.day, where),
            "ended_on": _take(found, row, "tanggal_akhir", read.day, where),
            "simpan_number": _take(found, row, "no_registrasi", _line(40), where) or "",
            "location": _take(found, row, "lokasi_proyek", _line(200), where) or "",
            "project_value": _take(found, row, "nilai_proyek", read.rupiah, where),
        }
        nik = read.digits(row.get("nik"), length=16)
        if nik and own_nik and nik != own_nik:
            _note(
                found.odd, f"{where}: NIK-nya bukan NIK data diri. Pengalaman ini tidak diisikan."
            )
        elif not values["started_on"] or not values["ended_on"]:
            _note(found.odd, f"{where}: tanggal mulai atau selesai tidak ada, jadi tidak diisikan.")
        elif values["ended_on"] < values["started_on"]:
            _note(found.odd, f"{where}: selesai sebelum mulai, jadi tidak diisikan.")
        else:
            made.append(values)
    found.known.experiences = _at_most(made, KINDS["pengalaman"].most, "Pengalaman", found)


def _trainings(rows: list[Row], found: Dossier) -> None:
    made = []
    for number, row in enumerate(rows, 1):
        where = f"Pelatihan {number}"
        values = {
            "name": _take(found, row, "nama_pelatihan", _line(200), where) or "",
            "organiser": _take(found, row, "penyelenggara", _line(160), where) or "",
            "started_on": _take(found, row, "tanggal_awal", read.day, where),
            "ended_on": _take(found, row, "tanggal_akhir", read.day, where),
            "hours": _take(
                found, row, "jumlah_jp", lambda value: read.whole(value, most=9_999), where
            ),
        }
        if values["name"]:
            made.append(values)
    found.known.trainings = _at_most(made, KINDS["pelatihan"].most, "Pelatihan", found)


def _at_most(rows: list[Row], most: int, what: str, found: Dossier) -> list[Row]:
    if len(rows) > most:
        _note(
            found.odd, f"{what}: {len(rows)} baris, formulir memuat {most}. Sisanya tidak diisikan."
        )
    return rows[:most]


def _wanted(rows: list[Row], found: Dossier) -> None:
    """What is asked for: the code of the jabatan kerja, its jenjang and the kind of request."""
    if len(rows) > 1:
        _note(found.odd, "Ada lebih dari satu klasifikasi; yang pertama dipakai.")
    for row in rows[:1]:
        found.kind = _take(found, row, "jenis_permohonan", read.kind, "Klasifikasi")
        found.jabatan_kerja = _take(found, row, "jabatan_kerja", _line(120), "Klasifikasi") or ""
        jenjang = _take(found, row, "jenjang", lambda value: read.whole(value, most=9), "Klasifikasi")  # fmt: skip
        found.jenjang = jenjang or None


def _files(part: str, rows: list[Row], found: Dossier) -> None:
    for row in rows:
        names = (
            row.get(key) for key in ("nama_proyek", "nama_pelatihan", "nama_sertifikat_surket")
        )
        about = read.text(next(filter(None, names), None), 90)
        for key, (code, label) in FILES[part].items():
            address = _take(found, row, key, _line(_ADDRESS), part)
            if address:
                name = f"{label}: {about}" if about else label
                found.known.files.append(NamedFile(code, name, address))


def _unexpected(part: str, rows: list[Row], found: Dossier) -> None:
    for row in rows:
        for key in row:
            if key in NO_PLACE[part] and read.text(row[key], 10_000):
                _note(found.no_place, words_of(part, key))
            elif key not in READ[part] | OF_ROW | NO_PLACE[part] | FILES[part].keys():
                _note(found.unknown, words_of(part, str(key)[:60]))
