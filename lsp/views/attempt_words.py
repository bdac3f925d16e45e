"""An asesmen ulang, said wherever its case is opened: without it the second attempt looks like a first one."""

from __future__ import annotations

from lsp.models import Permohonan
from lsp.workflow.instruments import units_to_assess


def again_words(permohonan: Permohonan) -> str:
    """Which units this attempt looks at again; empty of a first attempt."""
    if permohonan.attempt == 1:
        return ""
    units = units_to_assess(permohonan)
    if len(units) == len(permohonan.skema_version.units):
        return "Asesmen ulang: semua unit dinilai lagi."
    named = "; ".join(f"{unit.code} {unit.title}" for unit in units)
    return f"Asesmen ulang: hanya unit {named}."
