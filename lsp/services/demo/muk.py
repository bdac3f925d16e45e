"""A small MUK for the demo's skema: interview and oral questions with their keys, read as an LSP would import them."""

from __future__ import annotations

from datetime import date

from lsp import clock
from lsp.actor import SYSTEM
from lsp.data import read_text
from lsp.models import SkemaVersion
from lsp.services import muk_rows, muk_sheet, muk_versions
from lsp.services.demo.mapa import authors
from lsp.services.muk_check import gaps_of
from lsp.vocabulary import InstrumentPaper

_SHEETS = {InstrumentPaper.DPL: "muk/fr_ia_07.csv", InstrumentPaper.PW: "muk/fr_ia_09.csv"}


def put_muk_in_force(version: SkemaVersion, since: date) -> None:
    """FR.IA.07 and FR.IA.09 for the whole skema."""
    for paper, sheet in _SHEETS.items():
        made = muk_versions.begin(SYSTEM, version, paper, "")
        records = muk_sheet.records_of_text(read_text(sheet))
        rows = muk_sheet.understand(made, muk_versions.units_of(made), records)
        if any(row.errors for row in rows):
            raise AssertionError([row for row in rows if row.errors])
        muk_rows.add(SYSTEM, made, muk_sheet.takeable(rows))
        muk_versions.save(SYSTEM, made, "people", authors(since))
        if gaps_of(made):
            raise AssertionError(gaps_of(made))
        # From the first day of the demo: publish() refuses days that have passed.
        made.effective_from, made.published_at = since, clock.day_begins(since)
