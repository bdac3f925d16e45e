"""What the LSP proposed about the holder's certificate, his answer to it, and what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import Any

from flask import abort, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lsp.actor import Actor
from lsp.database import begin_write, db, is_writing
from lsp.errors import DomainError, NotAllowed
from lsp.forms.certificate_life import LifeAnswerForm
from lsp.models import Certificate, CertificateProposal, Permohonan
from lsp.permissions import access, own_case, writes_itself
from lsp.services import certificate_life as life, certificates, documents
from lsp.services.documents import Received
from lsp.views.asesi.next_step import Step
from lsp.views.asesi.shared import bp
from lsp.views.filters import tanggal
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import PermohonanStatus, ProposalOutcome, Role

NONE_WAITS = "Tidak ada pemberitahuan yang menunggu jawaban Anda."
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
@writes_itself
def answer_notice(certificate_id: str) -> ResponseReturnValue:
    """Words, and one file if there is one: rebuilt while no connection is held, then recorded with them."""
    form = LifeAnswerForm()
    if _waits_for_answer() is None:
        return _page(form, status=409, notice=NONE_WAITS)
    if not form.validate():
        return _page(form, status=422)
    try:
        received = _received()
    except DomainError as refusal:
        _load(certificate_id)
        form.file.errors = [str(refusal)]
        return _page(form, status=422)
    try:
        begin_write()
        _load(certificate_id)
        waits = _waits_for_answer()
        if waits is None:
            raise NotAllowed(NONE_WAITS)
        version = form.version.data or 0
        life.answer(g.actor, waits, form.note.data or "", version=version, received=received)
        db.session.commit()
    except DomainError as refusal:
        db.session.rollback()
        if received is not None:
            documents.discard(received)
        _load(certificate_id)
        return _page(form, status=409, notice=form.put_by_its_field(refusal))
    return redirect_after_post(
        url_for("asesi.certificate_notice", certificate_id=certificate_id), ANSWERED
    )


def _received() -> Received | None:
    """The file of the form, rebuilt and stored; None where none was chosen. Raises DomainError with a sentence."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return None
    with closing(upload):
        return documents.receive(upload.stream, original_name=upload.filename, actor=g.actor)


def _waits_for_answer() -> CertificateProposal | None:
    rows = told_proposals(g.certificate)
    return next((row for row in rows if not life.why_no_answer(row)), None)


def _load(certificate_id: str) -> None:
    """Anew: rebuilding a file ends the unit of work before it."""
    found = own_certificate(g.actor, certificate_id)
    if found is None:
        abort(404)
    g.certificate = found["certificate"]


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
