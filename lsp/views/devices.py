"""From where somebody signs in: a device he signed in on before, the network, a few words for his list of places.

A known device has its own count of tries, so whoever guesses from elsewhere cannot keep the owner out. The cookie is
signed and names the accounts it stands for: an invented one, or one of another account, counts as unknown.
"""

from __future__ import annotations

import ipaddress
from typing import Final

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from lsp import crypto, ids

COOKIE: Final = "perangkat"
_YEAR: Final = 31_536_000
#: Accounts that one device may stand for: a family's phone, a counter at the LSP.
_MOST_ACCOUNTS: Final = 6


def known_device(email: str) -> str:
    """The device's own name when this account has signed in on it before, else ""."""
    name, accounts = _read()
    return name if _account(email) in accounts else ""


def remember_device(answer: Response, email: str) -> None:
    """Let the device be known for this account from now on."""
    name, accounts = _read()
    others = [each for each in accounts if each != _account(email)]
    answer.set_cookie(
        COOKIE,
        _signer().dumps([name or ids.secret_token(), [*others, _account(email)][-_MOST_ACCOUNTS:]]),
        max_age=_YEAR,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )


def address() -> str:
    """The network a request comes from: an IPv4 address, or the /64 that one IPv6 customer has to himself."""
    text = request.remote_addr or ""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return text
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return text


def device_words() -> str:
    """System and browser, no more than a person needs to recognise the place."""
    agent = request.user_agent.string
    systems = {
        "Android": "Android",
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Windows": "Windows",
        "Mac OS": "Mac",
    }
    browsers = {
        "Firefox": "Firefox", "Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet",
        "Chrome": "Chrome", "Safari": "Safari",
    }  # fmt: skip
    system = next((word for sign, word in systems.items() if sign in agent), "")
    system = system or ("Linux" if "Linux" in agent else "Perangkat lain")
    browser = next((word for sign, word in browsers.items() if sign in agent), "peramban lain")
    return f"{system}, {browser}"


def _read() -> tuple[str, list[str]]:
    try:
        name, accounts = _signer().loads(request.cookies.get(COOKIE, ""))
    except (BadSignature, ValueError, TypeError):
        return "", []
    return str(name), [str(each) for each in accounts]


def _account(email: str) -> str:
    return crypto.keyring().blind_index(email.strip().lower(), context="device")[:16]


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="perangkat")
