"""docs/workflow.md says what the tables say."""

from __future__ import annotations

import re

import pytest

from lsp.config import ROOT
from lsp.services import case_reading
from lsp.views.asesi.story import WORDS
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


def beside_the_table():
    return FILE.read_text(encoding="utf-8").partition(docs.END)[2]


def test_files_named_beside_the_table_are_there():
    named = set(re.findall(r"`(lsp/[\w/]+\.py)`", beside_the_table()))
    assert len(named) > 10
    assert {name for name in named if not (ROOT / name).is_file()} == set()


def test_lines_of_the_history_without_a_row_are_told_beside_the_table():
    """A case's history holds them; what they mean for the procedure is read nowhere else."""
    rows = {row.name for row in PERMOHONAN.transitions}
    lines = set(WORDS) | set(case_reading.STEP_WORDS)
    # `start` is both the row and the first line of a case, which the asesi reads in two ways.
    without = lines - rows - {"start_assessment"}
    assert {"ask_reassessment", "take_back_reassessment", "propose_annulment"} <= without
    told = beside_the_table()
    assert {name for name in without if f"`{name}`" not in told} == set()


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
