"""The meeting of a pleno: when and where, who came, the way in, what is kept of it, and the way to its papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from lsp.actor import Actor
from lsp.database import begin_write, db
from lsp.errors import DomainError
from lsp.forms.pleno import PlenoRecordingForm
from lsp.gateways.rebuild import MAX_UPLOAD_BYTES
from lsp.models import Pleno, PlenoEvidence
from lsp.permissions import access, writes, writes_itself
from lsp.services import (
    documents,
    pleno,
    pleno_evidence as evidence,
    pleno_meeting as meeting,
    pleno_notulen,
    pleno_papers,
    pleno_sk,
    recordings,
)
from lsp.services.documents import UploadNotKept
from lsp.views.files import stored_file
from lsp.views.html import page, redirect_after_post
from lsp.views.leaving import leave_for
from lsp.views.tim_teknis_scope import own_pleno, readable_pleno
from lsp.vocabulary import AcceptedFiles, Role

bp = Blueprint("rapat", __name__, url_prefix="/rapat-pleno")
MEMBER = (Role.TIM_TEKNIS,)
KEEPERS = (Role.TIM_TEKNIS, Role.ADMIN)
READERS = (Role.TIM_TEKNIS, Role.KETUA, Role.ADMIN, Role.AUDITOR)
PLENO = "/<pleno_id>"


@bp.get(PLENO)
@access(roles=READERS, load=readable_pleno)
def show(pleno_id: str) -> ResponseReturnValue:
    return _page(PlenoRecordingForm(formdata=None))


@bp.post(f"{PLENO}/hadir")
@access(roles=MEMBER, load=own_pleno)
@writes
def say_present(pleno_id: str) -> ResponseReturnValue:
    try:
        meeting.say_present(g.actor, g.pleno)
    except DomainError as refusal:
        db.session.rollback()
        return redirect_after_post(_url(), str(refusal), tone="wait")
    db.session.commit()
    return redirect_after_post(_url(), "Kehadiran Anda tercatat.")


@bp.post(f"{PLENO}/masuk")
@access(roles=MEMBER, load=own_pleno)
@writes
def go_in(pleno_id: str) -> ResponseReturnValue:
    try:
        room = meeting.enter(g.actor, g.pleno)
    except DomainError as refusal:
        db.session.rollback()
        return redirect_after_post(_url(), str(refusal), tone="bad")
    db.session.commit()
    return leave_for(
        room,
        title="Masuk ke ruang rapat",
        label="Buka ruang rapat",
        back_url=_url(),
        hint="Tekan “Saya hadir” di halaman rapat supaya nama Anda ada di daftar hadir.",
    )


# --- What is kept ------------------------------------------------------------------------------------------------


@bp.post(f"{PLENO}/rekaman")
@access(roles=KEEPERS, load=readable_pleno)
@writes
def keep_recording(pleno_id: str) -> ResponseReturnValue:
    form = PlenoRecordingForm()
    form.personal_host = recordings.personal_host(form.url.data or "")
    if not form.validate():
        return _page(form, status=422)
    try:
        evidence.add_recording(
            g.actor, g.pleno, url=form.url.data or "", keeper=form.keeper.data or ""
        )
    except DomainError as refusal:
        db.session.rollback()
        return _page(form, status=409, notice=form.put_by_its_field(refusal))
    db.session.commit()
    return redirect_after_post(_url() + "#bukti", "Tautan rekaman tersimpan.")


@bp.post(f"{PLENO}/layar")
@access(roles=KEEPERS, load=readable_pleno)
@writes_itself
def keep_screenshot(pleno_id: str) -> ResponseReturnValue:
    """Rebuilt while no connection is held, then recorded in a short unit of work."""
    try:
        evidence.refuse_stranger(g.actor, g.pleno)
        _take_in(pleno_id)
    except DomainError as refusal:
        found = readable_pleno(g.actor, pleno_id)
        if found is None:
            abort(404)
        g.pleno = found["pleno"]
        return _page(PlenoRecordingForm(formdata=None), status=422, picture_error=str(refusal))
    return redirect_after_post(_url() + "#bukti", "Tangkapan layar tersimpan.")


def _take_in(pleno_id: str) -> None:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise UploadNotKept("Belum ada berkas yang dipilih. Pilih foto, lalu tekan tombolnya lagi.")
    received = documents.receive(
        upload.read(MAX_UPLOAD_BYTES + 1),
        original_name=upload.filename,
        actor=g.actor,
        accepts=AcceptedFiles.PICTURE_OR_PDF,
    )
    kept = False
    try:
        begin_write()
        g.pleno = db.session.scalars(select(Pleno).where(Pleno.public_id == pleno_id)).one()
        evidence.add_screenshot(g.actor, g.pleno, received)
        db.session.commit()
        kept = True
    finally:
        if not kept:
            db.session.rollback()
            documents.discard(received)


def a_screenshot(actor: Actor, evidence_id: str) -> Mapping[str, object] | None:
    """A picture of a pleno that this person may read, as `g.shot` and `g.pleno`."""
    found = db.session.execute(
        select(PlenoEvidence, Pleno.public_id)
        .join(Pleno, Pleno.id == PlenoEvidence.pleno_id)
        .where(PlenoEvidence.public_id == evidence_id, PlenoEvidence.storage_key.is_not(None))
    ).one_or_none()
    scope = readable_pleno(actor, found[1]) if found is not None else None
    return {**scope, "shot": found[0]} if found is not None and scope is not None else None


@bp.get("/layar/<evidence_id>")
@access(roles=READERS, load=a_screenshot)
def screenshot(evidence_id: str) -> ResponseReturnValue:
    """The picture; each opening leaves a line in the audit chain."""
    ending = {"application/pdf": "pdf", "image/png": "png"}.get(g.shot.content_type, "jpg")
    name = f"tangkapan-layar-pleno_{evidence_id}.{ending}"
    answer = stored_file(g.shot.storage_key, g.shot.content_type, name)
    begin_write()
    evidence.note_opening(g.actor, evidence_id)
    db.session.commit()
    return answer


# --- Drawing -----------------------------------------------------------------------------------------------------


def _url() -> str:
    return url_for("rapat.show", pleno_id=g.pleno.public_id)


def _page(
    form: PlenoRecordingForm, *, status: int = 200, notice: str = "", picture_error: str = ""
) -> Response:
    held: Pleno = g.pleno
    is_member = g.actor.id in {member.user_id for member in held.members}
    there = meeting.attendance_of(held)
    kept = evidence.of_pleno(held)
    context: dict[str, Any] = {
        "pleno": held,
        "is_member": is_member,
        "present": g.actor.id in there,
        "not_present": meeting.why_not_present(held, there, g.actor) if is_member else None,
        "not_in": meeting.door_refusal(held) if is_member else None,
        "attendants": pleno_papers.attendants(held),
        "kept": kept,
        "lacking": evidence.lacking(held, kept),
        "names": evidence.KEPT,
        "may_keep": is_member or g.actor.has(Role.ADMIN),
        "notulen": pleno_notulen.stored(held),
        "not_written": pleno_notulen.why_not_written(g.actor, held),
        "state": pleno_sk.state_of(held),
        "has_decisions": bool(pleno_sk.sk_list(held)),
        "outcomes": pleno.OUTCOMES,
        "when": meeting.when(held),
        "where": meeting.where(held),
        "form": form,
        "notice": notice,
        "picture_error": picture_error,
    }
    return page("rapat/show.html", status=status, **context)
