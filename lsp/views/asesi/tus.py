"""Uploads that may break off and go on: a server of the tus protocol 1.0 (creation, expiration, termination).

A file that has come whole goes the way of every upload (lsp/views/asesi/uploads.py) and is refused with the same
sentence at its row. A client that is no script of ours gets the answers of the protocol; ours gets the row.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from typing import Any

from flask import Response, g, make_response, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload
from werkzeug.exceptions import BadRequest, ServiceUnavailable
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
from lsp.vocabulary import Role

VERSION = "1.0.0"
_NEW = f"{CASE}/dokumen/<requirement_id>/unggahan"
_ONE = f"{CASE}/unggahan/<upload_id>"
_VIEWS = frozenset(
    f"asesi.{name}"
    for name in (
        "begin_upload", "may_begin_upload", "upload_state", "may_send_piece", "send_piece", "drop_upload",
    )
)  # fmt: skip
_LONGEST_SAID = 2_000
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
    return _told(204, {
        "Tus-Version": VERSION, "Tus-Extension": "creation,expiration,termination", "Tus-Max-Size": uploads.MAX_BYTES,
    })  # fmt: skip


@bp.route(_NEW, methods=["POST"], provide_automatic_options=False)
@access(roles=(Role.ASESI,), load=own_requirement)
@writes
def begin_upload(permohonan_id: str, requirement_id: str) -> ResponseReturnValue:
    if not _speaks_our_version():
        return _other_version()
    length, said = _number("Upload-Length"), request.headers.get("Upload-Metadata", "")
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
    return _told(201, {"Location": where, "Upload-Expires": expires})


@bp.route(_ONE, methods=["HEAD"], provide_automatic_options=False)
@access(roles=(Role.ASESI,), load=own_upload)
def upload_state(permohonan_id: str, upload_id: str) -> ResponseReturnValue:
    if not _speaks_our_version():
        return _other_version()
    upload = g.upload
    headers = {"Upload-Length": upload.length, "Upload-Metadata": upload.said} if upload.said else {
        "Upload-Length": upload.length
    }  # fmt: skip
    return _told(200, _progress(upload, uploads.offset_of(upload)) | headers)


@bp.route(_ONE, methods=["PATCH"], provide_automatic_options=False)
@access(roles=(Role.ASESI,), load=own_upload)
@writes_itself
def send_piece(permohonan_id: str, upload_id: str) -> ResponseReturnValue:
    if not _speaks_our_version():
        return _other_version()
    if request.mimetype != PIECE_TYPE:
        return _told(415)
    upload, offset = g.upload, _number("Upload-Offset")
    if upload.document_id is not None:
        return _told(409, _progress(upload, upload.length))
    if not can_edit_registration(g.actor, g.permohonan):
        return _closed(permohonan_id, upload)
    db.session.remove()  # where no event loop received the body first, it may be long in coming
    try:
        with storage.parts().held(upload_id, upload.part_key) as part:
            come = part.append(request.stream, offset=offset, most=upload.length)
            if come < upload.length:
                return _told(204, _progress(upload, come))
            return _take_in(permohonan_id, upload, part)
    except PartBusy:
        return _told(423)
    except OffsetWrong:
        return _told(409, _progress(upload, uploads.offset_of(upload)))
    except TooMuch:
        return _told(413)
    except OSError as full:
        raise ServiceUnavailable from full


@bp.route(_ONE, methods=["DELETE"], provide_automatic_options=False)
@access(roles=(Role.ASESI,), load=own_upload)
@writes
def drop_upload(permohonan_id: str, upload_id: str) -> ResponseReturnValue:
    if not _speaks_our_version():
        return _other_version()
    if g.upload.document_id is not None:
        return _told(409)
    db.session.delete(g.upload)
    db.session.commit()
    storage.parts().remove(upload_id)
    return _told(204)


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
        return _told(204, _progress(upload, upload.length))
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
        return _told(429, {"Retry-After": refusal.seconds}, str(refusal))
    if _may_come_again(refusal):
        return _told(503, {"Retry-After": 5}, str(refusal))
    status = 413 if isinstance(refusal, TooLarge) else 422
    return row_answer(requirement_id, error=str(refusal), status=status)


# --- The words of the protocol -----------------------------------------------------------------------------


def _told(status: int, headers: Mapping[str, object] | None = None, text: str = "") -> Response:
    answer = Response(text, status, mimetype="text/plain")
    for name, value in (headers or {}).items():
        answer.headers[name] = str(value)
    return answer


def _progress(upload: Upload, offset: int) -> dict[str, object]:
    return {"Upload-Offset": offset, "Upload-Expires": http_date(upload.expires_at)}


def _speaks_our_version() -> bool:
    return request.headers.get("Tus-Resumable") == VERSION


def _other_version() -> Response:
    return _told(412, {"Tus-Version": VERSION})


def _number(name: str) -> int:
    """A length or offset; 400 for anything else."""
    text = request.headers.get(name, "")
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise BadRequest
    return int(text)


def read_said(said: str) -> dict[str, str]:
    """Upload-Metadata: pairs of a name and a value in base64; 400 for anything else.

    It goes out again as a header, where letters past ASCII and control signs do not survive.
    """
    if len(said) > _LONGEST_SAID or not (said.isascii() and said.isprintable()):
        raise BadRequest
    found = {}
    for pair in filter(None, (each.strip() for each in said.split(","))):
        name, _, value = pair.partition(" ")
        try:
            found[name] = b64decode(value, validate=True).decode()
        except (NotBase64, ValueError):
            raise BadRequest from None
    return found
