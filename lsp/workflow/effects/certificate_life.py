"""What else is written when a certificate is suspended, reinstated, revoked, or has run out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import Certificate, CertificateProposal, User, holders_of
from lsp.models.numbers import take_number
from lsp.models.queue import add, add_mail
from lsp.vocabulary import Channel, LifeStep, ProposalOutcome, Role
from lsp.workflow.guards.certificate_life import open_proposal

#: No endpoint of SIKI or BNSP for it is known, so it is a letter that a person sends and dates (process 5.3).
LETTERS = {
    LifeStep.SUSPEND: "surat pembekuan sertifikat",
    LifeStep.REINSTATE: "surat pemulihan sertifikat",
    LifeStep.REVOKE: "surat pencabutan sertifikat",
}


def _proposal(case: Certificate) -> CertificateProposal:
    found = open_proposal(case)
    if found is None:
        raise LookupError("the guard asked for a proposal")
    return found


def approve_proposal(case: Certificate, actor: Actor, note: str) -> None:
    """The ketua's word and the number of its letter, the moment he gives it; then letters and mail."""
    proposal = _proposal(case)
    number = take_number("surat_sertifikat", permohonan_id=case.permohonan_id).text
    proposal.outcome, proposal.letter_number = ProposalOutcome.APPROVED, number
    proposal.decided_by_id, proposal.decided_at = actor.id, clock.now()
    proposal.decision_words = note.strip()
    for channel in (Channel.SIKI, Channel.BNSP):
        add(
            channel,
            LETTERS[proposal.step],
            dedupe=f"life:{channel.value}:{proposal.public_id}",
            payload={
                "id_izin": case.permohonan.id_izin,
                "permohonan": case.permohonan.public_id,
                "nomor_sertifikat": case.certificate_number,
                "nomor_surat": number,
                "alasan": note.strip(),
            },
            permohonan_id=case.permohonan_id,
        )
    tell_holder(proposal, "certificate_decided", letter=number)


def close_open_proposal(case: Certificate, actor: Actor, note: str) -> None:
    """A certificate that has run out is neither suspended nor revoked; what waited lapses and says so."""
    proposal = open_proposal(case)
    if proposal is not None:
        proposal.outcome, proposal.decided_at = ProposalOutcome.LAPSED, clock.now()
        proposal.decision_words = "Masa berlaku sertifikat habis sebelum usulan ini diputus."


# --- Mails: once for each proposal, since the permohonan itself has come to rest ---------------------------------


def tell(person: User, proposal: CertificateProposal, template: str, **context: Any) -> None:
    case = proposal.certificate
    add_mail(
        person,
        template,
        dedupe=proposal.public_id,
        permohonan_id=case.permohonan_id,
        step=proposal.step.value,
        word=proposal.step.label.lower(),
        number=case.certificate_number,
        until=proposal.answer_until.isoformat() if proposal.answer_until else "",
        certificate=case.public_id,
        permohonan=case.permohonan.public_id,
        proposal=proposal.public_id,
        **context,
    )


def tell_holder(proposal: CertificateProposal, template: str, **context: Any) -> None:
    tell(proposal.certificate.permohonan.asesi, proposal, template, **context)


def tell_ketua(proposal: CertificateProposal, template: str, **context: Any) -> None:
    """Every ketua who may decide it: not about his own certificate, nor what he proposed."""
    barred = (proposal.certificate.permohonan.asesi_id, proposal.proposed_by_id)
    for person in db.session.scalars(
        select(User).where(
            User.id.in_(holders_of(Role.KETUA)), User.disabled_at.is_(None), User.id.not_in(barred)
        )
    ):
        tell(person, proposal, template, **context)
