"""Taking a file in: read and rebuilt while no connection is held, then recorded in a short unit of work."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import IO

from flask import g, request
from werkzeug.exceptions import NotFound

from lsp.database import begin_write, db
from lsp.models import Document, Permohonan
from lsp.permissions import own_permohonan
from lsp.services import documents
from lsp.services.documents import Received, UploadNotKept
from lsp.vocabulary import AcceptedFiles

NO_FILE = "Belum ada berkas yang dipilih. Pilih foto atau PDF, lalu tekan tombolnya lagi."
#: (the case as it stands now, what was received) -> its row; raises DomainError when it may not come in.
Attach = Callable[[Permohonan, Received], Document]


def take_in(
    permohonan_id: str,
    attach: Attach,
    *,
    accepts: AcceptedFiles = AcceptedFiles.PICTURE_OR_PDF,
) -> None:
    """Store the posted file and record it by `attach`. Raises DomainError with the sentence for its row."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise UploadNotKept(NO_FILE)
    with closing(upload):
        keep(permohonan_id, upload.stream, upload.filename, attach, accepts=accepts)


def keep(
    permohonan_id: str, file: IO[bytes], name: str, attach: Attach, *, accepts: AcceptedFiles
) -> None:
    """Rebuild and store a file that has come whole, and record it by `attach`; commits. Raises DomainError.

    The gate has checked the object before the body came; it is checked again here, because the file took its time.
    """
    received = documents.receive(file, original_name=name, actor=g.actor, accepts=accepts)
    kept = False
    try:
        begin_write()
        found = own_permohonan(g.actor, permohonan_id)
        if found is None:
            raise NotFound
        g.permohonan = found["permohonan"]
        is_new = attach(g.permohonan, received).storage_key == received.stored.key
        db.session.commit()
        kept = is_new
    finally:
        if not kept:
            db.session.rollback()
            documents.discard(received)


def reload_case(permohonan_id: str) -> None:
    """`g.permohonan` anew, after a refusal left it detached."""
    found = own_permohonan(g.actor, permohonan_id)
    if found is None:
        raise NotFound
    g.permohonan = found["permohonan"]
