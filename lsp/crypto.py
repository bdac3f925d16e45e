"""Encryption of personal data: one versioned key per purpose, the key id on each ciphertext.

The only module that touches primitives for database columns (files have their own format in gateways/files.py).
Losing a key loses the data: the start checks each key against the database and stops with a clear sentence.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PURPOSES = ("personal", "index", "files")
_NONCE = 12
_FORMAT = b"\x01"


class KeyProblem(Exception):
    """A key is missing, malformed or not the one the data was written with. The text is for the operator."""


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys of one purpose: key id (1..255) to 32 bytes; the highest id writes."""

    purpose: str
    keys: dict[int, bytes]

    @property
    def newest(self) -> int:
        return max(self.keys)

    @classmethod
    def parse(cls, purpose: str, text: str) -> KeySet:
        """Read `1:base64,2:base64` (a bare base64 value counts as key 1).

        Raises KeyProblem when a part is not 32 bytes of base64 or an id repeats.
        """
        keys: dict[int, bytes] = {}
        for part in filter(None, (piece.strip() for piece in text.split(","))):
            number, _, encoded = part.rpartition(":")
            try:
                key_id, raw = int(number or "1"), base64.b64decode(encoded, validate=True)
            except ValueError as error:
                raise KeyProblem(f"key '{purpose}' is not written as id:base64") from error
            if len(raw) != 32 or not 1 <= key_id <= 255 or key_id in keys:
                raise KeyProblem(f"key '{purpose}' needs 32 bytes and a distinct id from 1 to 255")
            keys[key_id] = raw
        if not keys:
            raise KeyProblem(f"key '{purpose}' is empty")
        return cls(purpose, keys)


class Keyring:
    """All key sets of an installation."""

    def __init__(self, sets: dict[str, KeySet]) -> None:
        missing = [purpose for purpose in PURPOSES if purpose not in sets]
        if missing:
            raise KeyProblem("missing keys: " + ", ".join(missing))
        values = [key for purpose in PURPOSES for key in sets[purpose].keys.values()]
        if len(set(values)) != len(values):
            raise KeyProblem("two purposes share one key; each needs its own")
        self._sets = sets

    def files(self) -> dict[int, bytes]:
        return dict(self._sets["files"].keys)

    def encrypt(self, plain: str, *, context: str) -> bytes:
        """Encrypt text with AES-256-GCM; `context` (table.column) is bound to it, so it cannot change columns."""
        keys = self._sets["personal"]
        nonce = os.urandom(_NONCE)
        sealed = AESGCM(keys.keys[keys.newest]).encrypt(nonce, plain.encode(), context.encode())
        return _FORMAT + bytes([keys.newest]) + nonce + sealed

    def decrypt(self, sealed: bytes, *, context: str) -> str:
        """Undo `encrypt`. Raises KeyProblem for an unknown key id, a wrong key or a changed ciphertext."""
        if sealed[:1] != _FORMAT or sealed[1] not in self._sets["personal"].keys:
            raise KeyProblem(f"no key for a value of {context}")
        try:
            opened = AESGCM(self._sets["personal"].keys[sealed[1]]).decrypt(
                sealed[2 : 2 + _NONCE], sealed[2 + _NONCE :], context.encode()
            )
        except InvalidTag as error:
            raise KeyProblem(
                f"a value of {context} cannot be opened with the present key"
            ) from error
        return opened.decode()

    def blind_index(self, value: str, *, context: str) -> str:
        """Keyed digest for exact search (hex, 64). The NIK space is small, so never a plain or salted hash."""
        keys = self._sets["index"]
        return hmac.new(
            keys.keys[keys.newest], f"{context}\0{value}".encode(), hashlib.sha256
        ).hexdigest()

    def fingerprint(self, purpose: str, key_id: int) -> str:
        """A value that tells whether a key is the one the database knows, without telling the key."""
        return hmac.new(
            self._sets[purpose].keys[key_id], b"lsp key check", hashlib.sha256
        ).hexdigest()

    def key_ids(self) -> list[tuple[str, int]]:
        return [
            (purpose, key_id) for purpose in PURPOSES for key_id in sorted(self._sets[purpose].keys)
        ]


def read_or_make_key_file(path: Path) -> dict[str, str]:
    """Development keys: read `path`, or make it with mode 0600. Keys: personal, index, files, secret_key.

    Raises KeyProblem for a file that cannot be read, and for one that is lost beside data: new keys would only
    hide that the old ones are needed.
    """
    if path.exists():
        return _read_key_file(path)
    if any((path.parent / name).exists() for name in ("portal.sqlite3", "files/installation-id")):
        raise KeyProblem(
            f"{path} is lost, but the data beside it was written with its keys. Put it back from a backup; "
            "without it nobody can read the data."
        )
    made = {purpose: "1:" + base64.b64encode(os.urandom(32)).decode() for purpose in PURPOSES}
    made["secret_key"] = secrets.token_urlsafe(48)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = path.with_suffix(".half")
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(made, file)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    return made


def _read_key_file(path: Path) -> dict[str, str]:
    try:
        stored = json.loads(path.read_text())
        return {name: str(stored[name]) for name in (*PURPOSES, "secret_key")}
    except (ValueError, KeyError, TypeError) as problem:
        raise KeyProblem(
            f"{path} is damaged: it must hold personal, index, files and secret_key. Put it back from a backup."
        ) from problem


_installed: Keyring | None = None


def install(keyring: Keyring) -> None:
    """Make `keyring` the one that encrypted columns use in this process."""
    global _installed
    _installed = keyring


def keyring() -> Keyring:
    """The installed keyring. Raises KeyProblem before `install`."""
    if _installed is None:
        raise KeyProblem("no keys are installed")
    return _installed
