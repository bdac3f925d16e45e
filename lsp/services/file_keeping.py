"""Files and database belong together: a mark in both says so, and only then are files that nobody names removed.

An empty or foreign database names no file at all; without the mark the sweep would take that for leave to delete
every one.
"""

from __future__ import annotations

import json
import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from lsp import clock, logs
from lsp.database import db
from lsp.errors import DomainError
from lsp.gateways import storage
from lsp.models import (
    Certificate,
    CertificatePicture,
    Document,
    KeyCheck,
    ListExport,
    MeetingRecording,
    OfficialCertificate,
    PlenoEvidence,
    Signature,
)

#: How long a file must have been nobody's: longer than any request, and than it takes to notice a wrong database.
ORPHAN_DAYS = 3
#: More orphans than this, and more than this share of all files, are no leftovers but a sign of a wrong database.
ORPHANS_AT_MOST, ORPHAN_SHARE = 20, 0.02
_MARK = ("store", 1)


class NotTogether(DomainError):
    """The file store is not the one this database was written with."""


def check_store() -> None:
    """Compare the mark in the store with the one in the database; give both one where nothing stands yet.

    The caller commits. Raises NotTogether, and StoreUnavailable when the store does not answer.
    """
    row, there = db.session.get(KeyCheck, _MARK), storage.store().read_mark()
    here = row.fingerprint if row is not None else ""
    if here and here == there:
        return
    if (here and there) or not _may_be_joined(marked=bool(here or there)):
        raise NotTogether(
            "Berkas yang tersimpan bukan milik basis data ini. Portal tidak dijalankan supaya tidak ada berkas yang "
            "terhapus. Arahkan LSP_DATA, DATABASE_URL, dan FILES_URL ke pemasangan yang sama, atau kembalikan cadangan "
            "basis data dan berkas dari hari yang sama."
        )
    mark = here or there or secrets.token_hex(16)
    if not there:
        storage.store().write_mark(mark)
    if row is None:
        db.session.add(KeyCheck(purpose=_MARK[0], key_id=_MARK[1], fingerprint=mark))
        db.session.flush()


def _may_be_joined(*, marked: bool) -> bool:
    """Whether nothing speaks against it: no files on either side, or (before marks were) files that are named here."""
    stored, named = set(storage.store().list_keys()), _named_keys()
    return not (stored or named) or (not marked and bool(stored & named))


def belong_together() -> bool:
    row = db.session.get(KeyCheck, _MARK)
    return row is not None and row.fingerprint == storage.store().read_mark()


def sweep_orphan_files() -> list[str]:
    """Delete stored files that no row has named for days; returns those deleted.

    Nothing is deleted where the marks differ, or where so much is orphaned that the database must be the wrong
    one. When a file was first seen to be nobody's is kept in a note: a bucket does not tell a file's age alike
    everywhere.
    """
    if not belong_together():
        logs.logger().error("files.not_together")
        return []
    storage.store().sweep_halves()
    stored = list(storage.store().list_keys())
    named = _named_keys()
    db.session.rollback()
    orphans = [key for key in stored if key not in named]
    notes = storage.heavy_lock().with_name("orphans.json")
    if len(orphans) > max(ORPHANS_AT_MOST, len(stored) * ORPHAN_SHARE):
        logs.logger().error("files.too_many_orphans", orphans=len(orphans), stored=len(stored))
        return []
    now, before = clock.now(), _read_notes(notes)
    since = {key: before.get(key, now) for key in orphans}
    gone = [key for key in orphans if now - since[key] >= timedelta(days=ORPHAN_DAYS)]
    for key in gone:
        storage.store().delete(key)
    _write_notes(notes, {key: moment for key, moment in since.items() if key not in gone})
    return gone


def _named_keys() -> set[str]:
    columns = (
        Document.storage_key,
        Document.preview_key,
        MeetingRecording.storage_key,
        Certificate.pdf_key,
        CertificatePicture.storage_key,
        OfficialCertificate.storage_key,
        ListExport.storage_key,
        Signature.drawing_key,
        PlenoEvidence.storage_key,
    )
    return {key for column in columns for key in db.session.scalars(select(column)) if key}


def _read_notes(path: Path) -> dict[str, datetime]:
    """When each was first seen. What cannot be read begins anew: a file waits longer, none goes too early."""
    try:
        return {
            key: datetime.fromisoformat(moment)
            for key, moment in json.loads(path.read_text()).items()
        }
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _write_notes(path: Path, since: dict[str, datetime]) -> None:
    half = path.with_suffix(".half")
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump({key: moment.isoformat() for key, moment in since.items()}, file)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
