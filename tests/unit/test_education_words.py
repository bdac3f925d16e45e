"""A level of education is understood the same wherever it comes from: a sheet, SIKI."""

from __future__ import annotations

import pytest

from lsp.data import read_csv
from lsp.services import siki_values
from lsp.services.apl01_rows import levels
from lsp.services.education_words import level_of


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("SMU", "SMA/SMK"), ("smk/sma", "SMA/SMK"), ("SMA Sederajat", "SMA/SMK"), ("D.III", "D3"), ("D-3", "D3"),
        ("s1 terapan", "D4/S1 Terapan"), ("Sarjana", "S1"), ("PROFESI", "Profesi"), ("7", None), ("", None),
    ],
)  # fmt: skip
def test_what_people_write(words, label):
    assert level_of(words) == siki_values.level(words) == label


def test_every_level_is_called_by_its_own_label():
    assert [level_of(label) for label in levels()] == list(levels())


def test_every_name_leads_to_a_level():
    assert {row["label"] for row in read_csv("reference/pendidikan_sebutan.csv")} <= set(levels())
