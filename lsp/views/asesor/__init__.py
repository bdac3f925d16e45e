"""The asesor's page: his day, and each case in the order of a real meeting.

Each panel stands on an address of its own and is saved by itself; everything works with scripts off.
"""

from __future__ import annotations

from lsp.views.asesor.shared import bp

# Each module hangs its views on `bp`.
from lsp.views.asesor import (  # noqa: F401 isort: skip
    ak02,
    ak05,
    ak06,
    calendar,
    case,
    corrections,
    days_off,
    home,
    ia_08,
    ia_questions,
    instruments,
    joining,
    mapa,
    moving,
    outcome,
    papers,
    pre_assessment,
    record,
    recording_tus,
    recordings,
    reports,
    series,
    surveilan,
    third_party,
    week,
    whatsapp,
)

__all__ = ["bp"]
