"""Keep files sealed, in a folder or in an S3 bucket, behind one small facade over obstore.

A file is known by a random key; name, kind and owner are rows in the database, never in the storage.
Content is encrypted before it leaves this module, so the folder, the bucket and their backups show nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import struct
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

CHUNK = 2**20
_TAG = 16
_MAGIC = b"LSPF"
_VERSION = 1
# magic, version, key id, salt of the file's own key, nonce prefix
_HEADER = struct.Struct(">4sBI16s7s")
_KEY = re.compile(r"[0-9a-f]{32}")
#: Beside the files: whose they are. Not sealed, it says nothing.
_MARK_PATH = "installation-id"


class FileStoreError(Exception):
    """The storage could not do what was asked. The text is for the log."""


class FileMissing(FileStoreError):
    """No file has this key, or the key has not the form of one."""


class FileDamaged(FileStoreError):
    """The stored bytes are not the ones we wrote under this key, or their encryption key is not configured."""


class StoreUnavailable(FileStoreError):
    """Folder or bucket did not answer as it should; the caller asks the person to try again."""


class FileKeys:
    """Encryption keys by number. The newest (highest number) seals; all of them open."""

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        if not keys:
            raise ValueError("at least one file key is needed")
        for number, key in keys.items():
            if not 0 < number < 2**32 or len(key) != 32:
                raise ValueError(f"file key {number} must have 32 bytes and a number from 1")
        self._keys = dict(keys)
        self.newest = max(self._keys)

    def __getitem__(self, number: int) -> bytes:
        return self._keys[number]

    def __contains__(self, number: int) -> bool:
        return number in self._keys

    def __repr__(self) -> str:  # never the keys: a repr ends up in logs
        return f"FileKeys({sorted(self._keys)})"


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


def seal(content: bytes, *, key: str, keys: FileKeys) -> Iterator[bytes]:
    """Yield header and encrypted chunks of 1 MiB. An empty content has one empty chunk."""
    header = _HEADER.pack(
        _MAGIC, _VERSION, keys.newest, secrets.token_bytes(16), secrets.token_bytes(7)
    )
    cipher = _cipher(header, keys[keys.newest])
    yield header
    last = max(0, (len(content) - 1) // CHUNK)
    for index in range(last + 1):
        chunk = content[index * CHUNK : (index + 1) * CHUNK]
        yield cipher.encrypt(*_place(header, key, index, final=index == last, chunk=chunk))


def unseal(sealed: Iterable[bytes], *, key: str, keys: FileKeys) -> Iterator[bytes]:
    """Yield the content of what `seal` wrote under this very key. Raises FileDamaged for anything else."""
    parts = iter(sealed)
    waiting = bytearray()
    while len(waiting) < _HEADER.size:
        waiting += _next_part(parts, key)
    header = bytes(waiting[: _HEADER.size])
    del waiting[: _HEADER.size]
    magic, version, number, _, _ = _HEADER.unpack(header)
    if magic != _MAGIC or version != _VERSION:
        raise FileDamaged(f"{key} has no header of ours")
    if number not in keys:
        raise FileDamaged(f"{key} needs file key {number}, which is not configured")
    cipher = _cipher(header, keys[number])
    index = 0
    for part in parts:
        waiting += part
        while len(waiting) > CHUNK + _TAG:  # more follows, so this chunk is not the last
            yield _opened(cipher, header, key, index, bytes(waiting[: CHUNK + _TAG]), final=False)
            del waiting[: CHUNK + _TAG]
            index += 1
    while len(waiting) > CHUNK + _TAG:
        yield _opened(cipher, header, key, index, bytes(waiting[: CHUNK + _TAG]), final=False)
        del waiting[: CHUNK + _TAG]
        index += 1
    yield _opened(cipher, header, key, index, bytes(waiting), final=True)


def _next_part(parts: Iterator[bytes], key: str) -> bytes:
    try:
        return next(parts)
    except StopIteration:
        raise FileDamaged(f"{key} is cut short") from None


def _cipher(header: bytes, master: bytes) -> AESGCM:
    # A key per file, so that nonces cannot meet those of another file however many there are.
    salt = _HEADER.unpack(header)[3]
    return AESGCM(HKDF(SHA256(), length=32, salt=salt, info=b"lsp file v1").derive(master))


def _opened(
    cipher: AESGCM, header: bytes, key: str, index: int, chunk: bytes, *, final: bool
) -> bytes:
    try:
        return cipher.decrypt(*_place(header, key, index, final=final, chunk=chunk))
    except (InvalidTag, ValueError) as error:
        raise FileDamaged(f"{key} is not what was stored (chunk {index})") from error


def _place(
    header: bytes, key: str, index: int, *, final: bool, chunk: bytes
) -> tuple[bytes, bytes, bytes]:
    """Nonce, chunk and associated data: a chunk opens only in its file, under its key, at its place."""
    position = struct.pack(">I?", index, final)
    return header[-7:] + position, chunk, header + key.encode("ascii") + position


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
