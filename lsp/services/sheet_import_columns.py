"""The columns of a sheet of asesi: what they are called, and which row of a sheet is its header.

Header words are compared without case, spaces, punctuation and what stands in brackets; the order does not count.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from lsp.data import read_csv
from lsp.errors import DomainError
from lsp.gateways.sheets import Cell, Sheet
from lsp.workflow.guards.registration import ID_IZIN_EXAMPLE

#: How far down a header is looked for: above it stand titles and dates.
_HEADER_WITHIN = 30
#: Of a cell so much is compared with words we know: cells come from outside, and may be long on purpose.
_LONGEST_WORDS = 200
REASON = "Alasan"


@dataclass(frozen=True, slots=True)
class Column:
    """name: "id_izin", "skema", "kind", "mode", or an attribute of FrApl01. also: other words for it."""

    name: str
    title: str
    explained: str
    example: str
    must: bool = False
    also: tuple[str, ...] = ()


COLUMNS = (
    Column("id_izin", "ID Izin", "Dari Portal Perizinan, satu untuk setiap permohonan.", ID_IZIN_EXAMPLE, True,
           ("nomor id izin", "no id izin", "id permohonan izin")),
    Column("nik", "NIK", "16 angka. Jadikan kolom ini Teks, supaya angka terakhirnya tidak hilang.",
           "9901014101900001", also=("nomor ktp", "no ktp", "nomor induk kependudukan", "no nik")),
    Column("full_name", "Nama lengkap", "Sesuai KTP.", "Siti Contoh", True,
           ("nama", "nama asesi", "nama peserta", "nama lengkap sesuai ktp")),
    Column("email", "E-mail", "Milik asesi sendiri: undangan dikirim ke sini.", "siti@contoh.example", True,
           ("surel", "alamat email", "email asesi")),
    Column("phone_mobile", "Nomor HP", "", "0812 3456 7890",
           also=("hp", "no hp", "telp", "no telp", "telepon", "nomor telepon", "no telepon", "handphone", "wa", "no wa",
                 "whatsapp")),
    Column("birth_place", "Tempat lahir", "", "Bandung"),
    Column("birth_date", "Tanggal lahir", "Hari/bulan/tahun.", "01/01/1990", also=("tgl lahir",)),
    Column("sex", "Jenis kelamin", "L atau P.", "P", also=("kelamin", "jk", "gender", "lp")),
    Column("address", "Alamat", "Alamat rumah.", "Jalan Contoh 1",
           also=("alamat rumah", "tempat tinggal", "alamat tempat tinggal", "alamat lengkap")),
    Column("province_code", "Provinsi", "Nama, atau kode Kemendagri dua angka.", "Jawa Barat", also=("propinsi",)),
    Column("city_code", "Kabupaten/kota", "Nama dengan “Kabupaten” atau “Kota” di depannya.", "Kota Bandung",
           also=("kabupaten", "kota", "kota kabupaten", "kab kota")),
    Column("postcode", "Kode pos", "5 angka.", "40111"),
    Column("education", "Pendidikan terakhir", "Pilih dari lembar Pilihan.", "S1",
           also=("pendidikan", "jenjang pendidikan", "kualifikasi pendidikan")),
    Column("school", "Sekolah atau perguruan tinggi", "", "Universitas Contoh",
           also=("sekolah", "perguruan tinggi", "nama sekolah", "universitas", "asal sekolah lembaga", "asal sekolah",
                 "nama sekolah atau perguruan tinggi")),
    Column("study_programme", "Program studi", "", "Teknik Sipil",
           also=("prodi", "jurusan", "jurusan atau program studi")),
    Column("graduation_year", "Tahun lulus", "Empat angka.", "2012"),
    Column("institution", "Perusahaan", "Tempat bekerja sekarang.", "PT Contoh Karya",
           also=("nama perusahaan", "lembaga", "instansi", "nama instansi", "tempat kerja", "badan usaha")),
    Column("position", "Jabatan", "Jabatan sekarang.", "Pelaksana lapangan"),
    Column("skema", "Skema", "Nomor atau judul skema. Boleh kosong bila dipilih sekali saat mengunggah.", "",
           also=("nomor skema", "judul skema", "skema sertifikasi", "nama skema")),
    Column("kind", "Jenis permohonan", "Boleh kosong bila dipilih sekali saat mengunggah.", "Baru"),
    Column("mode", "Cara asesmen", "Boleh kosong bila dipilih sekali saat mengunggah.", "Daring",
           also=("metode asesmen", "daring luring")),
)  # fmt: skip
BY_NAME = {column.name: column for column in COLUMNS}


class NoHeader(DomainError):
    """No row of the file names enough columns."""

    def __init__(self) -> None:
        super().__init__(
            "Baris judul tidak ditemukan. Tidak ada yang disimpan. Baris judul menyebut kolomnya, misalnya ID Izin, "
            "Nama lengkap, E-mail. Unduh templat, atau tambahkan baris judul, lalu unggah lagi.",
            field="sheet",
        )


@dataclass(frozen=True, slots=True)
class Table:
    """The rows under a header. places: by column name, which cell of a row it is. remarks: about the whole sheet."""

    places: dict[str, int]
    rows: list[tuple[int, list[Cell]]]
    remarks: list[str]


def normal(header: str) -> str:
    """Letters and digits alone, in small letters, without what stands in brackets."""
    text = unicodedata.normalize("NFKC", header[:_LONGEST_WORDS]).casefold()
    return re.sub(r"[\W_]+", "", re.sub(r"\([^()]*\)", "", text))


@cache
def _known() -> dict[str, str]:
    """Header word -> name of the column."""
    return {
        normal(word): column.name for column in COLUMNS for word in (column.title, *column.also)
    }


@cache
def _of_bnsp() -> frozenset[str]:
    """Columns of BNSP's own table; those without a column here hold its codes, of which there is no list."""
    table = read_csv("reference/bnsp_blanko_columns.csv")
    return frozenset(normal(row["header"]) for row in table)


