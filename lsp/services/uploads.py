"""Uploads in pieces: begun, counted, taken in once, forgotten. Their bytes lie in lsp/gateways/parts.py.

The last byte of a file counts only when its document stands. Whoever lost the answer, or met a server that died in
between, is therefore asked for that byte again, and sending it takes the file in.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, func, select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db, write_transaction
from lsp.gateways import parts, storage
from lsp.gateways.rebuild import sentence
from lsp.models import DocumentRequirement, Permohonan, Upload
from lsp.services import documents
from lsp.services.documents import UploadNotKept

MAX_BYTES = 10_000_000
LIVES = timedelta(hours=24)
#: Of one person at a time; the oldest makes room for the next.
UNFINISHED_EACH = 12
#: Of everybody together, as announced: a disk of a small dyno must not fill up with them.
UNFINISHED_BYTES = 2_000_000_000

_NO_ROOM = (
    "Terlalu banyak berkas sedang dikirim oleh banyak orang. Berkas Anda yang lain tetap tersimpan. "
    "Tunggu beberapa menit, lalu coba lagi."
)


class TooLarge(UploadNotKept):
    """Larger than any file may be."""


def begin(
    actor: Actor,
    permohonan: Permohonan,
    *,
    requirement: DocumentRequirement | None,
    purpose: str,
    length: int,
    said: str,
) -> Upload:
    """Announce a file. Flushes. Raises UploadNotKept where it could not come in anyway."""
    if not length:
        raise UploadNotKept(sentence("empty"))
    if length > MAX_BYTES:
        raise TooLarge(sentence("too_large"))
    _make_room(actor, permohonan, length)
    upload = Upload(
        user_id=actor.id,
        permohonan_id=permohonan.id,
        requirement_id=requirement.id if requirement is not None else None,
        purpose=purpose,
        length=length,
        said=said,
        part_key=parts.new_key(),
        expires_at=clock.now() + LIVES,
    )
    db.session.add(upload)
    db.session.flush()
    return upload


def _make_room(actor: Actor, permohonan: Permohonan, length: int) -> None:
    unfinished = Upload.document_id.is_(None)
    if _announced(unfinished) + length > UNFINISHED_BYTES:
        raise UploadNotKept(_NO_ROOM, again=True)
    documents.check_quota(
        permohonan, _announced(unfinished, Upload.permohonan_id == permohonan.id) + length
    )
    own = select(Upload.id).where(Upload.user_id == actor.id, unfinished).order_by(Upload.id.desc())
    too_old = db.session.scalars(own.offset(UNFINISHED_EACH - 1)).all()
    db.session.execute(delete(Upload).where(Upload.id.in_(too_old)))


def _announced(*conditions: ColumnElement[bool]) -> int:
    total = select(func.coalesce(func.sum(Upload.length), 0)).where(*conditions)
    return int(db.session.scalar(total) or 0)


def offset_of(upload: Upload) -> int:
    """How much of it counts as having come."""
    if upload.document_id is not None:
        return upload.length
    return min(storage.parts().length(upload.public_id), upload.length - 1)


def forget(public_id: str) -> None:
    """Let go of an upload that was refused for good; its part file too, unless somebody holds it."""
    with write_transaction():
        db.session.execute(delete(Upload).where(Upload.public_id == public_id))
    storage.parts().remove(public_id)


def sweep() -> list[str]:
    """Forget uploads whose time is over, and remove part files of which nobody waits for more; returns those."""
    with write_transaction():
        db.session.execute(delete(Upload).where(Upload.expires_at < clock.now()))
    found = storage.parts().names()  # before the rows are read: a row is there before its file
    waiting = set(db.session.scalars(select(Upload.public_id).where(Upload.document_id.is_(None))))
    db.session.remove()
    return [name for name in found if name not in waiting and storage.parts().remove(name)]
