"""Reading a SIKI dossier: every shape that was seen, and nothing that breaks the reader."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from lsp.services import siki_dossier, siki_values as read
from lsp.services.linked_documents import is_of
from lsp.services.siki_dossier import DossierUnreadable, parse
from lsp.vocabulary import RequestKind, Sex

OTHER = "9901014101900009"
EXAMPLE = (Path(__file__).parents[2] / "docs/examples/siki_permohonan.json").read_text()


def dossier(**parts) -> str:
    return json.dumps({"personal": [{"nik": "9901014101900001", "nama": "Siti Contoh"}]} | parts)


def test_the_example_is_read_whole():
    found = parse(EXAMPLE)
    values = found.known.values
    assert found.id_izin == "I-2026111809150100042"
    assert (found.kind, found.jabatan_kerja, found.jenjang) == (RequestKind.BARU, "SI012001", 6)
    assert values["birth_date"] == "1990-01-01"
    assert values["sex"] is Sex.FEMALE
    assert (values["province_code"], values["city_code"], values["postcode"]) == ("73", "73.71", "90111")  # fmt: skip
    assert values["phone_mobile"] == "081234567890"
    assert (values["education"], values["graduation_year"]) == ("S1", 2012)
    (job,) = found.known.experiences
    assert (job["started_on"], job["ended_on"]) == (date(2022, 2, 1), date(2024, 12, 31))
    assert (job["project_value"], job["simpan_number"]) == (1_500_000_000, "1-1688636823642")
    assert found.known.trainings[0]["hours"] == 32
    assert [file.code for file in found.known.files] == ["1a", "1b", "1d", "2a", "3", "4"]
    assert (found.odd, found.unknown) == ([], [])
    assert "Pelatihan: jumlah hari" in found.no_place


@pytest.mark.parametrize(
    "wrapped", [lambda inner: inner, lambda inner: [inner], lambda inner: {"data": [inner]},
                lambda inner: {"status": "success", "data": inner}],
)  # fmt: skip
def test_however_it_is_wrapped(wrapped):
    inner = json.loads(EXAMPLE)["data"]
    assert parse(json.dumps(wrapped(inner))).name == "Siti Contoh"


def test_arrays_may_be_objects_or_null():
    found = parse(dossier(personal={"nama": "Siti Contoh"}, proyek=None, pelatihan={}))
    assert found.name == "Siti Contoh"
    assert found.known.experiences == []


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", "null", "7", '"teks"', "{}", '{"status":"errors","message":"x"}', '{"a": NaN}', "<html>",
        "[" * 100_000, '{"personal":' + "[" * 9 + "]" * 9 + "}", json.dumps([{"personal": []}] * 2),
        "x" * (siki_dossier.MOST_BYTES + 1), '{"personal": [1' + "0" * 5000 + "]}",
    ],
)  # fmt: skip
def test_what_is_no_dossier_is_refused_with_a_sentence(content):
    with pytest.raises(DossierUnreadable) as refusal:
        parse(content)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize(
    "value", [True, [], {}, {"a": 1}, "x" * 5000, -1, 1.5, "\x00", "\u202e", "0000-00-00", None]
)
def test_any_value_in_any_place_is_survived(value):
    whole = json.loads(EXAMPLE)["data"]
    for part, inside in whole.items():
        rows = inside if isinstance(inside, list) else [inside]
        for row in rows:
            if not isinstance(row, dict):
                continue
            for key in list(row):
                kept, row[key] = row[key], value
                found = parse(json.dumps(whole))
                assert len(found.odd) <= siki_dossier.MOST_ODD, (part, key)
                row[key] = kept


def test_what_is_odd_is_told_and_not_filled():
    found = parse(
        dossier(
            proyek=[
                {"nama_proyek": "A", "tanggal_awal": "2022-01-01"},
                {"nama_proyek": "B", "tanggal_awal": "2022-01-01", "tanggal_akhir": "2021-01-01"},
                {"nama_proyek": "C", "tanggal_awal": "2022-01-01", "tanggal_akhir": "2023-01-01", "nik": OTHER},
            ],
            pendidikan=[{"jenjang": "7", "nama_sekolah_perguruan_tinggi": "X"}],
            lain=1,
        )
    )  # fmt: skip
    assert found.known.experiences == []
    assert found.known.educations == []
    assert found.unknown == ["lain"]
    assert len([each for each in found.odd if each.startswith("Proyek")]) == 3
    assert any("jenjang" in each for each in found.odd)
    assert OTHER not in " ".join(found.odd)


def test_a_row_marked_as_deleted_is_left_out():
    rows = [{"jabatan_kerja": "SI011001", "deleted_at": "2026-01-01"}, {"jabatan_kerja": "SI012001"}]  # fmt: skip
    assert parse(dossier(klasifikasi_kualifikasi=rows)).jabatan_kerja == "SI012001"


def test_a_city_of_another_province_fills_neither():
    found = parse(dossier(personal=[{"nama": "Siti Contoh", "propinsi": "31", "kabupaten": "7371"}]))  # fmt: skip
    assert {"province_code", "city_code"} & set(found.known.values) == set()


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        (1500000000, 1_500_000_000), ("1500000000.00", 1_500_000_000), ("1.500.000.000", 1_500_000_000),
        ("Rp 1.500.000,00", 1_500_000), ("1,500,000.00", 1_500_000), ("satu", None), (True, None),
    ],
)  # fmt: skip
def test_rupiah(typed, amount):
    assert read.rupiah(typed) == amount


@pytest.mark.parametrize(
    ("address", "is_link"),
    [
        ("https://perizinan.pu.go.id/portal/a.pdf", True),
        ("http://perizinan.pu.go.id/a.pdf", False),
        ("https://perizinan.pu.go.id.evil.example/a", False),
        ("https://evil.example/perizinan.pu.go.id", False),
        ("https://perizinan.pu.go.id@evil.example/a", False),
        ("https://a@perizinan.pu.go.id/a", False),
        ("https://perizinan.pu.go.id:8443/a", False),
        ("https://perizinan.pu.go.id:x/a", False),
        ("https://perizinan.pu.go.id\\@evil.example/", False),
        ("javascript:alert(1)", False),
        ("//perizinan.pu.go.id/a", False),
        ("", False),
    ],
)
def test_only_addresses_of_the_ministry_become_links(address, is_link):
    assert is_of(address, frozenset({"perizinan.pu.go.id"})) is is_link
