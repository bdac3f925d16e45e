"""One person, two accounts: open permohonan with the same NIK for the same skema. A warning to the admin alone."""

from __future__ import annotations

from sqlalchemy import Select, false, select
from sqlalchemy.orm import aliased

from lsp.database import db
from lsp.models import FrApl01, Permohonan, SkemaVersion
from lsp.vocabulary import FINAL
from lsp.workflow.dossier import dossier_of


def same_nik(permohonan: Permohonan) -> Select[Permohonan]:
    """Open permohonan of other accounts with this NIK and skema, oldest first; none while it has no NIK."""
    form = dossier_of(permohonan).fr_apl_01
    index = form.nik_index if form is not None else None
    other = aliased(Permohonan)
    return (
        select(other)
        .join(FrApl01, FrApl01.permohonan_id == other.id)
        .join(SkemaVersion, SkemaVersion.id == other.skema_version_id)
        .where(
            FrApl01.nik_index == index if index else false(),
            other.asesi_id != permohonan.asesi_id,
            SkemaVersion.skema_id == permohonan.skema_version.skema_id,
            other.status.not_in(tuple(FINAL)),
        )
        .order_by(other.id)
        .limit(5)
    )


def others_with_same_nik(permohonan: Permohonan) -> list[Permohonan]:
    return list(db.session.scalars(same_nik(permohonan)))
