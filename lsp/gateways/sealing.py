"""How a file is sealed: a header, then chunks of 1 MiB, each encrypted and bound to its file, its key and its place.

Nothing is stored here (lsp/gateways/files.py), and no file has to be in memory as a whole.
"""

from __future__ import annotations

import io
import secrets
import struct
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import chain

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CHUNK = 2**20
TAG = 16
_MAGIC = b"LSPF"
_VERSION = 1
# magic, version, key id, salt of the file's own key, nonce prefix
_HEADER = struct.Struct(">4sBI16s7s")
HEADER_BYTES = _HEADER.size


class FileStoreError(Exception):
    """The storage could not do what was asked. The text is for the log."""


class FileDamaged(FileStoreError):
    """The stored bytes are not the ones we wrote under this key, or their encryption key is not configured."""


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


class OneFile:
    """What opens and seals the chunks of one file. Raises FileDamaged for a header that is none of ours."""

    def __init__(self, header: bytes, *, key: str, keys: FileKeys) -> None:
        if len(header) != _HEADER.size:
            raise FileDamaged(f"{key} is cut short")
        magic, version, number, salt, _ = _HEADER.unpack(header)
        if magic != _MAGIC or version != _VERSION:
            raise FileDamaged(f"{key} has no header of ours")
        if number not in keys:
            raise FileDamaged(f"{key} needs file key {number}, which is not configured")
        self._header, self._key = header, key
        # A key per file, so that nonces cannot meet those of another file however many there are.
        own = HKDF(SHA256(), length=32, salt=salt, info=b"lsp file v1").derive(keys[number])
        self._cipher = AESGCM(own)

    def sealed(self, index: int, chunk: bytes, *, final: bool) -> bytes:
        return self._cipher.encrypt(*self._place(index, chunk, final=final))

    def opened(self, index: int, chunk: bytes, *, final: bool) -> bytes:
        """Raises FileDamaged where it is not the chunk of this file, key and place."""
        try:
            return self._cipher.decrypt(*self._place(index, chunk, final=final))
        except (InvalidTag, ValueError) as error:
            raise FileDamaged(f"{self._key} is not what was stored (chunk {index})") from error

    def _place(self, index: int, chunk: bytes, *, final: bool) -> tuple[bytes, bytes, bytes]:
        """Nonce, chunk and associated data: a chunk opens only in its file, under its key, at its place."""
        position = struct.pack(">I?", index, final)
        return (
            self._header[-7:] + position,
            chunk,
            self._header + self._key.encode("ascii") + position,
        )


def seal(content: bytes, *, key: str, keys: FileKeys) -> Iterator[bytes]:
    """Yield header and encrypted chunks of 1 MiB. An empty content has one empty chunk."""
    pieces = iter(partial(io.BytesIO(content).read, CHUNK), b"")
    return seal_pieces(pieces, key=key, keys=keys)


def seal_pieces(pieces: Iterator[bytes], *, key: str, keys: FileKeys) -> Iterator[bytes]:
    """As `seal`, of a content that comes in pieces of 1 MiB, the last one shorter."""
    header = _HEADER.pack(
        _MAGIC, _VERSION, keys.newest, secrets.token_bytes(16), secrets.token_bytes(7)
    )
    file = OneFile(header, key=key, keys=keys)
    yield header
    index, chunk = 0, next(pieces, b"")
    for following in pieces:
        yield file.sealed(index, chunk, final=False)
        index, chunk = index + 1, following
    yield file.sealed(index, chunk, final=True)


def unseal(sealed: Iterable[bytes], *, key: str, keys: FileKeys) -> Iterator[bytes]:
    """Yield the content of what `seal` wrote under this very key. Raises FileDamaged for anything else."""
    parts = iter(sealed)
    waiting = bytearray()
    while len(waiting) < _HEADER.size:
        waiting += _next_part(parts, key)
    file = OneFile(bytes(waiting[: _HEADER.size]), key=key, keys=keys)
    del waiting[: _HEADER.size]
    index = 0
    for part in chain(parts, (b"",)):
        waiting += part
        while len(waiting) > CHUNK + TAG:  # more follows, so this chunk is not the last
            yield file.opened(index, bytes(waiting[: CHUNK + TAG]), final=False)
            del waiting[: CHUNK + TAG]
            index += 1
    yield file.opened(index, bytes(waiting), final=True)


def _next_part(parts: Iterator[bytes], key: str) -> bytes:
    try:
        return next(parts)
    except StopIteration:
        raise FileDamaged(f"{key} is cut short") from None
