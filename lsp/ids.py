"""Names for things in addresses: random, unguessable, easy to read aloud."""

from __future__ import annotations

import hashlib
import secrets

# Crockford base32: no I, L, O, U, so a number read over the phone is typed right.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PUBLIC_ID_LENGTH = 16
CERTIFICATE_TOKEN_LENGTH = 26


def random_id(length: int = PUBLIC_ID_LENGTH) -> str:
    """A random string of `length` characters, five bits each, from the system's random source."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def public_id() -> str:
    """Identifier of a row in addresses: 16 characters, 80 bits."""
    return random_id(PUBLIC_ID_LENGTH)


def certificate_token() -> str:
    """What a certificate's QR carries: 26 characters, 130 bits."""
    return random_id(CERTIFICATE_TOKEN_LENGTH)


def secret_token() -> str:
    """A secret for a cookie or a one-use link: 256 bits, URL-safe. Only its digest is stored."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """SHA-256 of a secret token, hex; enough because the token itself has 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()
