"""Sign a finished PDF, or leave it: the one seam between the portal and whoever holds the key.

Adapters: none (the default) and a PKCS#12 file of the LSP. A remote service that holds the key itself (such as BSrE's)
would be a third with the same `sign`. pyHanko lives in the child; here the key file is only opened to say what is
wrong with it.
"""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from lsp import clock
from lsp.config import Config
from lsp.gateways.child import ChildRefused, run_child

# Measured with pyHanko 0.38.0: 88 MB, under 1 s of CPU (bench/certificate.py). The limit is on address space.
SECONDS = 30.0
MEMORY_MB = 512
LARGEST_KEY_FILE = 100_000
_SCRIPT = Path(__file__).with_name("_sign_child.py")

_REST = "Sertifikat menunggu dan tidak diterbitkan tanpa tanda tangan elektronik."
SENTENCES = {
    "missing": "Berkas kunci tanda tangan (SIGN_P12) tidak ada atau tidak dapat dibaca.",
    "password_missing": "Berkas kata sandi kunci tanda tangan (SIGN_P12_PASSWORD_FILE) tidak dapat dibaca.",
    "unreadable": "Berkas kunci tanda tangan (SIGN_P12) tidak dapat dibuka: kata sandinya salah atau berkasnya rusak.",
    "no_key": "Berkas kunci tanda tangan (SIGN_P12) tidak berisi kunci RSA atau EC beserta sertifikatnya.",
    "early": "Sertifikat kunci tanda tangan (SIGN_P12) belum mulai berlaku.",
    "expired": "Sertifikat kunci tanda tangan (SIGN_P12) sudah habis masa berlakunya.",
    "tsa": "Layanan stempel waktu (SIGN_TSA_URL) tidak menjawab sebagaimana mestinya.",
}


class SigningHeld(Exception):
    """Nothing can be signed now. The text is a code of SENTENCES, which names nobody."""

    @property
    def sentence(self) -> str:
        return f"{SENTENCES[str(self)]} {_REST}"


@dataclass(frozen=True, slots=True)
class Signed:
    """The file as it is kept, and by which key: fingerprint (SHA-256 of its X.509) and subject, empty without one."""

    content: bytes = field(repr=False)
    key_fingerprint: str = ""
    key_subject: str = ""
    time_stamp_by: str = ""


class Signer(Protocol):
    def check(self) -> None:
        """Raises SigningHeld when nothing could be signed now."""

    def sign(self, pdf: bytes, *, location: str, lock_path: Path) -> Signed:
        """Raises SigningHeld, and what `run_child` raises."""


class NoSigner:
    """Nobody signs: the file stays as it was laid out."""

    def check(self) -> None:
        return

    def sign(self, pdf: bytes, *, location: str, lock_path: Path) -> Signed:
        return Signed(pdf)


@dataclass(frozen=True, slots=True)
class Pkcs12Signer:
    """A key of the LSP in a .p12 or .pfx file, read anew each time: a renewed one needs no restart."""

    path: Path
    password: str = field(default="", repr=False)
    password_file: Path | None = None
    time_stamp_url: str = ""

    def check(self) -> None:
        self._opened()

    def sign(self, pdf: bytes, *, location: str, lock_path: Path) -> Signed:
        content, password, certificate = self._opened()
        header = json.dumps(
            {
                "p12": len(content),
                "password": password,
                "tsa": self.time_stamp_url,
                "reason": "Sertifikat kompetensi kerja",
                "location": location,
            }
        ).encode()
        payload = struct.pack(">I", len(header)) + header + content + pdf
        try:
            signed = run_child(
                _SCRIPT, payload, seconds=SECONDS, memory_mb=MEMORY_MB, lock_path=lock_path
            )
        except ChildRefused as refusal:
            raise SigningHeld("tsa") from refusal
        # What comes back must be the very file with something behind it.
        if not signed.startswith(pdf) or len(signed) <= len(pdf):
            raise ValueError("the signed file does not begin with the unsigned one")
        return Signed(
            signed,
            key_fingerprint=hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest(),
            key_subject=certificate.subject.rfc4514_string()[:300],
            time_stamp_by=self.time_stamp_url[:200],
        )

    def _opened(self) -> tuple[bytes, str, x509.Certificate]:
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise SigningHeld("missing") from error
        if not 0 < len(content) <= LARGEST_KEY_FILE:
            raise SigningHeld("unreadable")
        password = self._password()
        try:
            key, certificate, _chain = pkcs12.load_key_and_certificates(
                content, password.encode() or None
            )
        except Exception as error:  # its parser raises many kinds for a foreign file
            raise SigningHeld("unreadable") from error
        if certificate is None or not isinstance(key, (RSAPrivateKey, EllipticCurvePrivateKey)):
            raise SigningHeld("no_key")
        _check_days(certificate, clock.now())
        return content, password, certificate

    def _password(self) -> str:
        if self.password_file is None:
            return self.password
        try:
            return self.password_file.read_text().rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise SigningHeld("password_missing") from error


def _check_days(certificate: x509.Certificate, now: datetime) -> None:
    if now < certificate.not_valid_before_utc:
        raise SigningHeld("early")
    if now > certificate.not_valid_after_utc:
        raise SigningHeld("expired")


def signer_of(config: Config) -> Signer:
    """The adapter that the environment chose."""
    if config.sign_p12 is None:
        return NoSigner()
    return Pkcs12Signer(
        config.sign_p12,
        password=config.sign_password,
        password_file=config.sign_password_file,
        time_stamp_url=config.sign_tsa_url,
    )


class _Installed:
    signer: Signer = NoSigner()


def install(config: Config) -> None:
    _Installed.signer = signer_of(config)


def installed() -> Signer:
    """Who signs here: nobody before `install`."""
    return _Installed.signer


def fault() -> str:
    """One sentence about a key that cannot sign now; empty when all is well or nobody signs."""
    try:
        installed().check()
    except SigningHeld as held:
        return held.sentence
    return ""
