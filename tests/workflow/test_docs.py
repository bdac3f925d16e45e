"""docs/workflow.md says what the tables say."""

from __future__ import annotations

import pytest

from lsp.config import ROOT
from lsp.workflow import docs
from lsp.workflow.permohonan import PERMOHONAN

FILE = ROOT / "docs" / "workflow.md"


def test_file_holds_what_the_tables_print():
    text = FILE.read_text(encoding="utf-8")
    assert docs.replace_generated_part(text) == text, "run `flask lsp docs`"


def test_hand_written_part_stands_before_the_marker():
    head = FILE.read_text(encoding="utf-8").partition(docs.BEGIN)[0]
    assert head.startswith("# ")
    assert len(head.split()) > 100


def test_every_step_state_and_rule_is_printed():
    text = docs.render_workflow_doc()
    for row in PERMOHONAN.transitions:
        assert f"| `{row.name}` | {row.label} |" in text
        for source in row.source:
            assert f"{source.name} --> {row.target.name}: {row.name} (" in text
    for status in PERMOHONAN.statuses:
        assert f"{status.name}: {status.label}" in text


def test_rules_made_by_factories_have_names_that_tell_them_apart():
    text = docs.render_workflow_doc()
    for words in (
        "seat held pre assessment",
        "seat held assessment",
        "apl 02 reviewed can continue",
        "apl 02 reviewed cannot continue",
        "recommendation is K",
        "siki 20",
        "notify permohonan rejected",
        "a note of 10 letters or more (note unless asesi)",
    ):
        assert words in text


def test_tables_of_the_document_are_well_formed():
    width = None
    for line in docs.render_workflow_doc().splitlines():
        if not line.startswith("|"):
            width = None
            continue
        cells = line.replace("\\|", "").count("|")
        width = width or cells
        assert cells == width, line


def test_writing_renews_the_part_and_nothing_else(tmp_path):
    file = tmp_path / "workflow.md"
    file.write_text(f"before\n{docs.BEGIN}\nold\n{docs.END}\nafter\n", encoding="utf-8")
    assert docs.write_workflow_doc(file)
    text = file.read_text(encoding="utf-8")
    assert text == f"before\n{docs.render_workflow_doc()}\nafter\n"
    assert not docs.write_workflow_doc(file)


def test_document_without_markers_is_refused():
    with pytest.raises(ValueError, match="marker"):
        docs.replace_generated_part("# The workflow\n")
