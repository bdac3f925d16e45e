"""What became of a certificate after issue, for the list of a case's papers: each letter, and what its holder sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, or_, select

from lsp.database import db
from lsp.models import Certificate, CertificateAnswerFile, CertificateProposal, Document, Permohonan
from lsp.services.paper_entry import Paper, day_of
from lsp.vocabulary import PaperState

#: How the key of a letter begins; the public id of its proposal follows.
LETTER = "surat_sertifikat:"
#: How the key of a file that came with an answer begins; the public id of its document follows.
ANSWER_FILE = "jawaban_sertifikat:"
_OF_PROPOSAL = CertificateAnswerFile.proposal_id == CertificateProposal.id
_HAS_PAPER = or_(
    CertificateProposal.letter_number != "",
    # Only the proposal is that of the query around it: `life_papers` joins the file's table too.
    select(CertificateAnswerFile.id).where(_OF_PROPOSAL).correlate(CertificateProposal).exists(),
)


def proposals_with_papers(permohonan_id: Any) -> Any:
    """How many there are, as a scalar subquery."""
    return (
        select(func.count(CertificateProposal.id))
        .join(Certificate, Certificate.id == CertificateProposal.certificate_id)
        .where(Certificate.permohonan_id == permohonan_id, _HAS_PAPER)
        .scalar_subquery()
    )


def life_papers(case: Permohonan) -> list[Paper]:
    """Oldest first: of each proposal the holder's file, then the letter of the decision."""
    rows = db.session.execute(
        select(
            CertificateProposal.public_id,
            CertificateProposal.step,
            CertificateProposal.letter_number,
            CertificateProposal.decided_at,
            CertificateProposal.answered_at,
            Document.public_id.label("file_id"),
        )
        .join(Certificate, Certificate.id == CertificateProposal.certificate_id)
        .outerjoin(CertificateAnswerFile, _OF_PROPOSAL)
        .outerjoin(Document, Document.id == CertificateAnswerFile.document_id)
        .where(Certificate.permohonan_id == case.id, _HAS_PAPER)
        .order_by(CertificateProposal.id)
    )
    return [paper for row in rows for paper in _papers(row)]


def _papers(row: Any) -> Iterator[Paper]:
    step = row.step.label.lower()
    if row.file_id:
        yield Paper(
            ANSWER_FILE + row.file_id,
            f"Bukti pemegang atas usulan {step} sertifikat",
            PaperState.PRESENT,
            needed=False,
            words=f"dikirim {day_of(row.answered_at)}",
            subject=row.file_id,
        )
    if row.letter_number:
        yield Paper(
            LETTER + row.public_id,
            f"Surat keputusan {step} sertifikat",
            PaperState.PRESENT,
            needed=False,
            words=f"{row.letter_number}, {day_of(row.decided_at)}",
            subject=row.public_id,
        )
