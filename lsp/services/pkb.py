"""PKB: what an ahli did for his continuing development, against what his renewal asks (process 5; jenjang 7 to 9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Certificate, Permohonan, PkbActivity
from lsp.models.inforce import setting
from lsp.services import audit, documents
from lsp.services.documents import Received
from lsp.vocabulary import CertificateStatus
from lsp.workflow.machine import LEAST_REASON, check_reason

PURPOSE = "pkb"
MOST = 60
_OVER = (CertificateStatus.REVOKED, CertificateStatus.REPLACED, CertificateStatus.RENEWED)


@dataclass(frozen=True, slots=True)
class Sum:
    """Credits of one certificate. noted: all that were not refused; accepted: those an admin has judged."""

    asked: int
    noted: int
    accepted: int

    @property
    def short(self) -> int:
        return max(0, self.asked - self.noted)


def asked_of(certificate: Certificate) -> int:
    """Credits that the renewal of this certificate asks for; 0 below ahli."""
    return int(setting("pkb_credits").get(str(certificate.jenjang), 0))


def activities(certificate: Certificate) -> Sequence[PkbActivity]:
    """What its holder noted, the newest first; one query."""
    return db.session.scalars(
        select(PkbActivity)
        .where(PkbActivity.certificate_id == certificate.id, PkbActivity.withdrawn_at.is_(None))
        .order_by(PkbActivity.held_on.desc(), PkbActivity.id.desc())
        .options(joinedload(PkbActivity.document))
    ).all()


def sum_of(certificate: Certificate, rows: Sequence[PkbActivity]) -> Sum:
    return Sum(
        asked_of(certificate),
        sum(row.credits for row in rows if row.accepted is not False),
        sum(row.credits for row in rows if row.accepted),
    )


def may_note(certificate: Certificate) -> bool:
    """Also after its end: an ahli who was short may re-apply after earning the rest."""
    return asked_of(certificate) > 0 and certificate.status not in _OVER


def note(
    actor: Actor,
    permohonan: Permohonan,
    certificate: Certificate,
    received: Received,
    *,
    name: str,
    held_on: date,
    credits: int,
) -> PkbActivity:
    """Note an activity with its proof. Raises DomainError by its field."""
    if not may_note(certificate):
        raise DomainError("PKB tidak dicatat untuk sertifikat ini.")
    if not certificate.valid_from <= held_on <= clock.today_wib():
        raise DomainError(
            "Kegiatan dihitung sejak sertifikat ini terbit sampai hari ini.", field="held_on"
        )
    if len(activities(certificate)) >= MOST:
        raise DomainError(f"Paling banyak {MOST} kegiatan.")
    document = documents.attach(
        actor, permohonan, received, requirement=None, purpose=PURPOSE, label=name
    )
    row = PkbActivity(
        certificate_id=certificate.id,
        name=name,
        held_on=held_on,
        credits=credits,
        document_id=document.id,
    )
    db.session.add(row)
    db.session.flush()
    audit.note(actor, "pkb.note", "pkb_activity", row.public_id, number=credits)
    return row


def withdraw(actor: Actor, certificate: Certificate, activity_id: str) -> bool:
    """Take back what nobody has judged; the row stays. False where it is none of this certificate."""
    row = _one(certificate, activity_id)
    if row is None:
        return False
    if row.judged_at is not None:
        raise DomainError("Kegiatan ini sudah dinilai admin, jadi tidak dapat dihapus.")
    row.withdrawn_at = clock.now()
    documents.remove(actor, row.document)
    audit.note(actor, "pkb.withdraw", "pkb_activity", row.public_id)
    return True


def judge(
    actor: Actor, certificate: Certificate, activity_id: str, *, accepted: bool, reason: str
) -> bool:
    """An admin judges a proof, once. False where it is none of this certificate. Raises DomainError."""
    row = _one(certificate, activity_id)
    if row is None:
        return False
    if row.judged_at is not None:
        raise DomainError("Bukti ini sudah dinilai.")
    if certificate.permohonan.asesi_id == actor.id:
        raise DomainError("Ini bukti Anda sendiri. Admin lain yang menilainya.")
    note_text = reason.strip() if accepted else check_reason(reason, LEAST_REASON, field="note")
    row.accepted, row.judge_note = accepted, note_text
    row.judged_at, row.judged_by_id = clock.now(), actor.id
    db.session.flush()
    audit.note(
        actor, "pkb.judge", "pkb_activity", row.public_id, verdict="meets" if accepted else "fails"
    )
    return True


def _one(certificate: Certificate, activity_id: str) -> PkbActivity | None:
    return db.session.scalar(
        select(PkbActivity).where(
            PkbActivity.public_id == activity_id,
            PkbActivity.certificate_id == certificate.id,
            PkbActivity.withdrawn_at.is_(None),
        )
    )
