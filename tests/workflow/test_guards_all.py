"""No guard without a test of its own."""

from __future__ import annotations

import inspect
from pathlib import Path

from lsp.workflow.guards import (
    after_decision,
    another_pleno,
    assessment,
    certificate,
    certificate_life,
    decision,
    meeting,
    payment,
    pleno_day,
    registration,
)

HERE = Path(__file__).parent


def test_every_public_guard_is_asked_somewhere():
    asked = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_guards_*.py"))
    for module in (
        registration, payment, meeting, assessment, decision, certificate, pleno_day, another_pleno, after_decision,
        certificate_life,
    ):  # fmt: skip
        for name, rule in inspect.getmembers(module, inspect.isfunction):
            parameters = list(inspect.signature(rule).parameters)
            if rule.__module__ == module.__name__ and parameters == ["case", "actor", "note"]:
                assert f"guards.{name}" in asked, name
