"""The certificate's PDF from the ministry's portal, beside ours: attached by the admin, replaced only with a reason."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.gateways import official_pdf, storage
from lsp.gateways.files import FileStoreError, StoredFile
from lsp.gateways.official_pdf import Looked, OfficialRefused
from lsp.models import Certificate, OfficialCertificate
from lsp.services import audit
from lsp.workflow.machine import LEAST_REASON

_CHANGED = "Berkas resmi sertifikat ini sudah berubah sejak halaman dibuka. Periksa yang sekarang, lalu unggah lagi."


def files_of(certificate: Certificate) -> list[OfficialCertificate]:
    """All that were ever attached, the one in force first."""
    return list(
        db.session.scalars(
            select(OfficialCertificate)
            .where(OfficialCertificate.certificate_id == certificate.id)
            .order_by(OfficialCertificate.id.desc())
            .options(joinedload(OfficialCertificate.attached_by))
        )
    )


def in_force(certificate: Certificate) -> OfficialCertificate | None:
    return db.session.scalar(
        select(OfficialCertificate)
        .where(OfficialCertificate.certificate_id == certificate.id)
        .order_by(OfficialCertificate.id.desc())
        .limit(1)
    )


def sha256_of(certificate: Certificate) -> str | None:
    found = in_force(certificate)
    return found.sha256 if found is not None else None


def look_at(content: bytes) -> Looked:
    """Call without a transaction: a child looks at it. Raises DomainError with what is wrong."""
    try:
        return official_pdf.look_at(content, lock_path=storage.heavy_lock())
    except OfficialRefused as refusal:
        raise DomainError(refusal.sentence, field="file") from refusal


@contextmanager
def attached(
    actor: Actor,
    certificate: Certificate,
    content: bytes,
    looked: Looked,
    *,
    instead_of: str,
    reason: str,
) -> Iterator[OfficialCertificate]:
    """Keep the file as it came; the caller commits inside. What is not committed leaves no file. Raises DomainError.

    instead_of: public id of the one that was in force when the page was drawn, or "".
    """
    standing = in_force(certificate)
    if (standing.public_id if standing else "") != instead_of:
        raise DomainError(_CHANGED)
    reason = " ".join(reason.split())
    if standing is not None and len(reason) < LEAST_REASON:
        raise DomainError(
            f"Tulis mengapa berkas resmi yang lama diganti, sedikitnya {LEAST_REASON} huruf.",
            field="note",
        )
    stored = storage.store().put(content)
    try:
        if standing is not None and standing.sha256 == stored.sha256:
            raise DomainError("Berkas ini sama persis dengan yang sudah ada.", field="file")
        yield _record(actor, certificate, stored, looked, standing, reason)
    except BaseException:
        db.session.rollback()
        _forget(stored.key)
        raise


def _forget(key: str) -> None:
    """Delete a file that no row names. Where the commit came through before its connection broke, one does."""
    named = select(OfficialCertificate.id).where(OfficialCertificate.storage_key == key)
    if db.session.scalar(named) is None:
        with suppress(FileStoreError):  # the worker sweeps what stays behind
            storage.store().delete(key)


def _record(
    actor: Actor,
    certificate: Certificate,
    stored: StoredFile,
    looked: Looked,
    standing: OfficialCertificate | None,
    reason: str,
) -> OfficialCertificate:
    row = OfficialCertificate(
        certificate_id=certificate.id,
        storage_key=stored.key,
        sha256=stored.sha256,
        size=stored.size,
        pages=looked.pages,
        is_signed=looked.is_signed,
        attached_by_id=actor.id or 0,
        replaces_id=standing.id if standing else None,
        reason=reason if standing else "",
    )
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError as error:  # attached by two people at the same moment (PostgreSQL)
        raise DomainError(_CHANGED) from error
    audit.note(
        actor,
        "certificate.attach_official",
        "certificate",
        certificate.public_id,
        sha256=row.sha256,
    )
    return row
