"""How far FR.APL.02 is answered; read by guards and pages through the dossier."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, case, func, select

from lsp.database import db
from lsp.models import Elemen, FrApl02Answer, FrApl02Evidence, Permohonan, UnitKompetensi
from lsp.vocabulary import Answer


@dataclass(frozen=True, slots=True)
class Apl02Progress:
    """Counts over the elemen of the skema version."""

    total: int
    answered: int
    without_evidence: int


def progress_of(permohonan: Permohonan) -> Apl02Progress:
    """Answered elemen, and K without a document or a sentence of evidence, in one query."""
    has_document = (
        select(FrApl02Evidence.document_id)
        .where(FrApl02Evidence.answer_id == FrApl02Answer.id)
        .exists()
    )
    row = db.session.execute(
        select(
            func.count(Elemen.id),
            func.count(FrApl02Answer.answer),
            func.coalesce(
                func.sum(
                    case(
                        (
                            and_(
                                FrApl02Answer.answer == Answer.K,
                                FrApl02Answer.evidence_note == "",
                                ~has_document,
                            ),
                            1,
                        ),
                        else_=0,
                    )
                ),
                0,
            ),
        )
        .select_from(UnitKompetensi)
        .join(Elemen, Elemen.unit_id == UnitKompetensi.id)
        .outerjoin(
            FrApl02Answer,
            and_(
                FrApl02Answer.elemen_id == Elemen.id,
                FrApl02Answer.permohonan_id == permohonan.id,
            ),
        )
        .where(UnitKompetensi.skema_version_id == permohonan.skema_version_id)
    ).one()
    return Apl02Progress(int(row[0]), int(row[1]), int(row[2]))
