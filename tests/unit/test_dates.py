"""Dates in sentences: one shape wherever a person reads one."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import lsp
from lsp.vocabulary.dates import day_words, weekday_words

#: {day:%d/%m/%Y} and its like inside an f-string; patterns that read what people type are plain strings.
_BY_HAND = re.compile(r"\{[^{}\n]*:%d\W%m|strftime")


def test_a_day_has_the_name_of_its_month():
    assert day_words(date(2026, 5, 3)) == "3 Mei 2026"
    assert weekday_words(date(2026, 11, 28)) == "Sabtu, 28 November 2026"


def test_of_a_moment_it_is_the_day_of_its_own_zone():
    late = datetime(2026, 12, 31, 23, 30, tzinfo=ZoneInfo("Asia/Jakarta"))
    assert day_words(late) == "31 Desember 2026"


def test_nothing_writes_one_by_hand():
    found = [
        path.name
        for path in Path(lsp.__path__[0]).rglob("*.py")
        if _BY_HAND.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []
