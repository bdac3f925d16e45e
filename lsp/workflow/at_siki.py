"""Sections of FR.APL.01 that came from the ministry's dossier: sent back, they are repaired at SIKI.

The portal reads nothing there by itself, so an admin says that he saw the repair. Repaired here by the asesi, such a
section is like any other: changed, and judged anew.
"""

from __future__ import annotations

from sqlalchemy import exists, select

from lsp.database import db
from lsp.models import ChecklistItem, FieldSource, Permohonan
from lsp.vocabulary import FieldOrigin, FormSection
from lsp.workflow.dossier import dossier_of
from lsp.workflow.sections import ROWS_OF, content, differs, fields_of


def came_from_siki(permohonan: Permohonan, section: FormSection) -> bool:
    """Whether something that stands in this section is as SIKI gave it; what the asesi changed is his own."""
    if section in ROWS_OF:
        form = dossier_of(permohonan).fr_apl_01
        rows = getattr(form, ROWS_OF[section]) if form is not None else ()
        return any(row.origin is FieldOrigin.SIKI for row in rows)
    source = exists().where(
        FieldSource.permohonan_id == permohonan.id,
        FieldSource.origin == FieldOrigin.SIKI,
        FieldSource.field.in_(fields_of(section)),
    )
    return bool(db.session.scalar(select(source)))


def repaired_at_siki(permohonan: Permohonan, item: ChecklistItem) -> bool:
    """Whether the repair of this item was asked for at SIKI, and it reads here as it did then."""
    if item.section is None or item.siki_asked_at is None or item.sealed is None:
        return False
    return not differs(item.sealed, content(permohonan, item.section))


def unseen_at_siki(permohonan: Permohonan, item: ChecklistItem) -> bool:
    """Whether nobody has said yet that the repair is to be seen there."""
    return item.siki_seen_at is None and repaired_at_siki(permohonan, item)
