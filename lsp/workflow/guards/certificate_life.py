"""Guards of a certificate's life: suspended, reinstated, revoked by two people, expired, followed by another."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db, read_each
from lsp.models import Certificate, CertificateProposal, Permohonan, PreviousCertificate
from lsp.models.inforce import setting
from lsp.vocabulary import CertificateStatus, LifeGround, LifeStep, RequestKind
from lsp.vocabulary.dates import add_months, day_words
from lsp.workflow.machine import LEAST_GROUNDS, Guard, named

S = CertificateStatus
#: What a permohonan of this kind does to the certificate that it follows.
FOLLOWS = {RequestKind.PERPANJANGAN: "renew", RequestKind.PERUBAHAN: "replace"}
#: Grounds that fit each proposal.
GROUNDS = {
    LifeStep.SUSPEND: (
        LifeGround.OBLIGATION, LifeGround.MISUSE, LifeGround.SURVEILLANCE, LifeGround.FALSE_DATA, LifeGround.HOLDER,
    ),
    LifeStep.REVOKE: (
        LifeGround.FRAUD, LifeGround.OBLIGATION, LifeGround.MISUSE, LifeGround.SURVEILLANCE, LifeGround.FALSE_DATA,
        LifeGround.HOLDER,
    ),
    LifeStep.REINSTATE: (LifeGround.CLEARED,),
}  # fmt: skip


def open_proposal(certificate: Certificate) -> CertificateProposal | None:
    """The one that waits for the ketua."""
    return open_proposals([certificate.id])[certificate.id]


def open_proposals(certificate_ids: Iterable[int]) -> dict[int, CertificateProposal | None]:
    """The same by certificate, for many at once."""
    return read_each("open_proposals", certificate_ids, _read_open_proposals)


def _read_open_proposals(certificate_ids: list[int]) -> dict[int, CertificateProposal | None]:
    rows = db.session.scalars(
        select(CertificateProposal).where(
            CertificateProposal.certificate_id.in_(certificate_ids),
            CertificateProposal.decided_at.is_(None),
        )
    )
    return dict.fromkeys(certificate_ids) | {row.certificate_id: row for row in rows}


def holder_is_another(case: Certificate, actor: Actor, note: str) -> str | None:
    """Nobody decides about his own certificate (workflow 5)."""
    if actor.id is not None and actor.id == case.permohonan.asesi_id:
        return "Ini sertifikat Anda sendiri, jadi orang lain yang harus memutuskannya."
    return None


def proposed_is(step: LifeStep) -> Guard[Certificate]:
    @named(f"proposed_is_{step.value}")
    def proposed(case: Certificate, actor: Actor, note: str) -> str | None:
        found = open_proposal(case)
        if found is None or found.step is not step:
            return f"Belum ada usulan {step.label.lower()} untuk sertifikat ini."
        return None

    return proposed


def proposed_by_another(case: Certificate, actor: Actor, note: str) -> str | None:
    found = open_proposal(case)
    if found is not None and found.proposed_by_id == actor.id:
        return "Anda yang mengusulkan, jadi orang lain yang harus memutuskan."
    return None


def holder_was_heard(case: Certificate, actor: Actor, note: str) -> str | None:
    """He answered, or his time is over; proven fraud waits for neither (process 5.3)."""
    found = open_proposal(case)
    if found is None or found.answered_at is not None or found.answer_until is None:
        return None
    if found.answer_until < clock.today_wib():
        return None
    return f"Pemegang masih dapat menjawab sampai {day_words(found.answer_until)}."


def last_day_passed(case: Certificate, actor: Actor, note: str) -> str | None:
    if clock.today_wib() <= case.valid_until:
        return "Masa berlakunya belum habis."
    return None


def no_proposal_waits(case: Certificate, actor: Actor, note: str) -> str | None:
    """What somebody wants suspended or revoked is not followed by a new one before the ketua has answered."""
    found = open_proposal(case)
    if found is not None:
        return f"Usulan {found.step.label.lower()} sertifikat ini menunggu keputusan ketua."
    return None


def successor_issued(case: Certificate, actor: Actor, note: str) -> str | None:
    found = db.session.scalar(
        select(Certificate.id).where(Certificate.replaces_id == case.id).limit(1)
    )
    return None if found is not None else "Sertifikat penggantinya belum terbit."


# --- Of the permohonan that follows a certificate ------------------------------------------------------------------


def previous_of(case: Permohonan) -> PreviousCertificate | None:
    return previous_certificates([case.id])[case.id]


def previous_certificates(case_ids: Iterable[int]) -> dict[int, PreviousCertificate | None]:
    """By permohonan, for many at once."""
    return read_each("previous_certificates", case_ids, _read_previous_certificates)


def _read_previous_certificates(case_ids: list[int]) -> dict[int, PreviousCertificate | None]:
    rows = db.session.scalars(
        select(PreviousCertificate)
        .where(PreviousCertificate.permohonan_id.in_(case_ids))
        .options(joinedload(PreviousCertificate.certificate))
    )
    return dict.fromkeys(case_ids) | {row.permohonan_id: row for row in rows}


def previous_certificate_named(case: Permohonan, actor: Actor, note: str) -> str | None:
    """A renewal or a correction says of which certificate; a correction also what is wrong on it."""
    if case.kind not in FOLLOWS:
        return None
    found = previous_of(case)
    if found is None:
        return "Sebutkan sertifikat lama Anda: pilih yang kami terbitkan, atau tulis nomornya."
    if case.kind is RequestKind.PERUBAHAN and len(found.correction) < LEAST_GROUNDS:
        return f"Tulis data apa yang perlu dibetulkan, sedikitnya {LEAST_GROUNDS} huruf."
    if found.certificate is not None:
        return why_not_followed(found.certificate, case.kind)
    return None


def previous_certificate_can_be_followed(case: Permohonan, actor: Actor, note: str) -> str | None:
    """At issue: the old one is active or expired, and nothing about it waits for the ketua."""
    step = FOLLOWS.get(case.kind)
    found = previous_of(case) if step is not None else None
    if found is None or found.certificate is None:
        return None
    return why_status_bars(found.certificate) or no_proposal_waits(found.certificate, actor, note)


def why_status_bars(old: Certificate) -> str | None:
    if old.status in (S.ACTIVE, S.EXPIRED):
        return None
    if old.status is S.SUSPENDED:
        return "Sertifikat lama sedang dibekukan. Pembekuannya harus selesai dulu."
    if old.status is S.REVOKED:
        return "Sertifikat lama sudah dicabut, jadi tidak dapat diperpanjang atau dibetulkan."
    return "Sertifikat lama sudah diganti atau diperpanjang."


def why_not_followed(old: Certificate, kind: RequestKind) -> str | None:
    """Why this certificate cannot be renewed or corrected now; of open permohonan the service asks."""
    barred = why_status_bars(old)
    if barred is not None:
        return barred
    today = clock.today_wib()
    if kind is RequestKind.PERUBAHAN:
        if today > old.valid_until:
            return "Masa berlakunya sudah habis, jadi ajukan perpanjangan."
        return None
    first = renewal_from(old)
    if today < first:
        return f"Perpanjangan dapat diajukan mulai {day_words(first)}."
    return None


def renewal_from(old: Certificate) -> date:
    """The first day of renewing: some months before the last day of the certificate."""
    return add_months(old.valid_until, -int(setting("renewal_months_before")))
