"""What is said about an ID Izin that looks wrong."""

from __future__ import annotations

import pytest

from lsp.services import id_izin


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("I-202611180915010004", "ada 19 angka, yang tertulis 18"),
        ("I-20261118091501000429", "ada 19 angka, yang tertulis 20"),
        ("I2026111809150100", "ada 19 angka, yang tertulis 16"),
        ("ABC-1", "tidak seperti biasanya"),
    ],
)
def test_digits_that_lack_are_counted(typed, said):
    doubt = id_izin.doubts(typed, oldest_days=10_000)
    assert doubt is not None
    assert said in doubt.sentence
    assert not doubt.final, "no source confirms the shape, so it may still be taken"


def test_the_usual_one_is_not_doubted():
    assert id_izin.doubts("I-2026111809150100042", oldest_days=10_000) is None
