"""The parts make up the whole without running anything twice, and a blind guard does not pass them."""

from __future__ import annotations

from collections import Counter

import pytest

from lsp.workflow import instruments
from lsp.workflow.guards import assessment as guards
from tests.properties import assessment_run
from tests.properties.assessment_run import LONG, PARTS, SHORT


def test_parts_make_200_and_2_000():
    assert sum(part.short for part in PARTS.values()) == SHORT == 200
    assert sum(part.long for part in PARTS.values()) == LONG == 2_000


def test_no_start_belongs_to_two_parts():
    """A sequence is named by its start and its presses, so those of two parts can never be the same."""
    starts = Counter(start for part in PARTS.values() for start in part.starts)
    assert set(starts.values()) == {1}
    assert len({part.number for part in PARTS.values()}) == len(PARTS)


def test_every_part_has_its_file(request):
    folder = request.path.parent
    files = {path.stem for path in folder.glob("test_assessment_*.py")}
    assert files == {f"test_assessment_{name}" for name in (*PARTS, "parts")}


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("part", "place", "guard", "blind", "found"),
    [
        ("empty", guards, "open_papers", [], r"FR\.IA\.0[89]"),
        ("empty", instruments, "bare_for", frozenset(), "without evidence|FR.IA.09"),
        ("signed", guards, "unsigned", [], "not signed by"),
    ],
)
def test_a_blind_guard_is_found_within_200(
    app, sign_in, monkeypatch, part, place, guard, blind, found
):
    monkeypatch.setattr(place, guard, lambda *_: blind)
    with pytest.raises(AssertionError, match=found):
        assessment_run.run(app, sign_in, PARTS[part], SHORT)
