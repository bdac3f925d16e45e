"""Letters that suspended, reinstated or revoked the certificate of a case, for the list of its papers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from lsp.database import db
from lsp.models import Certificate, CertificateProposal, Permohonan
from lsp.services.paper_entry import Paper, day_of
from lsp.vocabulary import PaperState

#: How the key of such a paper begins; the public id of its proposal follows.
KEY = "surat_sertifikat:"


def letters_of(permohonan_id: Any) -> Any:
    """How many there are, as a scalar subquery."""
    return (
        select(func.count(CertificateProposal.id))
        .join(Certificate, Certificate.id == CertificateProposal.certificate_id)
        .where(Certificate.permohonan_id == permohonan_id, CertificateProposal.letter_number != "")
        .scalar_subquery()
    )


def life_letters(case: Permohonan) -> list[Paper]:
    """Oldest first."""
    rows = db.session.execute(
        select(
            CertificateProposal.public_id,
            CertificateProposal.step,
            CertificateProposal.letter_number,
            CertificateProposal.decided_at,
        )
        .join(Certificate, Certificate.id == CertificateProposal.certificate_id)
        .where(Certificate.permohonan_id == case.id, CertificateProposal.letter_number != "")
        .order_by(CertificateProposal.id)
    )
    return [
        Paper(
            KEY + row.public_id,
            f"Surat keputusan {row.step.label.lower()} sertifikat",
            PaperState.PRESENT,
            needed=False,
            words=f"{row.letter_number}, {day_of(row.decided_at)}",
            subject=row.public_id,
        )
        for row in rows
    ]
