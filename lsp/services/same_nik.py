"""One person, two accounts: open permohonan with the same NIK for the same skema. A warning to the admin alone."""

from __future__ import annotations

from sqlalchemy import select

from lsp.database import db
from lsp.models import FrApl01, Permohonan, SkemaVersion
from lsp.vocabulary import FINAL
from lsp.workflow.dossier import dossier_of


def others_with_same_nik(permohonan: Permohonan) -> list[Permohonan]:
    """Open permohonan of other accounts with this NIK and skema, oldest first."""
    form = dossier_of(permohonan).fr_apl_01
    if form is None or form.nik_index is None:
        return []
    return list(
        db.session.scalars(
            select(Permohonan)
            .join(FrApl01, FrApl01.permohonan_id == Permohonan.id)
            .join(SkemaVersion, SkemaVersion.id == Permohonan.skema_version_id)
            .where(
                FrApl01.nik_index == form.nik_index,
                Permohonan.asesi_id != permohonan.asesi_id,
                SkemaVersion.skema_id == permohonan.skema_version.skema_id,
                Permohonan.status.not_in(tuple(FINAL)),
            )
            .order_by(Permohonan.id)
            .limit(5)
        )
    )
