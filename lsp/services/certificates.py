"""Blanko, registration, the certificate's PDF and its public check."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased, selectinload

from lsp import clock, ids
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Blanko, Certificate, OfficialCertificate, Permohonan, blanko_ledger
from lsp.services import audit
from lsp.services.certificate_file import make_pdf, paper_of, verification_address
from lsp.vocabulary import BlankoState, CertificateStatus
from lsp.workflow.dossier import dossier_of
from lsp.workflow.permohonan import PERMOHONAN

__all__ = [
    "Checked", "by_number_and_name", "by_token", "checked", "correct_numbers", "make_pdf", "note_download", "of_case",
    "one_line", "paper_of", "receive_blanko", "record_lpjk", "state_now", "state_since", "successor_of",
    "verification_address",
]  # fmt: skip


def receive_blanko(actor: Actor, permohonan: Permohonan, *, number: str, version: int) -> None:
    """Type BNSP's blanko number for this case. Raises DomainError when the number stands elsewhere."""
    dossier = dossier_of(permohonan)
    registration, form = dossier.registration, dossier.fr_apl_01
    if registration is None or form is None or form.nik_index is None:
        raise DomainError("Nomor LSP untuk permohonan ini belum ada.")
    blanko = _take_blanko(actor, permohonan, one_line(number), form.nik_index)
    registration.blanko_id = blanko.id
    db.session.flush()
    db.session.expire(registration, ["blanko"])
    PERMOHONAN.perform(permohonan, "receive_blanko", actor, version=version)


def one_line(number: str) -> str:
    """A number as it is compared and printed: single spaces, capitals."""
    return " ".join(number.split()).upper()


def _take_blanko(actor: Actor, permohonan: Permohonan, number: str, nik_index: str) -> Blanko:
    """The ledger row of a number, bound to this case. Raises DomainError when it is another's or spoiled.

    A number that was typed into the wrong row and taken out again (`correct_numbers`) belongs to nobody and may
    be taken; one that is spoiled keeps its case and may not.
    """
    if not number:
        raise DomainError("Isi nomor blangko.")
    standing = db.session.scalar(select(Blanko).where(Blanko.number == number).with_for_update())
    if standing is not None:
        if standing.permohonan_id == permohonan.id and standing.state is BlankoState.RESERVED:
            return standing
        if standing.permohonan_id is not None:
            raise DomainError(f"Nomor blangko {number} sudah tercatat untuk sertifikat lain.")
        standing.permohonan_id, standing.nik_index = permohonan.id, nik_index
        blanko_ledger.move(standing, BlankoState.RESERVED, actor_id=actor.id)
        return standing
    try:
        blanko = blanko_ledger.enter(
            number, nik_index=nik_index, permohonan_id=permohonan.id, actor_id=actor.id or 0
        )
    except IntegrityError as error:  # typed by two people at the same moment (PostgreSQL)
        raise DomainError(
            f"Nomor blangko {number} sudah tercatat untuk sertifikat lain."
        ) from error
    blanko_ledger.move(blanko, BlankoState.RESERVED, actor_id=actor.id)
    return blanko


def record_lpjk(
    actor: Actor, permohonan: Permohonan, *, number: str, qr: str, version: int
) -> None:
    """Type LPJK's registration number and the content of its QR. Raises DomainError when the number is taken."""
    registration = dossier_of(permohonan).registration
    if registration is None:
        raise DomainError("Nomor LSP untuk permohonan ini belum ada.")
    registration.lpjk_number, registration.lpjk_qr = one_line(number) or None, qr.strip()
    _flush_lpjk()
    PERMOHONAN.perform(permohonan, "record", actor, version=version)


def _flush_lpjk() -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        raise DomainError(
            "Nomor registrasi LPJK ini sudah tercatat untuk sertifikat lain."
        ) from error


