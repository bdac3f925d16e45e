"""What the admin reads beside a case about how it came in, in one query when there is nothing to say."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from lsp.database import db
from lsp.models import Claim, LinkedDocument, Permohonan
from lsp.services.linked_documents import Unfetched, unfetched
from lsp.services.same_nik import others_with_same_nik, same_nik


@dataclass(frozen=True, slots=True)
class Notes:
    """claim: of a permohonan that the LSP opened; same_nik: open ones of other accounts; unfetched: still at SIKI."""

    claim: Claim | None
    same_nik: list[Permohonan]
    unfetched: list[Unfetched]


def notes_of(permohonan: Permohonan) -> Notes:
    has_others = same_nik(permohonan).exists()
    has_linked = select(LinkedDocument.id).where(LinkedDocument.permohonan_id == permohonan.id)
    claim, others, linked = db.session.execute(
        select(Claim, has_others, has_linked.exists())
        .select_from(Permohonan)
        .outerjoin(Claim, Claim.permohonan_id == Permohonan.id)
        .where(Permohonan.id == permohonan.id)
    ).one()
    return Notes(
        claim,
        others_with_same_nik(permohonan) if others else [],
        unfetched(permohonan) if linked else [],
    )
