"""Uploads that may break off and go on: a server of the tus protocol 1.0 (creation, expiration, termination).

A file that has come whole goes the way of every upload (lsp/views/asesi/uploads.py) and is refused with the same
sentence at its row. A client that is no script of ours gets the answers of the protocol; ours gets the row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, g, make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.http import http_date

from lsp import clock
from lsp.actor import Actor
from lsp.config import PIECE_TYPE
from lsp.database import db
from lsp.errors import DomainError, NotAllowed
from lsp.gateways import storage
from lsp.gateways.parts import OffsetWrong, Part, PartBusy, TooMuch
from lsp.models import Document, Permohonan, Upload
from lsp.permissions import access, can_edit_registration, writes, writes_itself
from lsp.services import uploads
from lsp.services.documents import Received, UploadNotKept
from lsp.services.throttle import TooOften
from lsp.services.uploads import TooLarge
from lsp.views.asesi.documents import attach_to_row, own_requirement, row_answer
from lsp.views.asesi.shared import CASE, CLOSED, address, bp, of_own_case
from lsp.views.asesi.uploads import keep, reload_case
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
from lsp.vocabulary import Role

_NEW = f"{CASE}/dokumen/<requirement_id>/unggahan"
_ONE = f"{CASE}/unggahan/<upload_id>"
_VIEWS = frozenset(
    f"asesi.{name}"
    for name in (
        "begin_upload", "may_begin_upload", "upload_state", "may_send_piece", "send_piece", "drop_upload",
    )
)  # fmt: skip
_GONE = "Kiriman ini sudah tidak ada. Berkas Anda yang lain tetap tersimpan. Unggah berkas ini dari awal."


def own_upload(
    actor: Actor, permohonan_id: str, upload_id: str, **_: object
) -> Mapping[str, object] | None:
    """An upload of the asesi's own case whose time is not over, as `g.upload`."""

    def of(permohonan: Permohonan) -> Select[Any]:
        return (
            select(Upload)
            .where(
                Upload.public_id == upload_id,
                Upload.permohonan_id == permohonan.id,
                Upload.user_id == actor.id,
                Upload.expires_at > clock.now(),
            )
            .options(joinedload(Upload.requirement))
        )

    return of_own_case(actor, permohonan_id, "upload", of)


@bp.after_request
def _say_version(answer: Response) -> Response:
    if request.endpoint in _VIEWS:
        answer.headers["Tus-Resumable"] = VERSION
    return answer


@bp.route(_NEW, methods=["OPTIONS"])
@access(roles=(Role.ASESI,), load=own_requirement)
def may_begin_upload(permohonan_id: str, requirement_id: str) -> ResponseReturnValue:
    return _capabilities()


@bp.route(_ONE, methods=["OPTIONS"])
@access(roles=(Role.ASESI,), load=own_upload)
def may_send_piece(permohonan_id: str, upload_id: str) -> ResponseReturnValue:
    return _capabilities()


def _capabilities() -> Response:
    return told(204, {
        "Tus-Version": VERSION, "Tus-Extension": "creation,expiration,termination", "Tus-Max-Size": uploads.MAX_BYTES,
    })  # fmt: skip


@bp.route(_NEW, methods=["POST"], provide_automatic_options=False)
@access(roles=(Role.ASESI,), load=own_requirement)
@writes
def begin_upload(permohonan_id: str, requirement_id: str) -> ResponseReturnValue:
    if not speaks_our_version():
        return other_version()
    length, said = number("Upload-Length"), request.headers.get("Upload-Metadata", "")
    read_said(said)
    try:
        if not can_edit_registration(g.actor, g.permohonan):
            raise NotAllowed(CLOSED)
        upload = uploads.begin(
            g.actor, g.permohonan, requirement=g.requirement, purpose="requirement", length=length, said=said
        )  # fmt: skip
        where = address("send_piece", g.permohonan, upload_id=upload.public_id)
        expires = http_date(upload.expires_at)
        db.session.commit()
    except DomainError as refusal:
        db.session.rollback()
        reload_case(permohonan_id)
        return _refused(refusal, requirement_id)
    return told(201, {"Location": where, "Upload-Expires": expires})


@bp.route(_ONE, methods=["HEAD"], provide_automatic_options=False)
@access(roles=(Role.ASESI,), load=own_upload)
def upload_state(permohonan_id: str, upload_id: str) -> ResponseReturnValue:
    if not speaks_our_version():
        return other_version()
    upload = g.upload
    headers = {"Upload-Length": upload.length, "Upload-Metadata": upload.said} if upload.said else {
        "Upload-Length": upload.length
    }  # fmt: skip
    return told(200, progress(uploads.offset_of(upload), upload.expires_at) | headers)


