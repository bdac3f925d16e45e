"""What people and other systems call a level of education, and the label of it that FR.APL.01 prints."""

from __future__ import annotations

from functools import cache

from lsp.data import read_csv
from lsp.services.apl01_rows import levels
from lsp.services.sheet_import_columns import normal


def level_of(words: str) -> str | None:
    """The label of reference/pendidikan.csv, however it is spaced and written; None for what nobody calls a level."""
    return _labels().get(normal(words))


@cache
def _labels() -> dict[str, str]:
    named = {row["sebutan"]: row["label"] for row in read_csv("reference/pendidikan_sebutan.csv")}
    return {normal(words): label for words, label in named.items()} | {
        normal(label): label for label in levels()
    }
