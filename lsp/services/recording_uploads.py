"""Recordings on their way in pieces, of any size the disk takes: begun, counted, stored by the worker, forgotten.

As lsp/services/uploads.py, but a recording is never in memory or in a temporary file as a whole, and what takes minutes
(sealing some gigabytes, sending them to a bucket) is no request's business.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import delete, func, select

from lsp import clock
from lsp.actor import Actor
from lsp.database import db, write_transaction
from lsp.errors import DomainError
from lsp.gateways import storage
from lsp.gateways.files import FileStoreError, StoredFile
from lsp.gateways.parts import Part, PartBusy, new_key
from lsp.models import Booking, RecordingUpload, User
from lsp.models.inforce import setting
from lsp.models.queue import add
from lsp.services import recording_consent, recordings
from lsp.services.documents import clean_name
from lsp.services.recording_kinds import HEAD, WORDS, content_type_of
from lsp.vocabulary import Channel, RecordingKind, Role

LIVES = timedelta(days=7)
#: An upload that has not moved for so long may go on, but holds no room that others could use.
COUNTS_FOR = timedelta(hours=6)
#: Of one person at a time.
UNFINISHED_EACH = 6
JOB = "store_recording"
NO_RECORDING = f"Berkas ini bukan rekaman video atau suara yang dikenal. Rekaman lain tetap tersimpan. Unggah {WORDS}."


class NoRoom(DomainError):
    """The disk would fall under its reserve."""


class NotWhole(Exception):
    """The bytes that came are no longer there, or not all of them; the sender goes on or begins anew."""


def begin(
    actor: Actor,
    booking: Booking,
    *,
    kind: RecordingKind,
    length: int,
    name: str,
    said: str,
    until_withdrawn: bool = False,
) -> RecordingUpload:
    """Announce a recording. Raises DomainError where it could not be kept anyway."""
    recordings.refuse_stranger(actor, booking)
    recordings.refuse_unwanted(booking, until_withdrawn=until_withdrawn)
    if not length:
        raise DomainError("Berkas ini kosong. Pilih rekaman yang lain.")
    unfinished = select(func.count(RecordingUpload.id)).where(
        RecordingUpload.user_id == actor.id, RecordingUpload.recording_id.is_(None)
    )
    if (db.session.scalar(unfinished) or 0) >= UNFINISHED_EACH:
        raise DomainError(
            f"Masih ada {UNFINISHED_EACH} rekaman Anda yang belum selesai dikirim. Selesaikan atau batalkan dulu salah "
            "satunya."
        )
    check_room(length)
    upload = RecordingUpload(
        user_id=actor.id,
        booking_id=booking.id,
        kind=kind,
        length=length,
        original_name=clean_name(name),
        said=said,
        part_key=new_key(),
        expires_at=clock.now() + LIVES,
    )
    db.session.add(upload)
    db.session.flush()
    return upload


def check_room(length: int) -> None:
    """Raises NoRoom when so many bytes, beside those announced before, would leave less than the reserve."""
    reserve = int(setting("recording_disk_reserve_mb")) * 1_000_000
    copies, coming = storage.disk_copies(), 0
    for upload in db.session.scalars(
        select(RecordingUpload).where(RecordingUpload.recording_id.is_(None))
    ):
        come = storage.recording_parts().length(upload.public_id)
        coming += (come if _stands_still(upload) else upload.length) * copies - come
    if storage.room() - coming - length * copies < reserve:
        raise NoRoom(
            "Ruang penyimpanan server tidak cukup untuk rekaman ini. Yang sudah tersimpan tetap aman. Simpan rekaman "
            "di arsip LSP dan catat tautannya di sini, atau minta admin menambah ruang."
        )


def _stands_still(upload: RecordingUpload) -> bool:
    """Whether nothing of it has come for so long that what was announced holds no room any more."""
    if upload.whole_at is not None:
        return False
    moved = storage.recording_parts().moved_at(upload.public_id) or upload.created_at
    return moved < clock.now() - COUNTS_FOR


def offset_of(upload: RecordingUpload) -> int:
    """How much of it counts as having come; the last byte once that was written down."""
    if upload.whole_at is not None:
        return upload.length
    return min(storage.recording_parts().length(upload.public_id), upload.length - 1)


def refuse_other_kinds(part: Part, *, length: int) -> None:
    """Raises DomainError as soon as the first bytes tell that this is no recording, or there will be no more."""
    if part.length >= min(HEAD, length) and not content_type_of(part.stream().read(HEAD)):
        raise DomainError(NO_RECORDING)


def note_whole(upload_id: int) -> None:
    """Its last byte has come: the worker stores it. Raises DomainError without consent. The caller commits."""
    upload = db.session.scalar(
        select(RecordingUpload).where(RecordingUpload.id == upload_id).with_for_update()
    )
    if upload is None:
        raise NotWhole
    recordings.refuse_unwanted(upload.booking, until_withdrawn=_until_withdrawn(upload))
    if upload.whole_at is None:
        upload.whole_at = clock.now()
        add(
            Channel.JOB,
            JOB,
            dedupe=f"{JOB}:{upload.public_id}",
            payload={"upload": upload.public_id},
            permohonan_id=upload.booking.permohonan_id,
        )


def _until_withdrawn(upload: RecordingUpload) -> bool:
    """Whether its sender said so: what was begun after the withdrawal was taken on that word alone."""
    taken_back = recording_consent.withdrawn_at(upload.booking)
    return taken_back is not None and taken_back <= upload.created_at


def take_in(public_id: str) -> None:
    """Seal what has come into the store and record it; harmless when repeated. Raises PartBusy, FileStoreError."""
    upload = _upload(public_id)
    db.session.remove()
    if upload is None or upload.recording_id is not None:
        return
    with storage.recording_parts().held(public_id, upload.part_key) as part:
        if part.length != upload.length:
            raise NotWhole
        content_type = content_type_of(part.stream().read(HEAD))
        if content_type:
            _record(public_id, storage.store().put_stream(part.stream()), content_type)
        else:
            forget_row(public_id)
        part.remove()


def _record(public_id: str, stored: StoredFile, content_type: str) -> None:
    kept = False
    try:
        with write_transaction():
            upload = _upload(public_id)
            if upload is None or upload.recording_id is not None:
                return
            owner = db.session.get_one(User, upload.user_id)
            row = recordings.add_file(
                Actor(id=owner.id, name=owner.name, roles=frozenset({Role.ASESOR})),
                upload.booking,
                stored,
                kind=upload.kind,
                name=upload.original_name,
                content_type=content_type,
                until_withdrawn=_until_withdrawn(upload),
            )
            upload.recording_id = row.id
        kept = True
    finally:
        if not kept:
            with suppress(FileStoreError):  # the worker sweeps what stays behind
                storage.store().delete(stored.key)


def _upload(public_id: str) -> RecordingUpload | None:
    return db.session.scalar(
        select(RecordingUpload).where(RecordingUpload.public_id == public_id).with_for_update()
    )


def forget_row(public_id: str) -> None:
    with write_transaction():
        db.session.execute(delete(RecordingUpload).where(RecordingUpload.public_id == public_id))


def forget(public_id: str) -> None:
    """Let go of an upload that was refused or called off; its bytes too, unless somebody holds them."""
    forget_row(public_id)
    storage.recording_parts().remove(public_id)


def unfinished(booking_ids: Iterable[int]) -> dict[int, list[RecordingUpload]]:
    """What is on its way, by meeting, oldest first."""
    found: dict[int, list[RecordingUpload]] = {}
    for row in db.session.scalars(
        select(RecordingUpload)
        .where(
            RecordingUpload.booking_id.in_(list(booking_ids)),
            RecordingUpload.recording_id.is_(None),
            RecordingUpload.expires_at > clock.now(),
        )
        .order_by(RecordingUpload.id)
    ):
        found.setdefault(row.booking_id, []).append(row)
    return found


def sweep() -> list[str]:
    """Forget what never came whole in its time, and remove part files of which nobody waits for more; returns those."""
    with write_transaction():
        db.session.execute(
            delete(RecordingUpload).where(
                RecordingUpload.expires_at < clock.now(), RecordingUpload.whole_at.is_(None)
            )
        )
    found = (
        storage.recording_parts().names()
    )  # before the rows are read: a row is there before its file
    waiting = set(
        db.session.scalars(
            select(RecordingUpload.public_id).where(RecordingUpload.recording_id.is_(None))
        )
    )
    db.session.remove()
    return [
        name for name in found if name not in waiting and storage.recording_parts().remove(name)
    ]


__all__ = [
    "JOB", "NO_RECORDING", "NoRoom", "NotWhole", "PartBusy", "begin", "check_room", "forget", "note_whole",
    "offset_of", "refuse_other_kinds", "sweep", "take_in", "unfinished",
]  # fmt: skip
