"""The pack of a meeting, as it was recorded, and its recordings: for who decides, checks or answers for the case.

A recording is sent as it came, so it is never shown by us: an attachment of no kind, read piece by piece.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from flask import Blueprint, Response, abort, g, request, url_for
from flask.typing import ResponseReturnValue

from lsp import logs
from lsp.database import begin_write, db
from lsp.gateways import storage
from lsp.gateways.files import CHUNK, FileDamaged, FileMissing, StoreUnavailable
from lsp.models import MeetingRecording
from lsp.permissions import access, visible_meeting, visible_recording
from lsp.services import meeting_packs, recordings
from lsp.services.recording_kinds import ENDINGS
from lsp.serving_words import PLACE, STREAMED
from lsp.views.error_pages import error_page
from lsp.views.files import refuse_embedding
from lsp.views.html import page
from lsp.vocabulary import Role

bp = Blueprint("packs", __name__)


@bp.app_template_global()
def gap_words(gaps: Sequence[str]) -> str:
    """What lacks, in one line."""
    return ", ".join(meeting_packs.GAPS[name] for name in gaps)


#: From this size on an answer is sent piece by piece; less is gathered as any other.
LARGE = CHUNK
_FULL = (
    "Terlalu banyak rekaman sedang diunduh sekaligus, oleh Anda atau orang lain. Unduhan ini belum dimulai. Unduhan "
    "yang sedang berjalan tidak terganggu."
)
READERS = (Role.ADMIN, Role.KETUA, Role.TIM_TEKNIS, Role.AUDITOR)


@bp.get("/paket-rapat/<booking_id>")
@access(roles=READERS, load=visible_meeting)
def pack(booking_id: str) -> ResponseReturnValue:
    """Everything of one meeting, to be read and printed."""
    return page(
        "packs/pack.html",
        seat=g.booking,
        pack=meeting_packs.pack_of(g.booking),
        may_destroy=g.actor.has(Role.ADMIN),
        may_remind=g.actor.has(Role.ADMIN),
        destroy_refusal=recordings.destroy_refusal,
        kept_until=recordings.kept_until,
        back_url=url_for("admin.pack_list") if g.actor.has(Role.ADMIN) else "",
    )


@bp.get("/rekaman/<recording_id>")
@access(roles=(*READERS, Role.ASESOR, Role.ANGGOTA_LUAR), load=visible_recording)
def recording(recording_id: str) -> ResponseReturnValue:
    """The file, whole or from a byte on (Range), so that a broken download goes on. Each fetch is audited."""
    refuse_embedding()
    row: MeetingRecording = g.recording
    if row.storage_key is None:
        abort(404)
    start, end = _wanted(row)
    name, key, size = _file_name(row), row.storage_key, row.size
    headers = _headers(row, name)
    if request.method == "HEAD":
        return _answer(iter(()), headers | {"Content-Length": str(size)}, 200)
    if end - start >= LARGE and not has_place():
        return error_page(503, seconds=60, reason=_FULL)
    pieces = _read(key, size=size, start=start, end=end)
    begin_write()
    recordings.note_download(g.actor, row, start=start)
    db.session.commit()
    db.session.remove()
    headers["Content-Length"] = str(end - start)
    whole = (start, end) == (0, size)
    if not whole:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    if end - start >= LARGE:
        request.environ[STREAMED] = True
    return _answer(pieces, headers, 200 if whole else 206)


def has_place() -> bool:
    """Whether one more large answer may be sent; where nobody counts them, it may."""
    place = request.environ.get(PLACE)
    return place is None or place.take(str(g.actor.id))


def _wanted(row: MeetingRecording) -> tuple[int, int]:
    """The bytes asked for: one range, or all; 416 for what is not in the file."""
    asked = request.range
    if asked is None or len(asked.ranges) != 1 or asked.units != "bytes":
        return 0, row.size
    unless = request.headers.get("If-Range")
    if unless is not None and unless.strip() != f'"{row.sha256}"':
        return 0, row.size  # part of another file than the one here
    found = asked.range_for_length(row.size)
    if found is None:
        answer = Response(status=416)
        answer.headers["Content-Range"] = f"bytes */{row.size}"
        abort(answer)
    return found


def _read(key: str, *, size: int, start: int, end: int) -> Iterator[bytes]:
    """The pieces, the first one read already: what is missing or damaged at once is told as such."""
    pieces = storage.store().part(key, size=size, start=start, end=end)
    try:
        first = next(pieces, b"")
    except FileMissing:
        abort(404)
    except FileDamaged as error:
        logs.logger().error("file damaged", request_id=g.get("request_id", ""), exc_info=error)
        abort(404)
    except StoreUnavailable as error:
        logs.logger().error("file store", request_id=g.get("request_id", ""), exc_info=error)
        abort(503)
    return chain((first,), pieces)


def _headers(row: MeetingRecording, name: str) -> dict[str, str]:
    return {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Accept-Ranges": "bytes",
        "ETag": f'"{row.sha256}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


def _answer(pieces: Iterator[bytes], headers: dict[str, str], status: int) -> Response:
    answer = Response(pieces, status)
    answer.headers.update(headers)
    return answer


def _file_name(row: MeetingRecording) -> str:
    """A name of our own making, in plain ASCII."""
    case = row.booking.permohonan.public_id
    return f"rekaman_{case}_{row.public_id}.{ENDINGS.get(row.content_type, 'bin')}"
