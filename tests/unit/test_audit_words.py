"""Every act that the code seals into the audit chain has Indonesian words; and why a message did not leave."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from lsp.services import audit_words
from lsp.services.audit_objects import OBJECTS

LSP = Path(__file__).resolve().parents[2] / "lsp"


def _sealed() -> list[ast.Call]:
    """Calls of `audit.note` in the code."""
    return [
        call
        for path in sorted(LSP.rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "audit.note"
    ]


def _codes(position: int) -> set[str]:
    return {
        str(argument.value)
        for argument in (call.args[position] for call in _sealed())
        if isinstance(argument, ast.Constant)
    }


def test_each_act_has_words():
    assert len(_codes(1)) > 40
    assert _codes(1) - set(audit_words.ACTIONS) == set()


def test_each_object_has_words():
    assert _codes(2) - set(OBJECTS) == set()


def test_each_detail_has_words():
    asked = {
        keyword.arg
        for call in _sealed()
        for keyword in call.keywords
        if keyword.arg not in (None, "role")
    }
    assert asked - set(audit_words.DETAILS) == set()


@pytest.mark.parametrize("text", ["{", "[]", "null"])
def test_details_that_somebody_changed_are_shown_as_they_stand(text):
    assert audit_words.details(text) == text
