"""Prints the workflow tables as Markdown: the generated part of docs/workflow.md.

Pure functions over the tables, so that the document cannot say anything else than the program does. Writing the
file is the command's (`flask lsp docs`); comparing it is a test's.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lsp.vocabulary import Role
from lsp.workflow.banding import BANDING
from lsp.workflow.certificate import CERTIFICATE
from lsp.workflow.complaint import KELUHAN
from lsp.workflow.jadwal import JADWAL
from lsp.workflow.machine import Machine, NoteGiven, Transition
from lsp.workflow.permohonan import PERMOHONAN
from lsp.workflow.surveilan import SURVEILAN

BEGIN = "<!-- generated from lsp/workflow by `flask lsp docs`; change the tables there, not this text -->"
END = "<!-- end of the generated part -->"
MACHINES: tuple[Machine[Any], ...] = (PERMOHONAN, BANDING, JADWAL, CERTIFICATE, KELUHAN, SURVEILAN)


def render_workflow_doc() -> str:
    """What stands between the two marker lines, markers included."""
    parts = [BEGIN, *(_render_machine(machine) for machine in MACHINES), END]
    return "\n\n".join(parts)


def replace_generated_part(document: str) -> str:
    """The document with its generated part made anew. Raises ValueError when a marker line is missing."""
    head, found, rest = document.partition(BEGIN)
    _, found_end, tail = rest.partition(END)
    if not found or not found_end:
        raise ValueError("docs/workflow.md has lost a marker line")
    return head + render_workflow_doc() + tail


def write_workflow_doc(path: Path) -> bool:
    """Renew the file; whether it changed."""
    old = path.read_text(encoding="utf-8")
    new = replace_generated_part(old)
    if new != old:
        path.write_text(new, encoding="utf-8")
    return new != old


def _render_machine(machine: Machine[Any]) -> str:
    return "\n\n".join(
        (
            f"## {machine.name.capitalize()}",
            f"```mermaid\n{machine.as_mermaid()}\n```",
            "### Steps",
            _steps(machine),
            "### Who may",
            _roles(machine),
        )
    )


def _steps(machine: Machine[Any]) -> str:
    rows = [
        (
            f"`{row.name}`",
            row.label,
            f"{', '.join(source.name for source in row.source)} → {row.target.name}",
            _who(row),
            _list(_words(guard) for guard in row.guards),
            _list(_words(effect) for effect in (*row.fills, *row.effects)),
        )
        for row in machine.transitions
    ]
    return _table(("Transition", "Label", "From → to", "Who", "Only if", "Then"), rows)


def _who(row: Transition[Any]) -> str:
    roles = ", ".join(role.value for role in row.roles)
    duties = _list(_words(duty) for duty in row.duties)
    return f"{roles}; {duties}" if row.duties else roles


def _roles(machine: Machine[Any]) -> str:
    """One row a transition name, one column a role; the states from which this role may do it."""
    acting = [
        role for role in Role if any(role in transition.roles for transition in machine.transitions)
    ]
    names = dict.fromkeys(transition.name for transition in machine.transitions)
    rows = []
    for name in names:
        same = [transition for transition in machine.transitions if transition.name == name]
        cells = [
            _list(source.name for row in same if role in row.roles for source in row.source)
            for role in acting
        ]
        rows.append((f"`{name}`", *cells))
    return _table(("Transition", *(role.value for role in acting)), rows)


def _words(rule: Any) -> str:
    """A guard, duty or effect by its name, which says a fact or an act."""
    if isinstance(rule, NoteGiven):
        condition = "" if type(rule) is NoteGiven else f" ({_spaced(type(rule).__name__)})"
        return f"a note of {rule.note_length} letters or more{condition}"
    name: str = rule.__name__
    return name.replace("_", " ")


def _spaced(name: str) -> str:
    """NoteUnlessAsesi → note unless asesi."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()


def _list(items: Iterable[str]) -> str:
    return ", ".join(items) or "–"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)
