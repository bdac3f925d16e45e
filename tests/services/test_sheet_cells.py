"""Cells of a sheet: what is taken, what is refused, and what the sentence asks for."""

from __future__ import annotations

import pytest

from lsp.forms.sheet_cells import Chosen, read_rows
from lsp.gateways.sheets import Cell, Sheet
from lsp.services import id_izin
from lsp.services.sheet_import_columns import COLUMNS, find_table
from lsp.services.sheet_import_rows import Weight
from lsp.workflow.guards.registration import ID_IZIN_EXAMPLE, ID_IZIN_WRONG
from tests.support.sheets import person, table

pytestmark = pytest.mark.usefixtures("app")


def read(**cells):
    """One row of a sheet, complete but for what is said otherwise."""
    lines = [
        (number, [Cell("" if value is None else str(value)) for value in line])
        for number, line in enumerate(table([person(1, **cells)]), 1)
    ]
    (row,) = read_rows(find_table([Sheet("", lines, False)], most_rows=10), [], Chosen())
    return row


def said(row, column):
    return [each for each in row.remarks if each.where.startswith(column)]


def test_a_shape_that_no_id_izin_has_is_refused_as_everywhere():
    (remark,) = said(read(id_izin="I/2026"), "ID Izin")
    assert (remark.weight, remark.sentence) == (Weight.FAULT, ID_IZIN_WRONG)
    assert ID_IZIN_EXAMPLE in {column.example for column in COLUMNS}


@pytest.mark.parametrize(
    "number",
    [
        "1234567890123",
        "I-1234",
        "I-2026991809150100042",
        "I-2101010109150100042",
        "I-2001010109150100042",
    ],
)
def test_of_a_doubtful_id_izin_the_row_is_ticked_and_no_box(number):
    (remark,) = said(read(id_izin=number), "ID Izin")
    assert remark.weight is Weight.DOUBT
    assert remark.sentence.endswith("Jika memang begini, centang barisnya.")
    assert id_izin.doubts(number, oldest_days=90).sentence.endswith("centang kotak di bawah.")


@pytest.mark.parametrize("number", ["X1234567", "E123456789", "PASPOR", "12345678"])
def test_a_passport_is_what_fr_apl_01_can_be_signed_with(number):
    row, fits = read(nik=number), number == "X1234567"
    assert (row.nik == number) is fits
    assert [each.weight for each in said(row, "NIK")] == ([] if fits else [Weight.FAULT])
