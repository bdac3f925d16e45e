"""One word for one thing in what users read: templates, mails, and the sentences in the code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

LSP = Path(__file__).resolve().parent.parent / "lsp"
#: A word we do not say -> what we say instead (docs/glossary.md).
INSTEAD = {
    r"\bsurel\b": "e-mail",
    r"\bponsel\b": "HP",
    r"\bre-asesmen\b": "asesmen ulang",
    r"(?<![/\"=])\bkasus(nya)?\b": "permohonan",
    r"\bkomite teknis\b": "tim teknis",
    r"\bpertemuan\b": "rapat",
    r"\bjadwal ulang\b": "jadwalkan ulang",
}


#: Titles of others' forms are written as they write them: BNSP's form 2 of a request for blanko (forms 10).
THEIR_TITLES = re.compile("Berita Acara Pleno Komite Teknis")


def _sentences() -> dict[str, str]:
    """What a person may read: templates without their comments, strings of the code without docstrings."""
    found = {
        str(path.relative_to(LSP)): re.sub(
            r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL
        )
        for path in sorted(LSP.glob("templates/**/*.*"))
    }
    for path in sorted(LSP.rglob("*.py")):
        strings = [
            node.value
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
        ]
        found[str(path.relative_to(LSP))] = "\n".join(strings)
    return found


@pytest.mark.parametrize("word", INSTEAD)
def test_one_word_for_one_thing(word):
    holders = [
        name
        for name, text in _sentences().items()
        if re.search(word, THEIR_TITLES.sub("", text), re.IGNORECASE)
    ]
    assert holders == [], f"say {INSTEAD[word]!r}"
