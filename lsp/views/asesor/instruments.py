"""FR.IA papers of a case: their list in the order of the meeting, begun by a press, read in every edition."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import abort, g
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Permohonan
from lsp.permissions import writes
from lsp.services import instrument_list, instrument_reading, instruments
from lsp.services.instrument_list import Standing
from lsp.views.asesor.ia_page import KEY_OF, KEYS, PAPERS
from lsp.views.asesor.shared import CASE, address, assigned, bp, onward, own_seat
from lsp.views.asesor.third_party_panel import KEY as THIRD_PARTY, third_party_row
from lsp.views.html import page
from lsp.vocabulary import InstrumentPaper

_FORM = f"<any({KEYS}):form>"


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper in the list. href: its page; begin: the address that begins it, where this reader may."""

    standing: Standing
    href: str
    begin: str


def page_of(permohonan: Permohonan, paper: InstrumentPaper) -> str:
    """Where a paper is filled and read; empty where it has no page of its own here."""
    if paper is InstrumentPaper.CVP:
        return address("fr_ia_08_page", permohonan)
    if paper is InstrumentPaper.VPK:
        return address("case_panel", permohonan, key=THIRD_PARTY)
    if paper in KEY_OF:
        return address("questions", permohonan, form=KEY_OF[paper])
    return ""


def instruments_panel(permohonan: Permohonan) -> dict[str, Any]:
    own = own_seat(permohonan) is not None and instruments.is_open(permohonan)
    lines = []
    for standing in instrument_list.standing_of(permohonan):
        key = KEY_OF.get(standing.paper)
        begins = own and key and standing.may_begin
        begin = address("begin_instrument", permohonan, form=key) if begins else ""
        # FR.IA.10 begins with the letter that is asked for on its page, so that page is always there.
        is_there = standing.edition or standing.paper is InstrumentPaper.VPK
        href = page_of(permohonan, standing.paper) if is_there else ""
        lines.append(PaperLine(_told(permohonan, standing), href, begin))
    return {"papers": lines}


def _told(permohonan: Permohonan, standing: Standing) -> Standing:
    """FR.IA.10 has no rows to count: how far it is, is told as in the order of the meeting."""
    if standing.paper is not InstrumentPaper.VPK or standing.done:
        return standing
    row = third_party_row(permohonan)
    return replace(standing, badge=row["badge"], tone=row["tone"])


@bp.post(f"{CASE}/{_FORM}/mulai")
@assigned
@writes
def begin_instrument(permohonan_id: str, form: str) -> ResponseReturnValue:
    """Make the paper with what is known already, and go to its page. Pressed twice it goes there again."""
    paper = PAPERS[form]
    try:
        instruments.open_instrument(g.actor, g.permohonan, paper)
    except DomainError as refusal:
        db.session.rollback()
        return onward("case_panel", g.permohonan, str(refusal), key="instrumen", tone="bad")
    db.session.commit()
    endpoint = "fr_ia_08_page" if paper is InstrumentPaper.CVP else "questions"
    more = {} if paper is InstrumentPaper.CVP else {"form": form}
    return onward(endpoint, g.permohonan, f"{paper.value} dibuka.", **more)


@bp.get(f"{CASE}/{_FORM}/edisi/<int(max=9999):edition>")
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
        back_url=page_of(g.permohonan, paper),
    )
