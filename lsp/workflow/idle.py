"""When an asesi last did something on a case: the one notion by which silence is reminded of and ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from lsp.database import db
from lsp.models import Document, FrApl01, FrApl02Answer, Permohonan

#: What a person fills and sends beside the steps of the workflow: (column, whose case it is).
_SIGNS: tuple[tuple[Any, Any], ...] = (
    (FrApl01.updated_at, FrApl01.permohonan_id),
    (FrApl02Answer.updated_at, FrApl02Answer.permohonan_id),
    (Document.created_at, Document.permohonan_id),
)


def last_activity(permohonan: Permohonan) -> datetime:
    """The latest of: a step of the workflow, a saved form, a saved answer, an uploaded file."""
    found: list[datetime | None] = [
        db.session.scalar(select(func.max(moment)).where(owner == permohonan.id))
        for moment, owner in _SIGNS
    ]
    return max([permohonan.status_at, *(moment for moment in found if moment is not None)])


def silent_since(moment: datetime) -> ColumnElement[bool]:
    """Condition on Permohonan: its last activity lies before this moment."""
    later = (
        select(owner).where(owner == Permohonan.id, sign >= moment).correlate(Permohonan).exists()
        for sign, owner in _SIGNS
    )
    return and_(Permohonan.status_at < moment, *(~found for found in later))
