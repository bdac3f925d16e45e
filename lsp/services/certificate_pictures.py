"""The picture of a certificate, for a phone: made once by the worker from the PDF as it was issued."""

from __future__ import annotations

from sqlalchemy import select

from lsp.database import db, write_transaction
from lsp.gateways import storage
from lsp.gateways.picture import first_page
from lsp.models import Certificate, CertificatePicture

#: How many a round makes: an old portal with thousands of certificates must not hold up the other chores.
A_ROUND = 50


def of_certificate(certificate_id: int) -> CertificatePicture | None:
    return db.session.scalar(
        select(CertificatePicture).where(CertificatePicture.certificate_id == certificate_id)
    )


def make_missing() -> int:
    """Draw those that lack; harmless when repeated. Returns how many."""
    drawn = CertificatePicture.certificate_id == Certificate.id
    missing = db.session.execute(
        select(Certificate.id, Certificate.pdf_key)
        .where(
            Certificate.pdf_key.is_not(None),
            ~select(CertificatePicture.id).where(drawn).correlate(Certificate).exists(),
        )
        .order_by(Certificate.id)
        .limit(A_ROUND)
    ).all()
    db.session.rollback()
    return sum(_make(row.id, row.pdf_key) for row in missing)


def make(certificate_public_id: str) -> bool:
    """The picture of one certificate, right after its PDF."""
    row = db.session.execute(
        select(Certificate.id, Certificate.pdf_key).where(
            Certificate.public_id == certificate_public_id
        )
    ).one_or_none()
    found = row is not None and of_certificate(row.id) is not None
    db.session.rollback()
    return row is not None and row.pdf_key is not None and not found and _make(row.id, row.pdf_key)


def _make(certificate_id: int, pdf_key: str) -> bool:
    content = first_page(storage.store().open(pdf_key), lock_path=storage.heavy_lock())
    stored = storage.store().put(content)
    with write_transaction():
        if of_certificate(certificate_id) is None:
            db.session.add(
                CertificatePicture(
                    certificate_id=certificate_id, storage_key=stored.key, size=stored.size
                )
            )
            return True
    # Another worker was first; nobody knows this file.
    storage.store().delete(stored.key)
    return False
