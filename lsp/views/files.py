"""Files of a case, served only through a scope, as files and never as pages.

The store is asked after the database connection went back: a slow bucket must not hold one.
"""

from __future__ import annotations

import re
from typing import Final

from flask import Blueprint, Response, abort, g, request
from flask.typing import ResponseReturnValue

from lsp import logs
from lsp.database import begin_write, db
from lsp.gateways import storage
from lsp.gateways.files import FileDamaged, FileMissing, StoreUnavailable
from lsp.models import Document
from lsp.permissions import access, visible_document, visible_signature
from lsp.services import documents, drawn_signature as drawn_signatures
from lsp.vocabulary import Role

bp = Blueprint("files", __name__)
READERS: Final = tuple(role for role in Role if role is not Role.SYSTEM)
#: What a page would run or embed: nothing of a person's upload is ever that.
_NEVER_FOR: Final = frozenset(
    {"script", "style", "worker", "sharedworker", "serviceworker", "object", "embed"}
)
_PURPOSES: Final = {
    "evidence": "bukti",
    "payment_proof": "bukti-bayar",
    "screenshot": "tangkapan-layar",
    "recording": "rekaman",
    "identity_still": "foto-identitas",
    "surveilan": "bukti-surveilan",
    "pkb": "bukti-pkb",
    "certificate_answer": "bukti-jawaban",
}
_ENDINGS: Final = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


@bp.get("/berkas/<document_id>")
@access(roles=READERS, load=visible_document)
def document(document_id: str) -> ResponseReturnValue:
    """The file itself. Everybody but its asesi leaves a line in the audit chain."""
    _check_reader(g.document)
    name, is_own = _name(g.document), g.permohonan.asesi_id == g.actor.id
    answer = stored_file(g.document.storage_key, g.document.content_type, name)
    if not is_own:
        begin_write()
        documents.note_opening(g.actor, document_id)
        db.session.commit()
    return answer


@bp.get("/berkas/<document_id>/pratinjau")
@access(roles=READERS, load=visible_document)
def preview(document_id: str) -> ResponseReturnValue:
    """A small picture of the file or of its first page; one line a day in the audit chain, as for the file."""
    _check_reader(g.document)
    if g.document.preview_key is None:
        abort(404)
    name = _name(g.document).rsplit(".", 1)[0] + "-pratinjau.jpg"
    is_own = g.permohonan.asesi_id == g.actor.id
    is_noted = is_own or documents.has_glanced_today(g.actor, document_id)
    answer = stored_file(g.document.preview_key, "image/jpeg", name)
    if not is_noted:
        begin_write()
        documents.note_glance(g.actor, document_id)
        db.session.commit()
    return answer


@bp.get("/berkas/tanda-tangan/<permohonan_id>/<int(max=999999999):signature_id>")
@access(roles=READERS, load=visible_signature)
def drawn_signature(permohonan_id: str, signature_id: int) -> ResponseReturnValue:
    """The drawn part of a signature: our own strokes, shown beside the name on the pages that show the name."""
    name = f"tanda-tangan_{g.permohonan.public_id}.svg"
    return stored_file(g.signature.drawing_key, drawn_signatures.CONTENT_TYPE, name)


def stored_file(key: str, content_type: str, name: str) -> Response:
    """The content under `key` with headers that keep a browser from running it. Images show, others download."""
    refuse_embedding()
    db.session.remove()
    try:
        content = storage.store().open(key)
    except FileMissing:
        abort(404)
    except FileDamaged as error:
        logs.logger().error("file damaged", request_id=g.get("request_id", ""), exc_info=error)
        abort(404)
    except StoreUnavailable as error:
        logs.logger().error("file store", request_id=g.get("request_id", ""), exc_info=error)
        abort(503)
    how = "inline" if content_type.startswith("image/") else "attachment"
    answer = Response(content, content_type=content_type)
    answer.headers.update(
        {
            "Content-Disposition": f'{how}; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "no-store",
        }
    )
    return answer


def refuse_embedding() -> None:
    """403 where a page would run or embed it."""
    if request.headers.get("Sec-Fetch-Dest", "") in _NEVER_FOR:
        abort(403)


def _check_reader(row: Document) -> None:
    """A proof of payment is financial data: its asesi and the admin read it, as the consent text promises."""
    if row.purpose != "payment_proof" or g.permohonan.asesi_id == g.actor.id:
        return
    if not g.actor.has(Role.ADMIN):
        abort(404)


def _name(row: Document) -> str:
    """A name of our own making: what it is and which case, in plain ASCII."""
    what = row.requirement.code if row.requirement is not None else _PURPOSES.get(row.purpose, "berkas")  # fmt: skip
    plain = re.sub(r"[^A-Za-z0-9-]", "", what) or "berkas"
    return f"{plain}_{g.permohonan.public_id}.{_ENDINGS.get(row.content_type, 'bin')}"
