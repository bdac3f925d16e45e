"""A key of a fictional LSP, made in the test: a root, a signer under it, both in a .p12 under a password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lsp import clock

PASSWORD = "rahasia-uji-7391"


@dataclass(frozen=True)
class SigningKey:
    path: Path
    root_pem: bytes
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey


def _name(words: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "LSP Contoh"),
            x509.NameAttribute(NameOID.COMMON_NAME, words),
        ]
    )


def make_key(
    folder: Path,
    *,
    until: datetime | None = None,
    since: datetime | None = None,
    stamps_time: bool = False,
    file_name: str = "lsp.p12",
) -> SigningKey:
    now = clock.now()
    since, until = since or now - timedelta(days=30), until or now + timedelta(days=700)
    root_key, key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    root = _issue(
        _name("Akar LSP Contoh"),
        _name("Akar LSP Contoh"),
        root_key,
        root_key,
        since,
        until,
        ca=True,
    )
    usage = [ExtendedKeyUsageOID.TIME_STAMPING] if stamps_time else []
    certificate = _issue(
        _name("Ketua LSP Contoh"),
        _name("Akar LSP Contoh"),
        key,
        root_key,
        since,
        until,
        usage=usage,
    )
    path = folder / file_name
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"lsp",
            key,
            certificate,
            [root],
            serialization.BestAvailableEncryption(PASSWORD.encode()),
        )
    )
    return SigningKey(path, root.public_bytes(serialization.Encoding.PEM), certificate, key)


def _issue(subject, issuer, key, by, since, until, *, ca=False, usage=()):
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not ca, content_commitment=not ca, key_encipherment=False,
                data_encipherment=False, key_agreement=False, key_cert_sign=ca, crl_sign=ca,
                encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
    )  # fmt: skip
    if usage:
        built = built.add_extension(x509.ExtendedKeyUsage(usage), critical=True)
    return built.sign(by, hashes.SHA256())
