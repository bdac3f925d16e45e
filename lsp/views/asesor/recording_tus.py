"""Recordings that come in pieces, of any size: a tus server, as lsp/views/asesi/tus.py is for documents.

The last byte only has the worker called: what seals and stores some gigabytes is no request.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, g, make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.exceptions import BadRequest, ServiceUnavailable

from lsp import clock
from lsp.actor import Actor
from lsp.config import PIECE_TYPE
from lsp.database import begin_write, db
from lsp.errors import DomainError
from lsp.gateways import storage
from lsp.gateways.parts import OffsetWrong, PartBusy, TooMuch
from lsp.models import Booking, Permohonan, RecordingUpload
from lsp.permissions import access, visible_permohonan, writes, writes_itself
from lsp.services import recording_uploads
from lsp.services.recording_uploads import NoRoom, NotWhole
from lsp.views.asesor.recordings import case_anew, meeting_of, upload_row
from lsp.views.asesor.shared import CASE, address, assigned, bp, onward
from lsp.views.html import wants_fragment
from lsp.views.tus import (
    VERSION,
    number,
    other_version,
    progress,
    read_said,
    speaks_our_version,
    told,
)
from lsp.vocabulary import RecordingKind, Role

_NEW = f"{CASE}/rekaman/<booking_id>/unggahan"
_ONE = f"{CASE}/kiriman-rekaman/<upload_id>"
_VIEWS = frozenset(
    f"asesor.{name}"
    for name in (
        "begin_recording", "may_begin_recording", "recording_state", "may_send_recording", "send_recording",
        "drop_recording",
    )
)  # fmt: skip


def own_upload(actor: Actor, permohonan_id: str, upload_id: str) -> Mapping[str, object] | None:
    """An upload this asesor began for a meeting of this case and that is not over, as `g.upload` and `g.permohonan`."""
    found = visible_permohonan(actor, permohonan_id)
    permohonan = found["permohonan"] if found is not None else None
    if found is None or not isinstance(permohonan, Permohonan):
        return None
    upload = db.session.scalar(
        select(RecordingUpload)
        .join(Booking, Booking.id == RecordingUpload.booking_id)
        .where(
            RecordingUpload.public_id == upload_id,
            RecordingUpload.user_id == actor.id,
            RecordingUpload.expires_at > clock.now(),
            Booking.permohonan_id == permohonan.id,
        )
    )
    return {**found, "upload": upload} if upload is not None else None


of_own_upload = access(roles=(Role.ASESOR,), load=own_upload)


@bp.after_request
def _say_version(answer: Response) -> Response:
    if request.endpoint in _VIEWS:
        answer.headers["Tus-Resumable"] = VERSION
    return answer


@bp.route(_NEW, methods=["OPTIONS"])
@assigned
def may_begin_recording(permohonan_id: str, booking_id: str) -> ResponseReturnValue:
    return _capabilities()


@bp.route(_ONE, methods=["OPTIONS"])
@of_own_upload
def may_send_recording(permohonan_id: str, upload_id: str) -> ResponseReturnValue:
    return _capabilities()


def _capabilities() -> Response:
    """No largest size is told: the disk decides, when a file is announced."""
    return told(204, {"Tus-Version": VERSION, "Tus-Extension": "creation,expiration,termination"})


@bp.route(_NEW, methods=["POST"], provide_automatic_options=False)
@assigned
@writes
def begin_recording(permohonan_id: str, booking_id: str) -> ResponseReturnValue:
    if not speaks_our_version():
        return other_version()
    length, text = number("Upload-Length"), request.headers.get("Upload-Metadata", "")
    said, seat = read_said(text), meeting_of(g.permohonan, booking_id)
    try:
        upload = recording_uploads.begin(
            g.actor,
            seat,
            kind=_kind(said),
            length=length,
            name=said.get("filename", ""),
            said=text,
            until_withdrawn="part" in said,
        )
        where = address("send_recording", g.permohonan, upload_id=upload.public_id)
        headers = progress(0, upload.expires_at)
        db.session.commit()
    except DomainError as refusal:
        db.session.rollback()
        g.permohonan = case_anew(permohonan_id)
        return _refused(refusal, meeting_of(g.permohonan, booking_id))
    return told(201, {"Location": where, "Upload-Expires": headers["Upload-Expires"]})


def _kind(said: Mapping[str, str]) -> RecordingKind:
    try:
        return RecordingKind(said.get("kind", RecordingKind.FULL))
    except ValueError:
        raise BadRequest from None


@bp.route(_ONE, methods=["HEAD"], provide_automatic_options=False)
@of_own_upload
def recording_state(permohonan_id: str, upload_id: str) -> ResponseReturnValue:
    if not speaks_our_version():
        return other_version()
    upload = g.upload
    headers = progress(recording_uploads.offset_of(upload), upload.expires_at)
    headers["Upload-Length"] = upload.length
    return told(200, headers | ({"Upload-Metadata": upload.said} if upload.said else {}))


@bp.route(_ONE, methods=["PATCH"], provide_automatic_options=False)
@of_own_upload
@writes_itself
def send_recording(permohonan_id: str, upload_id: str) -> ResponseReturnValue:
    if not speaks_our_version():
        return other_version()
    if request.mimetype != PIECE_TYPE:
        return told(415)
    upload, offset = g.upload, number("Upload-Offset")
    if upload.whole_at is not None:
        return told(409, progress(upload.length, upload.expires_at))
    db.session.remove()  # where no event loop received the body first, it may be long in coming
    try:
        with storage.recording_parts().held(upload_id, upload.part_key) as part:
            come = part.append(request.stream, offset=offset, most=upload.length)
            recording_uploads.refuse_other_kinds(part, length=upload.length)
    except PartBusy:
        return told(423)
    except OffsetWrong:
        return told(409, progress(recording_uploads.offset_of(upload), upload.expires_at))
    except TooMuch:
        return told(413)
    except DomainError as refusal:
        return _not_kept(permohonan_id, upload, refusal)
    except OSError as full:
        raise ServiceUnavailable from full
    if come < upload.length:
        return told(204, progress(come, upload.expires_at))
    return _whole(permohonan_id, upload)


def _whole(permohonan_id: str, upload: RecordingUpload) -> ResponseReturnValue:
    """The last byte has come and is written down: the worker goes on."""
    begin_write()
    try:
        recording_uploads.note_whole(upload.id)
    except NotWhole:
        db.session.rollback()
        return told(404)
    except DomainError as refusal:
        db.session.rollback()
        return _not_kept(permohonan_id, upload, refusal)
    db.session.commit()
    headers = progress(upload.length, upload.expires_at)
    if not wants_fragment():
        return told(204, headers)
    answer = make_response(upload_row(_seat_anew(permohonan_id, upload)))
    answer.headers["Upload-Offset"] = str(upload.length)
    return answer


def _not_kept(
    permohonan_id: str, upload: RecordingUpload, refusal: DomainError
) -> ResponseReturnValue:
    recording_uploads.forget(upload.public_id)
    return _refused(refusal, _seat_anew(permohonan_id, upload))


def _seat_anew(permohonan_id: str, upload: RecordingUpload) -> Booking:
    g.permohonan = case_anew(permohonan_id)
    seat = db.session.get_one(Booking, upload.booking_id)
    return meeting_of(g.permohonan, seat.public_id)


def _refused(refusal: DomainError, seat: Booking) -> ResponseReturnValue:
    if not wants_fragment():
        return told(507 if isinstance(refusal, NoRoom) else 422, text=str(refusal))
    answer = make_response(upload_row(seat, error=str(refusal)), 422)
    answer.vary.add("HX-Request")
    return answer


@bp.route(_ONE, methods=["DELETE"], provide_automatic_options=False)
@of_own_upload
@writes
def drop_recording(permohonan_id: str, upload_id: str) -> ResponseReturnValue:
    if not speaks_our_version():
        return other_version()
    if g.upload.whole_at is not None:
        return told(409)
    db.session.rollback()
    recording_uploads.forget(upload_id)
    return told(204)


@bp.post(f"{_ONE}/batal")
@of_own_upload
@writes_itself
def call_off_recording(permohonan_id: str, upload_id: str) -> ResponseReturnValue:
    """As DELETE, for a button: what has come of it goes."""
    whole = g.upload.whole_at is not None
    db.session.remove()
    if not whole:
        recording_uploads.forget(upload_id)
    g.permohonan = case_anew(permohonan_id)
    said = "Rekaman sudah lengkap terkirim dan sedang disimpan." if whole else "Kiriman dibatalkan."
    return onward("case_panel", g.permohonan, said, key="rekaman")
