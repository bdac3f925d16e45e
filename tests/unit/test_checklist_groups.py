"""Groups of the checklist and how their verdict follows from the rows."""

from __future__ import annotations

import pytest

from lsp.data import read_json
from lsp.services.checklist_groups import Judged, group_of, rolled_up
from lsp.vocabulary import RequirementPart, Verdict

M, F, A = Verdict.MEETS, Verdict.FAILS, Verdict.ABSENT


def must(verdict, *, present=True):
    return Judged(required=True, present=present, verdict=verdict)


def may(verdict, *, present=True):
    return Judged(required=False, present=present, verdict=verdict)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([must(M), must(M)], M),
        ([must(M), must(None)], None),
        ([must(F), must(None)], F),
        ([must(M), may(None)], None),
        ([must(M), may(None, present=False)], M),
        ([must(M), may(A, present=False)], M),
        ([must(M), must(A, present=False)], F),
        ([must(A, present=False)], A),
        ([must(M), may(F)], F),
        ([may(None, present=False)], None),
        ([], None),
    ],
)
def test_verdict_of_a_group(rows, expected):
    assert rolled_up(rows) is expected


def test_every_document_has_a_group_of_its_figure():
    for row in read_json("defaults/document_requirements.json"):
        assert group_of(row["code"]).number == row["code"][0]


def test_ktp_is_administrative_and_ijazah_a_basic_requirement():
    assert group_of("1a").part is RequirementPart.ADMINISTRATIVE
    assert group_of("2a").part is RequirementPart.BASIC


@pytest.mark.parametrize("code", ["99", "x", ""])
def test_a_code_of_no_group_is_among_the_others(code):
    assert group_of(code).label == "Lainnya"
