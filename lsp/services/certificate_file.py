"""The PDF of a certificate: laid out from frozen facts, signed where the LSP has a key, kept once with both hashes."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from datetime import date
from importlib.metadata import version
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.database import db, write_transaction
from lsp.gateways import signer, storage
from lsp.gateways.files import StoredFile
from lsp.gateways.signer import Signed
from lsp.models import (
    Certificate,
    CertificateMaking,
    Document,
    DocumentRequirement,
    Permohonan,
    SkemaVersion,
    User,
)
from lsp.models.inforce import current_lembaga
from lsp.papers.certificate import CertificatePaper, CertificateUnit, certificate_pdf
from lsp.papers.words import Bilingual
from lsp.vocabulary import PHOTO_CODE

_DATES = ("valid_from", "valid_until", "decided_on")


@dataclass(frozen=True, slots=True)
class _Job:
    certificate_id: int
    paper: CertificatePaper
    photo_key: str | None


def make_pdf(certificate_public_id: str, *, base_url: str) -> None:
    """The worker's job: lay out, sign when configured, store once. Harmless when repeated.

    Raises SigningHeld before anything is stored: where a key is configured, no unsigned certificate ever goes out.
    """
    signs = signer.installed()
    job = _job(certificate_public_id, base_url)
    db.session.rollback()
    if job is None:
        return
    signs.check()
    unsigned = certificate_pdf(job.paper, lock_path=storage.heavy_lock())
    signed = signs.sign(unsigned, location=job.paper.decided_place, lock_path=storage.heavy_lock())
    stored = storage.store().put(signed.content)
    if not _note(job, hashlib.sha256(unsigned).hexdigest(), signed, stored):
        # Another worker was first (a lease ran out): its file is the certificate's, this one nobody knows.
        storage.store().delete(stored.key)


def _note(job: _Job, unsigned_sha256: str, signed: Signed, stored: StoredFile) -> bool:
    """Write the file's key down, once. A worker killed before this leaves a file without a row, never the reverse."""
    with write_transaction():
        certificate = db.session.get_one(Certificate, job.certificate_id, with_for_update=True)
        if certificate.pdf_key is not None:
            return False
        certificate.pdf_key, certificate.pdf_sha256 = stored.key, stored.sha256
        certificate.pdf_made_at = clock.now()
        db.session.flush()
        db.session.add(
            CertificateMaking(
                certificate_id=certificate.id,
                made_at=certificate.pdf_made_at,
                facts=_frozen(job),
                unsigned_sha256=unsigned_sha256,
                signed_sha256=stored.sha256 if signed.key_fingerprint else None,
                key_fingerprint=signed.key_fingerprint,
                key_subject=signed.key_subject,
                time_stamp_by=signed.time_stamp_by,
                typst_version=version("typst"),
            )
        )
    return True


def _job(certificate_public_id: str, base_url: str) -> _Job | None:
    certificate = db.session.scalar(
        select(Certificate)
        .where(Certificate.public_id == certificate_public_id)
        .options(joinedload(Certificate.permohonan).joinedload(Permohonan.skema_version))
    )
    if certificate is None or certificate.pdf_key is not None:
        return None
    photo_key = _photo_key(certificate.permohonan)
    return _Job(certificate.id, paper_of(certificate, base_url=base_url), photo_key)


# --- What is printed ---------------------------------------------------------------------------------------------


def paper_of(certificate: Certificate, *, base_url: str) -> CertificatePaper:
    """Everything the certificate prints, from its frozen facts and the skema version of its case."""
    permohonan = certificate.permohonan
    version, lembaga = permohonan.skema_version, current_lembaga(certificate.valid_from)
    signed_by = db.session.get_one(User, certificate.signed_by_id)
    title = Bilingual(certificate.jabatan_kerja, certificate.jabatan_kerja_en or None)
    # From the frozen dates: what the LSP has set since is none of this certificate's.
    years = round((certificate.valid_until - certificate.valid_from).days / 365.25)
    return CertificatePaper(
        blanko_number=certificate.blanko_number,
        certificate_number=certificate.certificate_number,
        lpjk_registration_number=certificate.lpjk_number,
        holder_name=certificate.holder_name,
        jabatan_kerja=title,
        validity_years=years,
        lembaga=Bilingual(lembaga.name, lembaga.name_en or None),
        signer_name=signed_by.name,
        signer_title=Bilingual("Ketua LSP", "Chairman PCA"),
        klasifikasi=Bilingual(version.klasifikasi, version.klasifikasi_en or None),
        subklasifikasi=Bilingual(version.subklasifikasi, version.subklasifikasi_en or None),
        kualifikasi=Bilingual(version.kualifikasi, version.kualifikasi_en or None),
        jenjang=certificate.jenjang,
        okupasi=title,
        decided_place=lembaga.city,
        decided_on=certificate.valid_from,
        valid_from=certificate.valid_from,
        valid_until=certificate.valid_until,
        photo_jpeg=_photo(_photo_key(permohonan)),
        verification_address=verification_address(certificate.token, base_url),
        lpjk_qr=certificate.lpjk_qr or None,
        units=_units(version),
        print_unit_list=certificate.print_unit_list,
        is_sample=lembaga.is_sample,
    )


def _units(version: SkemaVersion) -> tuple[CertificateUnit, ...]:
    return tuple(
        CertificateUnit(unit.code, Bilingual(unit.title, unit.title_en or None))
        for unit in version.units
    )


def _photo_key(permohonan: Permohonan) -> str | None:
    return db.session.scalar(
        select(Document.storage_key)
        .join(DocumentRequirement, DocumentRequirement.id == Document.requirement_id)
        .where(
            Document.permohonan_id == permohonan.id,
            Document.replaced_at.is_(None),
            Document.content_type == "image/jpeg",
            DocumentRequirement.code == PHOTO_CODE,
        )
        .order_by(Document.id.desc())
        .limit(1)
    )


def _photo(key: str | None) -> bytes | None:
    return storage.store().open(key) if key is not None else None


def verification_address(token: str, base_url: str) -> str:
    """What the QR holds, in capitals so it stays small: `BASE_URL/V/<token>`."""
    return f"{base_url.upper()}/V/{token}"


# --- Made again --------------------------------------------------------------------------------------------------


def _frozen(job: _Job) -> dict[str, Any]:
    """The printed facts as JSON. The ketua's name, the domain and the LSP's own data may change after this day."""
    units = job.paper.units if job.paper.print_unit_list else ()
    facts = asdict(replace(job.paper, photo_jpeg=None, units=units))
    del facts["photo_jpeg"]
    facts |= {name: facts[name].isoformat() for name in _DATES}
    return {"paper": facts, "photo_key": job.photo_key}


def made_again(making: CertificateMaking) -> bytes:
    """The unsigned PDF once more, from nothing but what was frozen when it was made."""
    facts = dict(making.facts["paper"])
    units = facts.pop("units")
    for name, value in facts.items():
        if name in _DATES:
            facts[name] = date.fromisoformat(value)
        elif isinstance(value, dict):
            facts[name] = Bilingual(**value)
    paper = CertificatePaper(
        **facts,
        units=tuple(CertificateUnit(unit["code"], Bilingual(**unit["title"])) for unit in units),
        photo_jpeg=_photo(making.facts["photo_key"]),
    )
    return certificate_pdf(paper, lock_path=storage.heavy_lock())


def making_of(certificate: Certificate) -> CertificateMaking | None:
    """None before the file is made, and for one made before its making was written down."""
    return db.session.scalar(
        select(CertificateMaking).where(CertificateMaking.certificate_id == certificate.id)
    )
