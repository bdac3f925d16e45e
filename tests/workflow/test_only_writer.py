"""Nobody but `perform` sets the status of a case, in any way the language has. Read from the code itself."""

from __future__ import annotations

import ast
import re

from lsp.config import ROOT

MODULES = sorted((ROOT / "lsp").rglob("*.py"))
#: What has a little status of its own that no machine moves.
NO_CASES = {"batch", "invoice", "row"}
CASES = {"Permohonan", "Jadwal", "Certificate"}


def _name(path):
    return path.relative_to(ROOT).as_posix()


def _targets(node):
    if isinstance(node, ast.Assign):
        found = node.targets
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
        found = [node.target]
    else:
        return
    for target in found:
        yield from target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]


def test_nobody_else_assigns_a_status():
    found = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for target in _targets(node):
                if isinstance(target, ast.Attribute) and target.attr == "status":
                    owner = ast.unparse(target.value)
                    if owner not in NO_CASES:
                        found.append((_name(path), owner))
    assert found == [("lsp/workflow/machine.py", "case")]


def test_new_cases_begin_where_the_model_says():
    """A status given while a row is made: only a certificate's, which `issue` makes as ACTIVE."""
    found = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in CASES:
                found += [
                    (_name(path), ast.unparse(node.func), ast.unparse(keyword.value))
                    for keyword in node.keywords
                    if keyword.arg == "status"
                ]
    allowed = {
        ("lsp/workflow/effects/certificate.py", "Certificate", "CertificateStatus.ACTIVE"),
        ("*", "Permohonan", "PermohonanStatus.DRAFT"),
        ("*", "Jadwal", "JadwalStatus.DRAFT"),
    }
    assert [each for each in found if each not in allowed and ("*", *each[1:]) not in allowed] == []


def test_nobody_writes_it_by_statement_or_by_name():
    patterns = (
        r"setattr\([^)]*['\"]status['\"]",
        # What the worker dates beside the case is written past its version; no other column may be.
        r"(?s)update\((Permohonan|Certificate|Jadwal|Complaint)\)"
        r"(?!(?:(?!\.values).)*\.values\((?:idle_reminders|result_mailed_at|assigned_verifier_id)=[^,()]*(?:\([^()]*\))?\))",
        r"UPDATE (permohonan|certificate|jadwal|complaint)\b",
        r"\.values\([^)]*\bstatus=",
    )
    found = [
        (_name(path), match.group())
        for path in MODULES
        for pattern in patterns
        for match in re.finditer(pattern, path.read_text(encoding="utf-8"))
    ]
    assert found == []
