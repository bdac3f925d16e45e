"""The row of the FR.IA papers in the order of an assessment."""

from __future__ import annotations

from typing import Any

from lsp.models import Permohonan
from lsp.services import instrument_list
from lsp.workflow.instruments import listed


def instrument_row(permohonan: Permohonan) -> dict[str, Any] | None:
    """None where the plan asks for none. What cannot be filled here is asked of nobody."""
    papers = [row for row in instrument_list.standing_of(permohonan) if row.done is not None]
    if not papers:
        return None
    waiting = [row.paper.value for row in papers if not row.done]
    return {
        "key": "instrumen",
        "label": "Instrumen asesmen, FR.IA",
        "todo": f"Isi {listed(waiting)}" if waiting else "",
        "done": not waiting,
        "badge": f"{len(papers) - len(waiting)} dari {len(papers)} selesai",
    }