@bp.route(_ONE, methods=["PATCH"], provide_automatic_options=False)
@access(roles=(Role.ASESI,), load=own_upload)
@writes_itself
def send_piece(permohonan_id: str, upload_id: str) -> ResponseReturnValue:
    if not speaks_our_version():
        return other_version()
    if request.mimetype != PIECE_TYPE:
        return told(415)
    upload, offset = g.upload, number("Upload-Offset")
    if upload.document_id is not None:
        return told(409, progress(upload.length, upload.expires_at))
    if not can_edit_registration(g.actor, g.permohonan):
        return _closed(permohonan_id, upload)
    db.session.remove()  # where no event loop received the body first, it may be long in coming
    try:
        with storage.parts().held(upload_id, upload.part_key) as part:
            come = part.append(request.stream, offset=offset, most=upload.length)
            if come < upload.length:
                return told(204, progress(come, upload.expires_at))
            return _take_in(permohonan_id, upload, part)
    except PartBusy:
        return told(423)
    except OffsetWrong:
        return told(409, progress(uploads.offset_of(upload), upload.expires_at))
    except TooMuch:
        return told(413)
    except OSError as full:
        raise ServiceUnavailable from full


@bp.route(_ONE, methods=["DELETE"], provide_automatic_options=False)
@access(roles=(Role.ASESI,), load=own_upload)
@writes
def drop_upload(permohonan_id: str, upload_id: str) -> ResponseReturnValue:
    if not speaks_our_version():
        return other_version()
    if g.upload.document_id is not None:
        return told(409)
    db.session.delete(g.upload)
    db.session.commit()
    storage.parts().remove(upload_id)
    return told(204)


def _take_in(permohonan_id: str, upload: Upload, part: Part) -> ResponseReturnValue:
    """The last byte has come: from here on it is an upload like any other."""
    requirement = upload.requirement
    assert requirement is not None  # noqa: S101 - `begin_upload` gives one
    name = read_said(upload.said).get("filename", "")
    try:
        with part.opened() as file:
            keep(
                permohonan_id,
                file,
                name,
                lambda case, received: _attach(case, received, upload.id),
                accepts=requirement.accepts,
            )
    except DomainError as refusal:
        if not _may_come_again(refusal):
            uploads.forget(upload.public_id)
            part.remove()
        reload_case(permohonan_id)
        return _refused(refusal, requirement.public_id)
    part.remove()
    if not wants_fragment():
        return told(204, progress(upload.length, upload.expires_at))
    answer = make_response(
        row_answer(requirement.public_id, said=f"{requirement.label} tersimpan.")
    )
    answer.headers["Upload-Offset"] = str(upload.length)
    return answer


def _attach(permohonan: Permohonan, received: Received, upload_id: int) -> Document:
    """Record it, unless another request has done so meanwhile. Raises UploadNotKept when it was dropped."""
    upload = db.session.scalar(select(Upload).where(Upload.id == upload_id).with_for_update())
    if upload is None or upload.requirement is None:
        raise UploadNotKept(_GONE)
    if upload.document is not None:
        return upload.document
    document = attach_to_row(permohonan, received, upload.requirement.public_id)
    upload.document_id = document.id
    return document


def _closed(permohonan_id: str, upload: Upload) -> ResponseReturnValue:
    """The case was sent meanwhile."""
    requirement_id = upload.requirement.public_id if upload.requirement is not None else ""
    uploads.forget(upload.public_id)
    reload_case(permohonan_id)
    return row_answer(requirement_id, error=CLOSED)


def _may_come_again(refusal: DomainError) -> bool:
    return isinstance(refusal, TooOften) or (isinstance(refusal, UploadNotKept) and refusal.again)


def _refused(refusal: DomainError, requirement_id: str) -> ResponseReturnValue:
    """The sentence at the row; or, where the same file may come again, alone, and the chosen file stays chosen."""
    if isinstance(refusal, TooOften):
        return told(429, {"Retry-After": refusal.seconds}, str(refusal))
    if _may_come_again(refusal):
        return told(503, {"Retry-After": 5}, str(refusal))
    status = 413 if isinstance(refusal, TooLarge) else 422
    return row_answer(requirement_id, error=str(refusal), status=status)
