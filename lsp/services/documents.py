"""Files of a case: rebuilt and sealed before the write transaction, recorded in it, opened only through a scope.

A file whose row never came (the process died in between) is swept by the worker; a row without a file never exists.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Any

from sqlalchemy import delete, func, select, update

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.gateways import storage
from lsp.gateways.child import ChildError
from lsp.gateways.files import FileStoreError, StoredFile
from lsp.gateways.rebuild import Rebuilt, UploadRefused, rebuild
from lsp.models import (
    AuditEvent,
    Document,
    DocumentRequirement,
    Elemen,
    FrApl02Answer,
    FrApl02Evidence,
    Permohonan,
    UnitKompetensi,
)
from lsp.models.inforce import setting
from lsp.services import audit, throttle
from lsp.services.throttle import HEAVY_UPLOAD_ACCOUNT, TooOften
from lsp.vocabulary import PHOTO_CODE, AcceptedFiles

OPENED, GLANCED = "document.open", "document.preview"

_TROUBLE = (
    "Berkas belum dapat disimpan karena gangguan di server. Berkas Anda yang lain tetap tersimpan. "
    "Coba unggah lagi beberapa menit lagi."
)
#: The short side of a pas foto, in pixels: 250 dpi in print.
PHOTO_SIDE = 300
#: Within it the same file in the same row is the same press, sent again after its answer was lost.
_REPEAT = timedelta(minutes=10)
#: Refusals that cost the CPU time of many good files.
#: A proof of payment that was declined may be the right one after all; a certificate may be proposed about twice.
_SENT_AGAIN = ("payment_proof", "certificate_answer")
_TOO_HEAVY = ("too_heavy", "pdf_too_heavy", "image_too_heavy")


class UploadNotKept(DomainError):
    """The upload was refused; the sentence says why and what to do.

    again: nothing speaks against the file itself, so the same may come in later.
    """

    def __init__(self, sentence: str, *, again: bool = False) -> None:
        super().__init__(sentence)
        self.again = again


@dataclass(frozen=True, slots=True)
class Received:
    """A file already rebuilt and sealed in the store, waiting for its row."""

    rebuilt: Rebuilt
    stored: StoredFile
    preview: StoredFile | None
    original_name: str


def receive(
    content: bytes | IO[bytes],
    *,
    original_name: str,
    actor: Actor,
    accepts: AcceptedFiles = AcceptedFiles.PICTURE_OR_PDF,
) -> Received:
    """Rebuild and store an upload. Slow; call it before the write transaction.

    accepts: what its row takes.
    Raises UploadNotKept, and TooOften for an account whose files were too heavy again and again: each held the
    one place for heavy work as long as it could.
    """
    throttle.refuse_past(HEAVY_UPLOAD_ACCOUNT, actor.public_id)
    db.session.remove()
    try:
        rebuilt = rebuild(content, lock_path=storage.heavy_lock())
    except UploadRefused as refusal:
        if refusal.code in _TOO_HEAVY:
            with suppress(TooOften):
                throttle.count_try((HEAVY_UPLOAD_ACCOUNT, actor.public_id))
        if refusal.code == "unknown_type":
            raise UploadNotKept(
                _wrong_kind("Jenis berkas ini tidak diterima", accepts)
            ) from refusal
        raise UploadNotKept(refusal.sentence, again=refusal.code == "busy") from refusal
    except (ChildError, OSError) as error:
        # Our own machinery or a full disk; the person's file is not to blame.
        raise UploadNotKept(_TROUBLE, again=True) from error
    if not accepts.takes(rebuilt.content_type):
        kind = "PDF" if rebuilt.content_type == "application/pdf" else "Foto"
        raise UploadNotKept(_wrong_kind(f"{kind} tidak dapat dipakai untuk dokumen ini", accepts))
    try:
        stored = storage.store().put(rebuilt.content)
        preview = storage.store().put(rebuilt.preview) if rebuilt.preview else None
    except FileStoreError as error:
        raise UploadNotKept(_TROUBLE, again=True) from error
    return Received(rebuilt, stored, preview, clean_name(original_name))


def _wrong_kind(what: str, accepts: AcceptedFiles) -> str:
    return f"{what}. Berkas Anda yang lain tetap tersimpan. Unggah {accepts.label}."


def clean_name(name: str) -> str:
    """The name the person gave, for the screen only: one line, no path, at most 120 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(letter for letter in last if letter.isprintable()).strip()
    return kept[:120] or "berkas"


