"""The ketua decides what was proposed about a certificate: the whole ground, the holder's answer, his own word.

Approving and declining ask for the password as signing does, and in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp.actor import Actor
from lsp.database import begin_write, db, is_writing
from lsp.errors import DomainError
from lsp.forms.certificate_life import LifeDecisionForm
from lsp.models import Certificate, CertificateProposal, Permohonan
from lsp.permissions import access, writes_itself
from lsp.services import certificate_life as life, certificates
from lsp.views.html import page, redirect_after_post
from lsp.views.ketua_signing import KETUA, asks_password, note_password, password_holds
from lsp.views.life_words import event_lines
from lsp.workflow.certificate import CERTIFICATE

bp = Blueprint("ketua_certificates", __name__, url_prefix="/ketua")
_DONE = {
    "suspend": "Sertifikat dibekukan.",
    "reinstate": "Sertifikat dipulihkan.",
    "revoke": "Sertifikat dicabut.",
}


def panel() -> Mapping[str, Any]:
    """What ketua/_certificate_proposals.html needs."""
    text = request.args.get("usulan", "")
    after = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    rows, last = life.waiting(without=g.actor.id, after=after)
    home, here = "ketua.home", "certificate-proposals"
    return {
        "certificate_proposals": [(row, life.still_to_be_heard(row)) for row in rows],
        "proposals_next_url": url_for(home, usulan=last, _anchor=here) if last else "",
        "proposals_first_url": url_for(home, _anchor=here) if after else "",
    }


def proposal_of_another(actor: Actor, proposal_id: str) -> Mapping[str, object] | None:
    """A proposal about somebody else's certificate, as `g.proposal`; locked in a unit of work that writes."""
    query = (
        select(CertificateProposal)
        .join(Certificate, Certificate.id == CertificateProposal.certificate_id)
        .join(Permohonan, Permohonan.id == Certificate.permohonan_id)
        .where(CertificateProposal.public_id == proposal_id, Permohonan.asesi_id != actor.id)
        .options(
            joinedload(CertificateProposal.certificate)
            .joinedload(Certificate.permohonan)
            .joinedload(Permohonan.skema_version),
            joinedload(CertificateProposal.proposed_by),
            joinedload(CertificateProposal.decided_by),
            joinedload(CertificateProposal.answer_file),
        )
    )
    if is_writing():
        # The certificate before its proposal, as the other writers lock them.
        wanted = select(CertificateProposal.certificate_id).where(
            CertificateProposal.public_id == proposal_id
        )
        db.session.scalar(select(Certificate).where(Certificate.id.in_(wanted)).with_for_update())
        query = query.with_for_update(of=CertificateProposal)
    found = db.session.scalar(query)
    return {"proposal": found} if found is not None else None


@bp.get("/usulan-sertifikat/<proposal_id>")
@access(roles=KETUA, load=proposal_of_another)
def show(proposal_id: str) -> ResponseReturnValue:
    return _page(LifeDecisionForm(formdata=None))


@bp.post("/usulan-sertifikat/<proposal_id>/setujui")
@access(roles=KETUA, load=proposal_of_another)
@writes_itself
def approve(proposal_id: str) -> ResponseReturnValue:
    return _decide(proposal_id, approves=True)


@bp.post("/usulan-sertifikat/<proposal_id>/tolak")
@access(roles=KETUA, load=proposal_of_another)
@writes_itself
def decline(proposal_id: str) -> ResponseReturnValue:
    return _decide(proposal_id, approves=False)


def _decide(proposal_id: str, *, approves: bool) -> ResponseReturnValue:
    form = LifeDecisionForm()
    if not form.validate() or not password_holds(form):
        _load(proposal_id)
        return _page(form, status=422, approves=approves)
    begin_write()
    _load(proposal_id)
    note_password(form)
    word = life.approve if approves else life.decline
    try:
        word(g.actor, g.proposal, words=form.note.data or "", version=form.version.data or 0)
    except DomainError as refusal:
        db.session.rollback()
        _load(proposal_id)
        return _page(form, status=409, notice=str(refusal), approves=approves)
    said = f"Usulan {g.proposal.step.label.lower()} ditolak. Sertifikat tetap seperti semula."
    if approves:
        said = f"{_DONE[g.proposal.step.value]} Surat keputusannya bernomor {g.proposal.letter_number}."
    case_id = g.proposal.certificate.permohonan.public_id
    db.session.commit()
    return redirect_after_post(url_for("certificate_pages.show", permohonan_id=case_id), said)


def _load(proposal_id: str) -> None:
    """Anew: comparing a password ends the unit of work before it."""
    g.proposal = (proposal_of_another(g.actor, proposal_id) or {})["proposal"]


def _page(
    form: LifeDecisionForm, *, status: int = 200, notice: str = "", approves: bool | None = None
) -> ResponseReturnValue:
    found: CertificateProposal = g.proposal
    step = CERTIFICATE.choice(found.certificate, g.actor, found.step.value)
    return page(
        "ketua/certificate_proposal.html",
        status=status,
        notice_text=notice,
        proposal=found,
        certificate=found.certificate,
        state=certificates.state_now(found.certificate),
        form=form,
        approves=approves,
        why_not_approved=_why_not(found, step),
        why_not_declined=life.why_not_declined(g.actor, found),
        events=event_lines(life.events_of(found.certificate)),
        asks_password=asks_password(),
    )


def _why_not(found: CertificateProposal, step: Any) -> str:
    if not found.is_open:
        return "Usulan ini sudah diputus."
    if step is None:
        return f"{found.step.label} tidak dapat dilakukan pada status “{found.certificate.status.label}”."
    return str(step.reason or "")
