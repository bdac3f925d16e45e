"""What the LSP proposed about the holder's certificate, his answer to it, and what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp.actor import Actor
from lsp.database import db, is_writing
from lsp.errors import DomainError
from lsp.forms.certificate_life import LifeAnswerForm
from lsp.models import Certificate, CertificateProposal, Permohonan
from lsp.permissions import access, own_case, writes
from lsp.services import certificate_life as life, certificates
from lsp.views.asesi.next_step import Step
from lsp.views.asesi.shared import bp
from lsp.views.filters import tanggal
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import PermohonanStatus, ProposalOutcome, Role

ANSWERED = "Jawaban Anda terkirim. Ketua LSP membacanya sebelum memutus."


def own_certificate(actor: Actor, certificate_id: str, **_: object) -> Mapping[str, object] | None:
    """The person's own certificate as `g.certificate`."""
    query = (
        select(Certificate)
        .join(Permohonan, Permohonan.id == Certificate.permohonan_id)
        .where(Certificate.public_id == certificate_id, own_case(actor))
        .options(joinedload(Certificate.permohonan).joinedload(Permohonan.skema_version))
    )
    if is_writing():
        query = query.with_for_update(of=Certificate)
    found = db.session.scalar(query)
    return {"certificate": found} if found is not None else None


def told_proposals(certificate: Certificate) -> list[CertificateProposal]:
    """Those that the holder reads: of which he was notified, and every decision that was carried out. Newest first."""
    return [
        row
        for row in life.proposals_of(certificate)
        if row.notice_at is not None or row.outcome is ProposalOutcome.APPROVED
    ]


def life_of(certificate: Certificate) -> dict[str, Any]:
    """What asesi/_certificate_life.html draws below a certificate."""
    rows = told_proposals(certificate)
    waits = next((row for row in rows if row.is_open and row.answered_at is None), None)
    return {"told": bool(rows), "waits": waits}


def notice_step(permohonan: Permohonan) -> Step | None:
    """The card of the asesi's page while a proposal about his certificate waits for his word: before any "Selamat!"."""
    if permohonan.status is not PermohonanStatus.ISSUED:
        return None
    waits = db.session.scalar(
        select(CertificateProposal)
        .join(Certificate, Certificate.id == CertificateProposal.certificate_id)
        .where(
            Certificate.permohonan_id == permohonan.id,
            CertificateProposal.notice_at.is_not(None),
            CertificateProposal.answered_at.is_(None),
            CertificateProposal.decided_at.is_(None),
        )
        .options(joinedload(CertificateProposal.certificate))
    )
    if waits is None:
        return None
    until = waits.answer_until
    return Step(
        f"LSP mengusulkan {waits.step.label.lower()} sertifikat Anda",
        "Belum diputuskan. Baca alasannya, lalu jawab.",
        "Baca dan jawab",
        "certificate_notice",
        due=lambda _case: f"Paling lambat {tanggal(until)}" if until else "",
        tone="late",
        link=url_for("asesi.certificate_notice", certificate_id=waits.certificate.public_id),
    )


@bp.get("/asesi/sertifikat/<certificate_id>/pemberitahuan")
@access(roles=(Role.ASESI,), load=own_certificate)
def certificate_notice(certificate_id: str) -> ResponseReturnValue:
    return _page(LifeAnswerForm(formdata=None))


@bp.post("/asesi/sertifikat/<certificate_id>/pemberitahuan")
@access(roles=(Role.ASESI,), load=own_certificate)
@writes
def answer_notice(certificate_id: str) -> ResponseReturnValue:
    form = LifeAnswerForm()
    rows = told_proposals(g.certificate)
    waits = next((row for row in rows if not life.why_no_answer(row)), None)
    if waits is None:
        return _page(form, status=409, notice="Tidak ada pemberitahuan yang menunggu jawaban Anda.")
    if not form.validate():
        return _page(form, status=422)
    try:
        life.answer(g.actor, waits, form.note.data or "", version=form.version.data or 0)
    except DomainError as refusal:
        db.session.rollback()
        return _page(form, status=409, notice=form.put_by_its_field(refusal))
    db.session.commit()
    return redirect_after_post(
        url_for("asesi.certificate_notice", certificate_id=certificate_id), ANSWERED
    )


def _page(form: LifeAnswerForm, *, status: int = 200, notice: str = "") -> ResponseReturnValue:
    found: Certificate = g.certificate
    return page(
        "asesi/certificate_notice.html",
        status=status,
        notice_text=notice,
        certificate=found,
        permohonan=found.permohonan,
        state=certificates.state_now(found),
        since=certificates.state_since(found),
        proposals=told_proposals(found),
        why_no_answer=life.why_no_answer,
        form=form,
    )