def find_table(sheets: list[Sheet], *, most_rows: int) -> Table:
    """The rows under the first row that names most columns, in the first sheet that has one.

    Raises NoHeader, or DomainError for a sheet without rows or with too many.
    """
    for sheet in sheets:
        found = _header(sheet)
        if found is None:
            continue
        index, places = found
        rows = sheet.rows[index + 1 :]
        if not rows:
            raise DomainError(
                "Di bawah baris judul belum ada asesi. Tidak ada yang disimpan. Isi satu baris untuk setiap asesi, "
                "lalu unggah lagi.",
                field="sheet",
            )
        if sheet.more or len(rows) > most_rows:
            raise DomainError(
                f"Lembar ini berisi lebih dari {most_rows} asesi. Tidak ada yang disimpan. Bagi menjadi beberapa "
                "berkas, lalu unggah satu per satu.",
                field="sheet",
            )
        return Table(places, rows, _remarks(sheet.rows[index][1], places))
    raise NoHeader


def _header(sheet: Sheet) -> tuple[int, dict[str, int]] | None:
    """(index among the rows, places of the columns); at least two must be known, one of them a person's."""
    best: tuple[int, dict[str, int]] | None = None
    for index, (_number, cells) in enumerate(sheet.rows[:_HEADER_WITHIN]):
        places: dict[str, int] = {}
        for place, cell in enumerate(cells):
            name = _known().get(normal(cell.text))
            if name is not None:
                places.setdefault(name, place)
        about_people = {"id_izin", "nik", "full_name", "email"} & places.keys()
        if len(places) >= 2 and about_people and (best is None or len(places) > len(best[1])):
            best = index, places
    return best


def _remarks(header: list[Cell], places: dict[str, int]) -> list[str]:
    """What the reader of the sheet should know about its columns, in sentences."""
    said = []
    if "id_izin" not in places:
        said.append(
            "Lembar ini tidak punya kolom ID Izin, jadi tidak ada baris yang dapat dibuka. Tambahkan kolom berjudul "
            "“ID Izin” di mana saja, isi untuk setiap asesi, lalu unggah lagi."
        )
    bnsp: list[str] = []
    strange: list[str] = []
    twice: list[str] = []
    for place, cell in enumerate(header):
        word = normal(cell.text)
        if not word or place in places.values() or word in ("no", "nomor", normal(REASON)):
            continue
        named = f"{cell.text[:40]} ({letter(place)})"
        if word in _known():
            twice.append(named)
        else:
            (bnsp if word in _of_bnsp() else strange).append(named)
    if bnsp:
        said.append(
            f"Kolom BNSP ini tidak dipakai: {_listed(bnsp)}. Daftar kode BNSP belum ada di portal; asesi memilih "
            "sendiri isiannya."
        )
    if strange:
        said.append(f"Kolom ini tidak dikenal, jadi tidak dibaca: {_listed(strange)}.")
    if twice:
        said.append(f"Kolom ini ada dua kali; yang dibaca yang pertama: {_listed(twice)}.")
    return said


def _listed(names: list[str]) -> str:
    more = f" dan {len(names) - 12} lainnya" if len(names) > 12 else ""
    return ", ".join(names[:12]) + more


def letter(place: int) -> str:
    """A column as Excel calls it: 0 is A, 26 is AA."""
    text, rest = "", place + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        text = chr(65 + digit) + text
    return text
