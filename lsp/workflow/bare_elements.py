"""Elemen that the asesi calls competent in FR.APL.02 with nothing to show for it: no file, no word of evidence.

Which paper asks about them, and when one waits for that, is said in lsp/workflow/instruments.py.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, select

from lsp.database import db
from lsp.models import (
    Document,
    Elemen,
    FrApl02Answer,
    FrApl02Evidence,
    Permohonan,
    UnitKompetensi,
)
from lsp.vocabulary import Answer


def _bare(permohonan: Permohonan) -> Select[int]:
    shown = (
        select(FrApl02Evidence.answer_id)
        .join(Document, Document.id == FrApl02Evidence.document_id)
        .where(FrApl02Evidence.answer_id == FrApl02Answer.id, Document.replaced_at.is_(None))
        .exists()
    )
    return (
        select(Elemen.id)
        .join(UnitKompetensi, UnitKompetensi.id == Elemen.unit_id)
        .join(FrApl02Answer, FrApl02Answer.elemen_id == Elemen.id)
        .where(
            FrApl02Answer.permohonan_id == permohonan.id,
            UnitKompetensi.skema_version_id == permohonan.skema_version_id,
            FrApl02Answer.answer == Answer.K,
            FrApl02Answer.evidence_note == "",
            ~shown,
        )
    )


def has_bare(permohonan: Permohonan) -> ColumnElement[bool]:
    """Whether any stands there, of whichever unit: a column for a query that is sent anyway."""
    return _bare(permohonan).exists()


def bare_elements(permohonan: Permohonan, only: Collection[int] = ()) -> frozenset[int]:
    """One query. only: units of an asesmen ulang, by id; every unit where none is named."""
    query = _bare(permohonan)
    if only:
        query = query.where(UnitKompetensi.id.in_(only))
    return frozenset(db.session.scalars(query))
