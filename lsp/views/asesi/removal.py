"""Taking a file back, and taking that back: what FR.APL.02 loses is said before, and the way back stands after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, select

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.forms.base import numbers
from lsp.models import Document, Permohonan
from lsp.permissions import (
    access,
    can_add_documents,
    can_edit_registration,
    writes,
)
from lsp.services import documents as files
from lsp.views.asesi.documents import documents_page
from lsp.views.asesi.shared import CASE, CLOSED, address, bp, of_own_case, onward
from lsp.views.html import page
from lsp.vocabulary import Role

_FILE = f"{CASE}/dokumen/berkas/<document_id>"


def own_file(
    actor: Actor, permohonan_id: str, document_id: str, **_: object
) -> Mapping[str, object] | None:
    """A file of the asesi's own case, standing or removed, as `g.document`."""

    def of(permohonan: Permohonan) -> Select[Any]:
        return select(Document).where(
            Document.public_id == document_id,
            Document.permohonan_id == permohonan.id,
            Document.purpose.in_(("requirement", "evidence")),
        )

    return of_own_case(actor, permohonan_id, "document", of)


def own_document(
    actor: Actor, permohonan_id: str, document_id: str, **_: object
) -> Mapping[str, object] | None:
    """A standing file of the asesi's own case, as `g.document`."""
    found = own_file(actor, permohonan_id, document_id)
    if found is None or found["document"].replaced_at is not None:  # type: ignore[attr-defined]
        return None
    return found


@bp.get(f"{_FILE}/hapus")
@access(roles=(Role.ASESI,), load=own_document)
def ask_remove_document(permohonan_id: str, document_id: str) -> ResponseReturnValue:
    document, named = g.document, files.named_by(g.document)
    return page(
        "confirm.html",
        title="Hapus berkas ini?",
        happens=[
            f"{document.label}: {document.original_name}.",
            *(f"{words} kehilangan bukti ini." for _answer, words in named),
            "Jawaban FR.APL.02 tetap. Setelah dihapus, Anda masih dapat membatalkannya.",
        ],
        action=address("remove_document", g.permohonan, document_id=document_id),
        label="Hapus berkas",
        tone="bad",
        hidden={"yakin": "1"},
        back_url=address("documents", g.permohonan),
    )


@bp.post(f"{_FILE}/hapus")
@access(roles=(Role.ASESI,), load=own_document)
@writes
def remove_document(permohonan_id: str, document_id: str) -> ResponseReturnValue:
    """At once when no answer names it; else only from the page that says which do."""
    document = g.document
    if not _may_go(g.permohonan, document):
        return documents_page(status=409, notice_text=CLOSED)
    named = files.named_by(document)
    if named and "yakin" not in request.form:
        return onward("ask_remove_document", g.permohonan, document_id=document_id)
    files.remove(g.actor, document)
    db.session.commit()
    answers = [answer for answer, _words in named]
    return onward("documents", g.permohonan, dihapus=document_id, jawaban=answers)


@bp.post(f"{_FILE}/kembalikan")
@access(roles=(Role.ASESI,), load=own_file)
@writes
def restore_document(permohonan_id: str, document_id: str) -> ResponseReturnValue:
    if not _may_go(g.permohonan, g.document):
        return documents_page(status=409, notice_text=CLOSED)
    answers = numbers(request.form.getlist("jawaban"))
    try:
        files.restore(g.actor, g.permohonan, g.document, answer_ids=answers)
    except DomainError as refusal:
        db.session.rollback()
        return documents_page(status=409, notice_text=str(refusal))
    db.session.commit()
    return onward("documents", g.permohonan, "Berkas dikembalikan.")


def _may_go(permohonan: Permohonan, document: Document) -> bool:
    """While bukti tambahan is asked for, only further evidence may be taken back."""
    if not can_add_documents(g.actor, permohonan):
        return False
    return document.purpose == "evidence" or can_edit_registration(g.actor, permohonan)
