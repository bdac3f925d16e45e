"""What a person agreed to: the agreements of a case, and of all his cases. Giving one stands in signing.py."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp.database import db
from lsp.models import Consent, ConsentText, Permohonan
from lsp.vocabulary import ConsentKind


def standing(permohonan: Permohonan) -> Sequence[Consent]:
    """Agreements of a case that were not taken back, with their texts, oldest first; one query."""
    return db.session.scalars(
        select(Consent)
        .where(Consent.permohonan_id == permohonan.id, Consent.withdrawn_at.is_(None))
        .order_by(Consent.id)
        .options(joinedload(Consent.text))
    ).all()


def given_to(permohonan_id: int, kind: ConsentKind, version_number: int) -> Consent | None:
    """The newest agreement of a case to this version, also one that was taken back; with its text."""
    return db.session.scalar(
        select(Consent)
        .join(ConsentText, ConsentText.id == Consent.text_id)
        .where(
            Consent.permohonan_id == permohonan_id,
            ConsentText.kind == kind,
            ConsentText.version_number == version_number,
        )
        .order_by(Consent.id.desc())
        .limit(1)
        .options(joinedload(Consent.text))
    )


def newest(permohonan: Permohonan, kind: ConsentKind) -> Consent | None:
    """The last agreement of a case to a text of this kind that was not taken back; with its text."""
    return next((row for row in reversed(standing(permohonan)) if row.text.kind is kind), None)


def of_asesi(asesi_id: int) -> list[tuple[Consent, Permohonan]]:
    """Every agreement a person gave, the newest first, with text and case; one query."""
    rows = db.session.execute(
        select(Consent, Permohonan)
        .join(Permohonan, Permohonan.id == Consent.permohonan_id)
        .where(Permohonan.asesi_id == asesi_id)
        .order_by(Consent.id.desc())
        .options(joinedload(Consent.text), joinedload(Permohonan.skema_version))
    )
    return [(consent, permohonan) for consent, permohonan in rows]
