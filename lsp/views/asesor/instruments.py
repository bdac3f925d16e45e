"""FR.IA papers of a case: begun by a press, and read in every edition. Filled in ia_08.py and ia_questions.py."""

from __future__ import annotations

from flask import abort, g
from flask.typing import ResponseReturnValue

from lsp.services import instrument_reading
from lsp.views.asesor.shared import CASE, address, assigned, bp
from lsp.views.html import page
from lsp.vocabulary import InstrumentPaper

#: The name of a paper in its address -> the paper.
PAPERS = {
    "fr-ia-07": InstrumentPaper.DPL,
    "fr-ia-08": InstrumentPaper.CVP,
    "fr-ia-09": InstrumentPaper.PW,
}
KEYS = ",".join(f'"{key}"' for key in PAPERS)


@bp.get(f"{CASE}/<any({KEYS}):form>/edisi/<int(max=9999):edition>")
@assigned
def instrument_edition(permohonan_id: str, form: str, edition: int) -> ResponseReturnValue:
    """An edition of the present attempt as it stands, or stood when it was sent."""
    paper = PAPERS[form]
    editions = instrument_reading.editions_of(g.permohonan, paper)
    found = next((row for row in editions if row.edition == edition), None)
    if found is None:
        abort(404)
    return page(
        "asesor/ia_edition.html",
        permohonan=g.permohonan,
        paper=paper,
        read=instrument_reading.reading_of(found),
        back_url=address("permohonan", g.permohonan),
    )
