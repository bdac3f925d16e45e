"""What SMTP_URL and MAIL_FROM say, read once at the start with the other settings, and again by the worker."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.utils import parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
ADDRESS = re.compile(r"[^\s\x00-\x1f\x7f<>()\[\],;:\\\"@]+@[^\s\x00-\x1f\x7f<>()\[\],;:\\\"@]+")


class SmtpProblem(ValueError):
    """One of the two cannot be used; the text says what to set and holds no password."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where SMTP_URL leads. `tls` from the first byte (smtps), or `starttls` after the greeting."""

    host: str
    port: int
    user: str
    password: str
    tls: bool
    starttls: bool


def read_server(url: str) -> SmtpServer:
    """Read `smtp://user:password@host:587?starttls=1` or `smtps://…`. Raises SmtpProblem."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SmtpProblem("SMTP_URL cannot be read as an address") from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise SmtpProblem("SMTP_URL must begin with smtp:// or smtps:// and name a host")
    tls = parts.scheme == "smtps"
    starttls = not tls and parse_qs(parts.query).get("starttls") == ["1"]
    if parts.username and not (tls or starttls):
        raise SmtpProblem(
            "SMTP_URL would send its password in the clear: add ?starttls=1 or use smtps://"
        )
    return SmtpServer(
        host=parts.hostname,
        port=port or (465 if tls else 587 if starttls else 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
        starttls=starttls,
    )


def read_sender(text: str) -> Address:
    """MAIL_FROM as an address, perhaps with a name. Raises SmtpProblem."""
    name, address = parseaddr(text)
    if CONTROL.search(text) or not ADDRESS.fullmatch(address):
        raise SmtpProblem("MAIL_FROM is not an address")
    return Address(display_name=name, addr_spec=address)


def faults_of(url: str, sender: str) -> list[str]:
    """What is wrong with those that are set, each as a sentence."""
    faults = []
    for read, text in ((read_server, url), (read_sender, sender)):
        try:
            if text:
                read(text)
        except SmtpProblem as problem:
            faults.append(f"{problem}.")
    return faults
