"""The files of an issued certificate as rows, without laying anything out."""

from __future__ import annotations

from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.gateways import storage
from lsp.models import (
    Certificate,
    CertificateMaking,
    IssueBatch,
    IssueBatchItem,
    OfficialCertificate,
    Permohonan,
    User,
)


def certificate_of(case: Permohonan) -> Certificate:
    return db.session.scalars(select(Certificate).where(Certificate.permohonan_id == case.id)).one()


def make_certificate_files(case: Permohonan, admin: User, ketua: User) -> IssueBatch:
    """A stored file with its making, an official one beside it, and the batch it was issued in. Flushed only."""
    made = certificate_of(case)
    if made.pdf_key is None:
        stored = storage.store().put(b"%PDF-1.7 ours")
        made.pdf_key, made.pdf_sha256, made.pdf_made_at = stored.key, stored.sha256, clock.now()
        db.session.flush()
        db.session.add(
            CertificateMaking(
                certificate_id=made.id, made_at=clock.now(), facts={}, unsigned_sha256=stored.sha256,
                typst_version="0.0.0",
            )
        )  # fmt: skip
    official = storage.store().put(b"%PDF-1.7 official")
    batch = IssueBatch(actor_id=ketua.id)
    db.session.add(batch)
    db.session.add(
        OfficialCertificate(
            certificate_id=made.id, storage_key=official.key, sha256=official.sha256, size=official.size,
            pages=1, is_signed=False, attached_by_id=admin.id,
        )
    )  # fmt: skip
    db.session.flush()
    db.session.add(IssueBatchItem(batch_id=batch.id, certificate_id=made.id))
    db.session.flush()
    return batch
