"""Keep files sealed, in a folder or in an S3 bucket, behind one small facade over obstore.

A file is known by a random key; name, kind and owner are rows in the database, never in the storage.
Content is encrypted before it leaves this module, so the folder, the bucket and their backups show nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from lsp.gateways.sealing import (
    CHUNK,
    HEADER_BYTES,
    TAG,
    FileDamaged,
    FileKeys,
    FileStoreError,
    OneFile,
    seal,
    seal_pieces,
    unseal,
)

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig
__all__ = [
    "CHUNK", "FileDamaged", "FileKeys", "FileMissing", "FileStore", "FileStoreError", "S3Config", "StoreUnavailable",
    "StoredFile", "seal", "unseal",
]  # fmt: skip

#: What of a large file goes to the store at a time, and how many such pieces wait for it: together what it costs in
#: memory. A bucket takes 10,000 pieces, so a file may have 78 GiB.
_PIECE, _PIECES_WAITING = 8 * 2**20, 2
#: A half-written file of this age is a dead process's: no file takes a day.
_HALF_LIVES = 86_400
_KEY = re.compile(r"[0-9a-f]{32}")
#: Beside the files: whose they are. Not sealed, it says nothing.
_MARK_PATH = "installation-id"


class FileMissing(FileStoreError):
    """No file has this key, or the key has not the form of one."""


class StoreUnavailable(FileStoreError):
    """Folder or bucket did not answer as it should; the caller asks the person to try again."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    key: str
    size: int  # of the content, not of the sealed file
    sha256: str  # of the content, in hexadecimal


@dataclass(frozen=True, slots=True)
class S3Config:
    bucket: str
    region: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    endpoint: str | None = None  # None: the provider is AWS
    prefix: str = ""
    allow_http: bool = False  # only for tests against a server of their own


class Readable(Protocol):
    """What can be read from its beginning to its end."""

    def read(self, count: int, /) -> bytes: ...


