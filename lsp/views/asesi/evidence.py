"""Further evidence beside the asked documents, and sending it when the asesor asked for more."""

from __future__ import annotations

from flask import g
from flask.typing import ResponseReturnValue

from lsp.database import db
from lsp.errors import DomainError, NotAllowed
from lsp.forms.base import ActionForm
from lsp.forms.registration import EvidenceForm
from lsp.models import Document, Permohonan
from lsp.permissions import can_add_documents, writes, writes_itself
from lsp.services import documents as files
from lsp.services.documents import Received
from lsp.views.asesi.documents import documents_context, documents_page, rows_of
from lsp.views.asesi.shared import CASE, CLOSED, bp, onward, own
from lsp.views.asesi.uploads import reload_case, take_in
from lsp.views.html import panel, wants_fragment
from lsp.workflow.permohonan import PERMOHONAN


@bp.post(f"{CASE}/bukti")
@own
@writes_itself
def upload_evidence(permohonan_id: str) -> ResponseReturnValue:
    form = EvidenceForm()
    if not form.validate():
        return _answer(form, status=422)
    label = form.label.data or ""
    try:
        take_in(permohonan_id, lambda case, received: _attach(case, received, label))
    except DomainError as refusal:
        reload_case(permohonan_id)
        form.file.errors = [str(refusal)]
        return _answer(form, status=422)
    said = f"{label} tersimpan."
    if wants_fragment():
        return _answer(EvidenceForm(formdata=None), said=said)
    return onward("documents", g.permohonan, said, _anchor="evidence-panel")


def _attach(permohonan: Permohonan, received: Received, label: str) -> Document:
    if not can_add_documents(g.actor, permohonan):
        raise NotAllowed(CLOSED)
    return files.attach(
        g.actor, permohonan, received, requirement=None, purpose="evidence", label=label
    )


def _answer(form: EvidenceForm, *, status: int = 200, said: str = "") -> ResponseReturnValue:
    if not wants_fragment():
        return documents_page(form=form, status=status)
    context = documents_context(rows_of(g.permohonan), form)
    return panel(
        "asesi/documents.html", "asesi/_evidence_panel.html", status=status, said=said, **context
    )


@bp.post(f"{CASE}/bukti/kirim")
@own
@writes
def send_evidence(permohonan_id: str) -> ResponseReturnValue:
    form = ActionForm()
    if not form.validate():
        return documents_page(status=422, notice_text=form.first_error())
    try:
        PERMOHONAN.perform(g.permohonan, "add_evidence", g.actor, version=form.version.data or 0)
    except NotAllowed as refusal:
        db.session.rollback()
        return documents_page(status=409, notice_text=str(refusal))
    db.session.commit()
    return onward(
        "permohonan", g.permohonan, "Bukti tambahan terkirim. Pilih jadwal pra-asesmen lagi."
    )
