"""Weighing the alternatives of the education and experience rule: met, not met, or to be looked at by a person."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from lsp.data import read_csv, read_json
from lsp.models import FrApl01
from lsp.services.apl01_rows import FROM_FORM
from lsp.services.eligibility import Education, stated_educations, suggested, weigh

JENJANG_4 = [("D2", 0), ("D1/SMK Plus", 2), ("SMK", 4), ("SMA", 6)]


def rules(pairs=JENJANG_4):
    return [
        SimpleNamespace(id=number, education=education, years=years)
        for number, (education, years) in enumerate(pairs, 1)
    ]


def educations(*levels):
    return [
        Education(str(key), level, f"{level}, sekolah rekaan") for key, level in enumerate(levels)
    ]


def met(months, *levels, pairs=JENJANG_4):
    return [each.met for each in weigh(rules(pairs), educations(*levels), months)]


@pytest.mark.parametrize(
    ("months", "level", "expected"),
    [
        (0, "S1", [True, False, False, False]),
        (24, "D3", [True, True, False, False]),
        (23, "D1", [False, False, False, False]),
        (24, "D1", [False, True, False, False]),
        (48, "SMK", [False, False, True, False]),
        (48, "SMA", [False, False, False, False]),
        (72, "SMA", [False, False, False, True]),
        (60, "SMA/SMK", [False, False, None, False]),
        (72, "SMA/SMK", [False, False, None, True]),
        (600, "SMP", [False, False, False, False]),
    ],
)
def test_alternatives_of_jenjang_4(months, level, expected):
    assert met(months, level) == expected


def test_nothing_stated_meets_nothing():
    assert met(600) == [False] * 4


def test_an_unknown_education_is_left_to_a_person():
    assert met(600, "Paket C") == [None] * 4


def test_training_instead_of_education_is_looked_at():
    pairs = [("Pendidikan Dasar", 0), ("Non Pendidikan (Dengan PBK)", 2)]
    assert met(24, "SD", pairs=pairs) == [True, None]
    assert "PBK" in weigh(rules(pairs), educations("SD"), 24)[1].why


def test_the_education_that_reaches_it_is_named_among_several():
    weighed = weigh(rules(), educations("SMA", "D3"), 30)
    assert [each.education.key for each in weighed] == ["1", "1", "1", "0"]
    assert weighed[3].met is False, "30 months are no 6 years, whatever the education"


def test_the_reason_says_how_many_months_of_how_many():
    assert "pengalaman 30 dari 72 bulan" in weigh(rules(), educations("SMA"), 30)[3].why


class TestSuggestion:
    def test_the_claimed_one_when_it_is_met(self):
        weighed = weigh(rules(), educations("S1"), 600)
        assert suggested(weighed, 3).rule_id == 3

    def test_else_the_first_that_is(self):
        weighed = weigh(rules(), educations("D1"), 30)
        assert suggested(weighed, 4).rule_id == 2

    def test_none_when_none_is_met_or_only_perhaps(self):
        assert suggested(weigh(rules(), educations("SMA/SMK"), 48), 3) is None


def test_stated_educations_are_read_from_fr_apl_01():
    form = FrApl01(
        education="S1", study_programme="Teknik Sipil", school="Kampus Rekaan", graduation_year=2015
    )
    (found,) = stated_educations(form)
    assert found == Education(FROM_FORM, "S1", "S1, Teknik Sipil, Kampus Rekaan, 2015")
    assert stated_educations(FrApl01(education="")) == stated_educations(None) == []


def test_every_education_of_our_tables_has_its_worth():
    levels = read_json("defaults/education_levels.json")
    asked = {row["pendidikan"] for row in read_csv("reference/persyaratan_dasar.csv")}
    stated = {row["label"] for row in read_csv("reference/pendidikan.csv")}
    assert asked <= set(levels["asked"])
    assert stated <= set(levels["stated"])