def attach(
    actor: Actor,
    permohonan: Permohonan,
    received: Received,
    *,
    requirement: DocumentRequirement | None,
    purpose: str,
    label: str,
) -> Document:
    """Record a received file. A row for one file replaces it; a row for several must have a place left.

    The same file into the same row within minutes is a repeat, whose answer was lost: the document that stands is
    returned, and the caller discards what it received.
    Raises UploadNotKept for a full row, past the quota of the case, and for a pas foto that is none.
    """
    if requirement is not None and requirement.code == PHOTO_CODE:
        _check_photo(received)
    check_quota(permohonan, received.stored.size)
    if requirement is None or requirement.max_count > 1:
        if purpose not in _SENT_AGAIN:
            _check_not_there(permohonan, received, requirement, purpose)
    elif (standing := _sent_just_now(permohonan, received, requirement)) is not None:
        return standing
    replaced = _make_room(permohonan, requirement) if requirement is not None else []
    document = _document(
        received,
        permohonan_id=permohonan.id,
        requirement_id=requirement.id if requirement is not None else None,
        purpose=purpose,
        label=label[:160],
        uploaded_by_id=actor.id,
    )
    db.session.add(document)
    db.session.flush()
    _name_instead(document, replaced)
    audit.note(
        actor, "document.attach", "document", document.public_id, permohonan=permohonan.public_id, purpose=purpose,
        sha256=document.sha256,
    )  # fmt: skip
    return document


def _document(received: Received, **columns: Any) -> Document:
    """The row of a file. columns: whose it is and what for."""
    return Document(
        original_name=received.original_name,
        content_type=received.rebuilt.content_type,
        size=received.stored.size,
        pages=received.rebuilt.pages,
        sha256=received.rebuilt.sha256,
        storage_key=received.stored.key,
        preview_key=received.preview.key if received.preview else None,
        **columns,
    )


def _name_instead(document: Document, replaced: list[Document]) -> None:
    """What FR.APL.02 named as evidence is now the new file; the old one is history."""
    for old in replaced:
        db.session.execute(
            update(FrApl02Evidence)
            .where(FrApl02Evidence.document_id == old.id)
            .values(document_id=document.id)
        )


def _check_photo(received: Received) -> None:
    """The pas foto is printed on the certificate, 3 × 4 cm: pixels enough to know a face by."""
    rebuilt = received.rebuilt
    if min(rebuilt.width or 0, rebuilt.height or 0) < PHOTO_SIDE:
        raise UploadNotKept(
            f"Pas foto ini terlalu kecil ({rebuilt.width} × {rebuilt.height} titik). Berkas Anda yang lain tetap "
            f"tersimpan. Unggah foto dengan sisi pendek paling sedikit {PHOTO_SIDE} titik."
        )


def discard(received: Received) -> None:
    """Take a received file out of the store again, when its row was refused."""
    for stored in (received.stored, received.preview):
        if stored is not None:
            with suppress(FileStoreError):  # the worker sweeps what stays behind
                storage.store().delete(stored.key)


def remove(actor: Actor, document: Document) -> None:
    """The asesi takes a file back while he may still edit; the row stays as history, but proves nothing more."""
    document.replaced_at = clock.now()
    db.session.execute(delete(FrApl02Evidence).where(FrApl02Evidence.document_id == document.id))
    audit.note(actor, "document.remove", "document", document.public_id)
    db.session.flush()


def named_by(document: Document) -> list[tuple[int, str]]:
    """Answers of FR.APL.02 that name this file as evidence: (answer id, `Unit 2, elemen 1: words`)."""
    rows = db.session.execute(
        select(FrApl02Answer.id, UnitKompetensi.position, Elemen.number, Elemen.title)
        .join(FrApl02Evidence, FrApl02Evidence.answer_id == FrApl02Answer.id)
        .join(Elemen, Elemen.id == FrApl02Answer.elemen_id)
        .join(UnitKompetensi, UnitKompetensi.id == Elemen.unit_id)
        .where(FrApl02Evidence.document_id == document.id)
        .order_by(UnitKompetensi.position, Elemen.position)
    )
    return [
        (answer, f"Unit {unit}, elemen {number}: {title}") for answer, unit, number, title in rows
    ]


