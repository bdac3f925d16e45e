"""The rules of Pengaturan under headings, narrowed by words; which rule stands where is data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from lsp.data import read_json
from lsp.services.settings import SettingLine

_OTHERS = "Lainnya"


@dataclass(frozen=True, slots=True)
class SettingGroup:
    label: str
    lines: list[SettingLine]


@cache
def _groups() -> list[tuple[str, list[str]]]:
    rows = read_json("defaults/setting_groups.json")
    return [(row["label"], row["keys"]) for row in rows]


def grouped(lines: Iterable[SettingLine], *, wanted: str = "") -> list[SettingGroup]:
    """In the order of the data; a rule that is named nowhere comes last. wanted: words that must all be found."""
    by_key = {line.standing.key: line for line in lines}
    named = [
        (label, [by_key.pop(key) for key in keys if key in by_key]) for label, keys in _groups()
    ]
    made = [*named, (_OTHERS, list(by_key.values()))]
    words = wanted.casefold().split()
    found = [
        SettingGroup(label, [line for line in mine if _fits(label, line, words)])
        for label, mine in made
    ]
    return [group for group in found if group.lines]


def _fits(label: str, line: SettingLine, words: list[str]) -> bool:
    text = " ".join((label, line.standing.label, line.text, line.standing.doubt)).casefold()
    return all(word in text for word in words)
