"""The recording of a meeting: a link, a file, a replacement with its reason; and the pictures that belong to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from lsp.actor import Actor
from lsp.database import begin_write, db
from lsp.errors import DomainError
from lsp.forms.assessment import ReasonForm, RecordingFileForm, RecordingForm
from lsp.gateways import storage
from lsp.gateways.files import FileStoreError
from lsp.gateways.rebuild import MAX_UPLOAD_BYTES
from lsp.models import Booking, MeetingRecording, Permohonan, Slot
from lsp.permissions import access, visible_permohonan, writes, writes_itself
from lsp.services import documents, recording_uploads, recordings
from lsp.services.documents import UploadNotKept
from lsp.services.recording_kinds import HEAD, content_type_of
from lsp.services.recordings import PICTURES, SCREENSHOT, STILL
from lsp.views.asesor.case import drawn, order, saved, show_panel
from lsp.views.asesor.shared import CASE, address, assigned, bp, onward
from lsp.views.html import page, reason_field
from lsp.vocabulary import RecordingKind, Role
from lsp.workflow.dossier import dossier_of

_TROUBLE = (
    "Rekaman belum dapat disimpan karena gangguan di server. Yang sudah tersimpan tetap aman. "
    "Coba lagi beberapa menit lagi."
)


def own_recording(
    actor: Actor, permohonan_id: str, recording_id: str
) -> Mapping[str, object] | None:
    """A recording of a meeting this asesor held in this very case, as `g.recording` and `g.permohonan`."""
    found = visible_permohonan(actor, permohonan_id)
    permohonan = found["permohonan"] if found is not None else None
    if found is None or not isinstance(permohonan, Permohonan):
        return None
    row = db.session.scalar(
        select(MeetingRecording)
        .join(Booking, Booking.id == MeetingRecording.booking_id)
        .join(Slot, Slot.id == Booking.slot_id)
        .where(
            MeetingRecording.public_id == recording_id,
            Booking.permohonan_id == permohonan.id,
            Slot.asesor_id == actor.id,
        )
    )
    return {**found, "recording": row} if row is not None else None


# --- A link, or a small file without scripts ---------------------------------------------------------------------


@bp.post(f"{CASE}/rekaman/<booking_id>")
@assigned
@writes
def store_recording(permohonan_id: str, booking_id: str) -> ResponseReturnValue:
    form, seat = RecordingForm(), meeting_of(g.permohonan, booking_id)
    form.personal_host = recordings.personal_host(form.url.data or "")
    if not form.validate():
        return _link_refused(booking_id, form, status=422)
    try:
        recordings.add_link(
            g.actor,
            seat,
            kind=RecordingKind(form.kind.data),
            url=form.url.data or "",
            until_withdrawn=form.part.data,
        )
    except DomainError as refusal:
        db.session.rollback()
        if form.put_by_its_field(refusal):
            form.url.errors = [str(refusal)]
        return _link_refused(booking_id, form, status=409)
    db.session.commit()
    return saved("rekaman", "Tautan rekaman tersimpan.")


def _link_refused(booking_id: str, form: RecordingForm, *, status: int) -> ResponseReturnValue:
    notice = f"Tautan belum tersimpan. {form.first_error()}"
    return show_panel("rekaman", status=status, notice=notice, typed_recordings={booking_id: form})


@bp.post(f"{CASE}/rekaman/<booking_id>/berkas")
@assigned
@writes_itself
def upload_recording(permohonan_id: str, booking_id: str) -> ResponseReturnValue:
    """A recording in one request; a larger one comes in pieces (recording_tus.py)."""
    meeting_of(g.permohonan, booking_id)
    form = RecordingFileForm()
    try:
        if not form.validate():
            raise UploadNotKept(form.first_error())
        _keep_file(permohonan_id, booking_id, form)
    except DomainError as refusal:
        db.session.rollback()
        g.permohonan = case_anew(permohonan_id)
        return show_panel(
            "rekaman", status=422, file_errors={booking_id: str(refusal)}, typed_files={booking_id: form}
        )  # fmt: skip
    return saved("rekaman", "Rekaman tersimpan.")


def _keep_file(permohonan_id: str, booking_id: str, form: RecordingFileForm) -> None:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise UploadNotKept("Belum ada rekaman yang dipilih. Pilih berkasnya, lalu tekan Unggah.")
    seat, part = meeting_of(g.permohonan, booking_id), bool(form.part.data)
    recordings.refuse_stranger(g.actor, seat)
    recordings.refuse_unwanted(seat, until_withdrawn=part)
    content_type = content_type_of(upload.stream.read(HEAD))
    if not content_type:
        raise UploadNotKept(recording_uploads.NO_RECORDING)
    recording_uploads.check_room(MAX_UPLOAD_BYTES)
    name = documents.clean_name(upload.filename)
    upload.stream.seek(0)
    db.session.remove()
    try:
        stored = storage.store().put_stream(upload.stream)
    except FileStoreError as error:
        raise UploadNotKept(_TROUBLE) from error
    begin_write()
    g.permohonan = case_anew(permohonan_id)
    recordings.add_file(
        g.actor,
        meeting_of(g.permohonan, booking_id),
        stored,
        kind=RecordingKind(form.kind.data),
        name=name,
        content_type=content_type,
        until_withdrawn=part,
    )
    db.session.commit()


# --- Replaced by another -----------------------------------------------------------------------------------------


@bp.get(f"{CASE}/rekaman-lama/<recording_id>")
@access(roles=(Role.ASESOR,), load=own_recording)
def ask_supersede_recording(permohonan_id: str, recording_id: str) -> ResponseReturnValue:
    return _supersede_page(ReasonForm(formdata=None))


@bp.post(f"{CASE}/rekaman-lama/<recording_id>")
@access(roles=(Role.ASESOR,), load=own_recording)
@writes
def supersede_recording(permohonan_id: str, recording_id: str) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.validate():
        return _supersede_page(form, status=422)
    try:
        recordings.supersede(g.actor, g.recording, reason=form.note.data or "")
    except DomainError as refusal:
        db.session.rollback()
        return _supersede_page(form, status=409, notice=str(refusal))
    db.session.commit()
    return onward("case_panel", g.permohonan, "Rekaman ditandai tidak dipakai.", key="rekaman")


def _supersede_page(
    form: ReasonForm, *, status: int = 200, notice: str = ""
) -> ResponseReturnValue:
    row = g.recording
    return page(
        "confirm.html",
        status=status,
        title="Tandai rekaman ini tidak dipakai?",
        happens=(
            f"{recordings.words(row)} tidak lagi menjadi rekaman rapat ini.",
            "Rekaman dan alasan Anda tetap tersimpan dan dapat dibaca tim teknis dan auditor.",
            "Ini tidak dapat dibatalkan.",
        ),
        action=address("supersede_recording", g.permohonan, recording_id=row.public_id),
        label="Tandai tidak dipakai",
        back_url=address("case_panel", g.permohonan, key="rekaman"),
        tone="bad",
        version=g.permohonan.version,
        notice_text=notice,
        reason_field=reason_field(
            form, hint="Misalnya: suaranya tidak terdengar, dan rekaman pengganti sudah disimpan."
        ),
    )


# --- Pictures: the screenshot, and a still of the identity check -------------------------------------------------


@bp.post(f"{CASE}/rekaman/<booking_id>/tangkapan-layar")
@assigned
@writes_itself
def store_screenshot(permohonan_id: str, booking_id: str) -> ResponseReturnValue:
    return _picture(permohonan_id, booking_id, SCREENSHOT, booking_id)


@bp.post(f"{CASE}/rekaman/<booking_id>/identitas")
@assigned
@writes_itself
def store_still(permohonan_id: str, booking_id: str) -> ResponseReturnValue:
    return _picture(permohonan_id, booking_id, STILL, f"identitas-{booking_id}")


def _picture(permohonan_id: str, booking_id: str, purpose: str, key: str) -> ResponseReturnValue:
    """Rebuilt while no connection is held, then recorded in a short unit of work."""
    meeting_of(g.permohonan, booking_id)
    try:
        _take_in(permohonan_id, booking_id, purpose)
    except DomainError as refusal:
        g.permohonan = case_anew(permohonan_id)
        return show_panel("rekaman", status=422, errors={key: str(refusal)})
    return saved("rekaman", f"{PICTURES[purpose]} tersimpan.")


def _take_in(permohonan_id: str, booking_id: str, purpose: str) -> None:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise UploadNotKept(
            "Belum ada berkas yang dipilih. Pilih foto atau PDF, lalu tekan tombolnya lagi."
        )
    content, name = upload.read(MAX_UPLOAD_BYTES + 1), upload.filename
    received = documents.receive(content, original_name=name, actor=g.actor)
    kept = False
    try:
        begin_write()
        g.permohonan = case_anew(permohonan_id)
        seat = meeting_of(g.permohonan, booking_id)
        document = documents.attach(
            g.actor,
            g.permohonan,
            received,
            requirement=None,
            purpose=purpose,
            label=f"{PICTURES[purpose]} {seat.slot.kind.label.lower()}",
        )
        recordings.keep_picture(g.actor, seat, document)
        db.session.commit()
        kept = True
    finally:
        if not kept:
            db.session.rollback()
            documents.discard(received)


# --- What these views share --------------------------------------------------------------------------------------


def case_anew(permohonan_id: str) -> Permohonan:
    found = visible_permohonan(g.actor, permohonan_id)
    if found is None:
        raise NotFound
    permohonan = found["permohonan"]
    assert isinstance(permohonan, Permohonan)  # noqa: S101 - what the loader gives
    return permohonan


def meeting_of(permohonan: Permohonan, booking_id: str) -> Booking:
    """A meeting this asesor holds in this very case. Another case's, or another asesor's, is not found."""
    for seat in dossier_of(permohonan).bookings:
        if seat.public_id == booking_id and seat.slot.asesor_id == g.actor.id:
            return seat
    raise NotFound


def upload_row(seat: Booking, *, error: str = "") -> str:
    """The row of one meeting in which a recording is sent, alone: what our script puts in its place."""
    context: dict[str, Any] = drawn("rekaman", {"file_errors": {seat.public_id: error}})
    return render_template(
        "asesor/_recording_upload.html", **(order(g.permohonan, "rekaman") | context | {"seat": seat})
    )  # fmt: skip
