"""The list of who pays from a public budget: loaded whole, replaced whole, refused whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from lsp.database import write_transaction
from lsp.errors import DomainError
from lsp.services import ministries

pytestmark = pytest.mark.usefixtures("app")


def load(*rows: tuple[str, str]) -> tuple[int, int]:
    with write_transaction():
        return ministries.load([{"nama": name, "kode": code} for name, code in rows])


def test_names_are_offered_in_order_with_their_codes():
    assert load(("Pemerintah Kota Contoh", ""), (" Kementerian  Contoh ", "01")) == (2, 0)
    assert ministries.names() == ["Kementerian Contoh", "Pemerintah Kota Contoh"]
    assert ministries.code_of("Kementerian Contoh") == "01"
    assert ministries.code_of("Kementerian Lain") == ""


def test_a_new_list_takes_the_place_of_the_old_and_codes_stay_known():
    load(("Kementerian Contoh", "01"), ("Kementerian Lama", "02"))
    assert load(("Kementerian Contoh", "")) == (1, 1)
    assert ministries.names() == ["Kementerian Contoh"]
    assert ministries.code_of("Kementerian Contoh") == "01"
    assert ministries.code_of("Kementerian Lama") == "02"
    load(("Kementerian Lama", "02"))
    assert ministries.names() == ["Kementerian Lama"]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([], "tidak berisi"),
        ([("", "01")], "Baris 2: kolom nama kosong"),
        ([("A", ""), ("A", "")], "Baris 3: A tertulis dua kali"),
        ([("x" * 161, "")], "paling panjang 160"),
    ],
)
def test_a_list_that_is_none_leaves_the_old_one(rows, sentence):
    load(("Kementerian Contoh", "01"))
    with pytest.raises(DomainError, match=sentence):
        load(*rows)
    assert ministries.names() == ["Kementerian Contoh"]


def test_it_comes_by_command(app: Flask, tmp_path: Path):
    sheet = tmp_path / "kementerian.csv"
    sheet.write_text("nama,kode\nKementerian Contoh,01\n", encoding="utf-8-sig")
    answer = app.test_cli_runner().invoke(args=["lsp", "load-ministries", str(sheet)])
    assert answer.exit_code == 0, answer.output
    assert "1 nama" in answer.output
    assert ministries.names() == ["Kementerian Contoh"]