def restore(
    actor: Actor, permohonan: Permohonan, document: Document, *, answer_ids: Iterable[int]
) -> None:
    """Take a removal back: the file stands again, and the answers of this case named here name it again.

    Raises UploadNotKept when it stands already, when its row is full, or when another file took its place.
    """
    requirement = document.requirement
    if document.replaced_at is None:
        raise UploadNotKept("Berkas ini sudah ada lagi.")
    if requirement is not None and requirement.max_count == 1:
        raise UploadNotKept("Berkas ini sudah diganti. Unggah lagi bila masih diperlukan.")
    if requirement is not None:
        _make_room(permohonan, requirement)
    document.replaced_at = None
    own = db.session.scalars(
        select(FrApl02Answer.id).where(
            FrApl02Answer.permohonan_id == permohonan.id, FrApl02Answer.id.in_(list(answer_ids))
        )
    )
    db.session.add_all(
        FrApl02Evidence(answer_id=answer, document_id=document.id) for answer in own.all()
    )
    audit.note(actor, "document.restore", "document", document.public_id)
    db.session.flush()


def _make_room(permohonan: Permohonan, requirement: DocumentRequirement) -> list[Document]:
    """Retire the file of a row that holds one; what was retired."""
    standing = db.session.scalars(
        select(Document)
        .where(
            Document.permohonan_id == permohonan.id,
            Document.requirement_id == requirement.id,
            Document.replaced_at.is_(None),
        )
        .order_by(Document.id)
    ).all()
    if len(standing) < requirement.max_count:
        return []
    if requirement.max_count > 1:
        raise UploadNotKept(
            f"{requirement.label} paling banyak {requirement.max_count} berkas. "
            "Hapus salah satu dulu, lalu unggah lagi."
        )
    for old in standing:
        old.replaced_at = clock.now()
    return list(standing)


def _sent_just_now(
    permohonan: Permohonan, received: Received, requirement: DocumentRequirement
) -> Document | None:
    return db.session.scalar(
        select(Document).where(
            Document.permohonan_id == permohonan.id,
            Document.requirement_id == requirement.id,
            Document.sha256 == received.rebuilt.sha256,
            Document.replaced_at.is_(None),
            Document.created_at > clock.now() - _REPEAT,
        )
    )


def _check_not_there(
    permohonan: Permohonan,
    received: Received,
    requirement: DocumentRequirement | None,
    purpose: str,
) -> None:
    """The same file sent twice into the same list stands there once."""
    same = db.session.scalar(
        select(Document.id).where(
            Document.permohonan_id == permohonan.id,
            Document.purpose == purpose,
            Document.requirement_id == (requirement.id if requirement is not None else None),
            Document.sha256 == received.rebuilt.sha256,
            Document.replaced_at.is_(None),
        )
    )
    if same is not None:
        raise UploadNotKept("Berkas yang sama sudah ada di sini, jadi tidak disimpan dua kali.")


def check_quota(permohonan: Permohonan, more: int) -> None:
    """Raises UploadNotKept when so many bytes more do not fit into the room of the case."""
    used = db.session.scalar(
        select(func.coalesce(func.sum(Document.size), 0)).where(
            Document.permohonan_id == permohonan.id
        )
    )
    quota = int(setting("quota_mb_per_permohonan")) * 1_000_000
    if int(used or 0) + more > quota:
        raise UploadNotKept(
            f"Ruang berkas permohonan ini ({quota // 1_000_000} MB) sudah penuh. Berkas yang lain tetap tersimpan. "
            "Hubungi admin LSP."
        )


def note_opening(actor: Actor, document_id: str) -> None:
    """Seal that somebody of the LSP opened a person's file. The caller commits."""
    audit.note(actor, OPENED, "document", document_id)


def note_glance(actor: Actor, document_id: str) -> None:
    """As `note_opening`, for the preview: letters of a KTP are legible there too. The caller commits."""
    audit.note(actor, GLANCED, "document", document_id)


def has_glanced_today(actor: Actor, document_id: str) -> bool:
    """Whether this reader's look at the preview stands in the chain for today (WIB): lists show it again and again."""
    midnight = clock.day_begins(clock.today_wib())
    return (
        db.session.scalar(
            select(AuditEvent.seq)
            .where(
                AuditEvent.object_id == document_id,
                AuditEvent.actor_id == actor.id,
                AuditEvent.action == GLANCED,
                AuditEvent.at >= midnight,
            )
            .limit(1)
        )
        is not None
    )