class FileStore:
    """Put, open and delete sealed files. Safe to share between threads."""

    def __init__(
        self, keys: FileKeys, *, folder: Path | None = None, s3: S3Config | None = None
    ) -> None:
        self._keys = keys
        self._folder = folder
        self._s3 = s3
        self._opened: LocalStore | S3Store | None = None

    @classmethod
    def local(cls, folder: Path, keys: FileKeys) -> FileStore:
        return cls(keys, folder=folder)

    @classmethod
    def s3(cls, config: S3Config, keys: FileKeys) -> FileStore:
        """Nothing is contacted before the first use."""
        return cls(keys, s3=config)

    def put(self, content: bytes) -> StoredFile:
        """Seal and store `content` under a new key. On return it is on disk, or the bucket has it."""
        key = secrets.token_hex(16)
        sealed = b"".join(seal(content, key=key, keys=self._keys))
        path = _path(key)
        with _typed_errors(key):
            obstore.put(self._store, path, sealed, mode="create", use_multipart=False)
            if self._folder is not None:
                self._make_durable(self._folder, path)
        return StoredFile(key=key, size=len(content), sha256=hashlib.sha256(content).hexdigest())

    def put_stream(self, file: Readable) -> StoredFile:
        """As `put`, of a file of any size, which is never in memory as a whole."""
        key, digest, size = secrets.token_hex(16), hashlib.sha256(), 0

        def counted() -> Iterator[bytes]:
            nonlocal size
            while piece := file.read(CHUNK):
                digest.update(piece)
                size += len(piece)
                yield piece

        path = _path(key)
        with _typed_errors(key):
            obstore.put(
                self._store,
                path,
                seal_pieces(counted(), key=key, keys=self._keys),
                use_multipart=True,
                chunk_size=_PIECE,
                max_concurrency=_PIECES_WAITING,
            )
            if self._folder is not None:
                self._make_durable(self._folder, path)
        return StoredFile(key=key, size=size, sha256=digest.hexdigest())

    def open(self, key: str) -> bytes:
        """Return the whole content. Raises FileMissing, FileDamaged or StoreUnavailable."""
        return b"".join(self.chunks(key))

    def chunks(self, key: str) -> Iterator[bytes]:
        """Yield the content piece by piece, each piece checked.

        That the file is not cut short is known only at the end: a caller that sends the pieces on must
        break the connection on FileDamaged rather than finish the answer.
        """
        path = _path(key)
        with _typed_errors(key):
            parts = obstore.get(self._store, path).stream(min_chunk_size=CHUNK)
            yield from unseal((bytes(part) for part in parts), key=key, keys=self._keys)

    def part(self, key: str, *, size: int, start: int, end: int) -> Iterator[bytes]:
        """Yield the bytes from `start` up to `end` of a content of this size, each sealed chunk read and checked alone.

        Raises as `open`, also after the first pieces: the caller then breaks the connection.
        """
        path, last = _path(key), max(0, (size - 1) // CHUNK)
        with _typed_errors(key):
            header = bytes(obstore.get_range(self._store, path, start=0, end=HEADER_BYTES))
            sealed = OneFile(header, key=key, keys=self._keys)
            for index in range(start // CHUNK, (end - 1) // CHUNK + 1):
                begin = index * CHUNK
                yield self._chunk(path, sealed, index, final=index == last)[
                    max(0, start - begin) : end - begin
                ]

    def _chunk(self, path: str, sealed: OneFile, index: int, *, final: bool) -> bytes:
        """In a function of its own: who waits for a slow reader holds the piece he sends and nothing else."""
        at = HEADER_BYTES + index * (CHUNK + TAG)
        part = obstore.get_range(self._store, path, start=at, length=CHUNK + TAG)
        return sealed.opened(index, bytes(part), final=final)

    def sweep_halves(self) -> int:
        """Remove what a process that died left half written in the folder; how many. A bucket has rules for it."""
        if self._folder is None:
            return 0
        old = [
            each
            for each in self._folder.glob("??/*#*")
            if each.stat().st_mtime < time.time() - _HALF_LIVES
        ]
        for each in old:
            each.unlink(missing_ok=True)
        return len(old)

    def delete(self, key: str) -> None:
        """Remove the file; a key that is already gone is no error, so a sweep may be repeated."""
        path = _path(key)
        try:
            with _typed_errors(key):
                obstore.delete(self._store, path)
                if self._folder is not None:
                    _sync(self._folder / Path(path).parent)
        except FileMissing:
            return

    def exists(self, key: str) -> bool:
        path = _path(key)
        try:
            with _typed_errors(key):
                obstore.head(self._store, path)
        except FileMissing:
            return False
        return True

    def list_keys(self) -> Iterator[str]:
        """Yield the keys of all stored files; whatever else lies in the folder or bucket is passed over."""
        with _typed_errors("list"):
            for page in obstore.list(self._store):
                for entry in page:
                    key = entry["path"].rpartition("/")[2]
                    if _KEY.fullmatch(key) and entry["path"] == _path(key):
                        yield key

    def read_mark(self) -> str:
        """Which installation's files these are; empty before `write_mark`. Raises StoreUnavailable."""
        try:
            with _typed_errors(_MARK_PATH):
                return bytes(obstore.get(self._store, _MARK_PATH).bytes()).decode(
                    "ascii", "replace"
                )
        except FileMissing:
            return ""

    def write_mark(self, mark: str) -> None:
        """Raises StoreUnavailable, also when another start has written one meanwhile."""
        with _typed_errors(_MARK_PATH):
            obstore.put(self._store, _MARK_PATH, mark.encode(), mode="create", use_multipart=False)
            if self._folder is not None:
                self._make_durable(self._folder, _MARK_PATH)

    def _make_durable(self, folder: Path, path: str) -> None:
        # obstore writes a temporary file and links it to its name, but syncs neither (seen with strace, 0.12.1).
        # Synced here, before put() returns: what was acknowledged survives a power cut.
        file = folder / path
        try:
            _sync(file)
            _sync(file.parent)
            _sync(folder)
        except OSError:
            file.unlink(missing_ok=True)  # nobody will learn its key
            raise

    @property
    def _store(self) -> LocalStore | S3Store:
        if self._opened is None:
            self._opened = self._connect()
        return self._opened

    def _connect(self) -> LocalStore | S3Store:
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return LocalStore(self._folder)
        if self._s3 is None:
            raise ValueError("a file store needs a folder or a bucket")
        # A request of the portal waits for this, so give up well before the browser does.
        client: ClientConfig = {
            "connect_timeout": "3s",
            "timeout": "20s",
            "allow_http": self._s3.allow_http,
        }
        retry: RetryConfig = {
            "max_retries": 2,
            "retry_timeout": timedelta(seconds=25),
            "backoff": {
                "init_backoff": timedelta(milliseconds=200),
                "max_backoff": timedelta(seconds=2),
                "base": 2,
            },
        }
        return S3Store(
            self._s3.bucket,
            prefix=self._s3.prefix or None,
            endpoint=self._s3.endpoint,
            region=self._s3.region,
            access_key_id=self._s3.access_key_id,
            secret_access_key=self._s3.secret_access_key,
            virtual_hosted_style_request=False,
            client_options=client,
            retry_config=retry,
        )


def _path(key: str) -> str:
    """Where a key lies. Only 32 hexadecimal characters pass, so no key can lead elsewhere."""
    if not _KEY.fullmatch(key):
        raise FileMissing("not a storage key")
    return f"{key[:2]}/{key}"


@contextmanager
def _typed_errors(key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise FileMissing(f"{key} is not stored") from error
    except (BaseError, OSError) as error:
        # The library's text may quote addresses and headers over many lines: the first says enough.
        raise StoreUnavailable(
            f"{key}: {str(error).splitlines()[0] if str(error) else 'no answer'}"
        ) from error


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
