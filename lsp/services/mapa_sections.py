"""Saving one section of a draft of a MAPA; the other sections stay as they are."""

from __future__ import annotations

from typing import Any

from lsp.actor import Actor
from lsp.database import db
from lsp.models import Mapa
from lsp.services import audit
from lsp.services.mapa import SECTIONS, refuse_published


def save(actor: Actor, mapa: Mapa, section: str, value: dict[str, Any]) -> None:
    """Store a section as a form read it. Raises DomainError for a MAPA that is in force."""
    refuse_published(mapa)
    if section not in SECTIONS:
        raise ValueError(f"no section of a MAPA: {section!r}")
    if getattr(mapa, section) == value:
        return
    setattr(mapa, section, value)
    db.session.flush()
    audit.note(actor, "mapa.edit", "mapa", mapa.public_id, item=section)


def fill_empty_units(
    mapa: Mapa, matrix: dict[str, Any], *, types: list[str], codes: list[str], evidence: str
) -> int:
    """Put the same into each unit's fields that are still empty, in `matrix`; how many units changed."""
    changed = 0
    for unit in mapa.skema_version.units:
        row = matrix.setdefault(str(unit.id), {"evidence": "", "types": [], "codes": []})
        before = dict(row)
        row["types"] = row["types"] or types
        row["codes"] = row["codes"] or codes
        row["evidence"] = row["evidence"] or evidence
        changed += row != before
    return changed