def correct_numbers(
    actor: Actor,
    permohonan: Permohonan,
    *,
    blanko: str,
    lpjk_number: str,
    lpjk_qr: str,
    reason: str,
    version: int,
) -> None:
    """Repair a typing mistake before issue; the old values stay in the history. Raises DomainError.

    An empty value leaves the old one. The old blanko number was mistyped and is free: it may be another asesi's.
    One that was spoiled stays with its case, and the new number takes its place.
    """
    registration = dossier_of(permohonan).registration
    if registration is None or registration.blanko is None:
        raise DomainError("Belum ada nomor yang dapat dibetulkan.")
    old = registration.blanko
    before = (old.number, registration.lpjk_number, registration.lpjk_qr)
    number = one_line(blanko) or old.number
    if number != old.number:
        if old.state is BlankoState.RESERVED:
            why = reason.strip() or "salah ketik"
            blanko_ledger.move(old, BlankoState.MISTYPED, actor_id=actor.id, note=why)
            old.permohonan_id = None
        registration.blanko_id = _take_blanko(actor, permohonan, number, old.nik_index).id
    if registration.lpjk_number is not None:
        registration.lpjk_number = one_line(lpjk_number) or registration.lpjk_number
        registration.lpjk_qr = lpjk_qr.strip() or registration.lpjk_qr
    if (number, registration.lpjk_number, registration.lpjk_qr) == before:
        raise DomainError("Belum ada nomor yang Anda ubah.")
    _flush_lpjk()
    db.session.expire(registration, ["blanko"])
    # The guard measures the person's own words, not the old values that are put behind them.
    note = reason.strip()
    if len(note) >= 10:
        note = f"{note} (sebelumnya: {', '.join(filter(None, before))})"
    PERMOHONAN.perform(permohonan, "correct_numbers", actor, version=version, note=note)


# --- the public check --------------------------------------------------------------------------------------------


def by_token(token: str) -> Certificate | None:
    """The certificate a QR names; None for anything that is not exactly one of ours."""
    known = _as_ours(token)
    return (
        db.session.scalar(select(Certificate).where(Certificate.token == known)) if known else None
    )


def _as_ours(token: str) -> str:
    """A token in our spelling; empty for what cannot be one."""
    # Only ASCII: "ſ".upper() is "S", and an address that looks different shall not lead here.
    if len(token) != ids.CERTIFICATE_TOKEN_LENGTH or not token.isascii():
        return ""
    token = token.upper()
    return "" if set(token) - set(ids.ALPHABET) else token


@dataclass(frozen=True, slots=True)
class Checked:
    """What the public check shows: one query, because strangers scan at a gate by the dozen."""

    certificate: Certificate
    successor_number: str | None
    official_sha256: str | None


def checked(token: str) -> Checked | None:
    known = _as_ours(token)
    if not known:
        return None
    later, newer = aliased(Certificate), aliased(OfficialCertificate)
    successor = (
        select(later.certificate_number)
        .where(later.replaces_id == Certificate.id)
        .order_by(later.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    official = (
        select(newer.sha256)
        .where(newer.certificate_id == Certificate.id)
        .order_by(newer.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    row = db.session.execute(
        select(Certificate, successor, official).where(Certificate.token == known)
    ).first()
    return Checked(*row) if row is not None else None


def successor_of(certificate: Certificate) -> Certificate | None:
    """The certificate that replaced or renewed this one."""
    return db.session.scalar(
        select(Certificate)
        .where(Certificate.replaces_id == certificate.id)
        .order_by(Certificate.id.desc())
        .limit(1)
    )


def by_number_and_name(number: str, name: str) -> Certificate | None:
    """Search for people without a QR: both must fit, so numbers cannot be harvested."""
    wanted = one_line(number)
    found = db.session.scalar(
        select(Certificate).where(
            or_(
                Certificate.certificate_number == wanted,
                func.upper(Certificate.lpjk_number) == wanted,
            )
        )
    )
    return found if found is not None and _plain(name) == _plain(found.holder_name) else None


def _plain(name: str) -> str:
    """A name for comparing: composed letters, single spaces, no case."""
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()


def state_now(certificate: Certificate) -> CertificateStatus:
    """The state to show: an active or suspended one past its last day is expired, even before the clock has run."""
    may_expire = certificate.status in (CertificateStatus.ACTIVE, CertificateStatus.SUSPENDED)
    if may_expire and clock.today_wib() > certificate.valid_until:
        return CertificateStatus.EXPIRED
    return certificate.status


def state_since(certificate: Certificate) -> date:
    """The day (WIB) from which the state that is shown holds."""
    if state_now(certificate) is CertificateStatus.EXPIRED:
        return certificate.valid_until + timedelta(days=1)
    return certificate.status_at.astimezone(clock.WIB).date()


def of_case(permohonan: Permohonan) -> Certificate | None:
    return db.session.scalar(
        select(Certificate)
        .where(Certificate.permohonan_id == permohonan.id)
        .options(selectinload(Certificate.events))
    )


def note_download(actor: Actor, certificate: Certificate) -> None:
    """One line a download in the audit chain. The caller commits."""
    audit.note(actor, "certificate.download", "certificate", certificate.public_id)
