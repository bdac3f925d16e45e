"""The one address that the portal answers to in production, asked before anything else of a request is read.

Flask's TRUSTED_HOSTS refuses before an address can be built, so no page of ours could be drawn for it; and it knows
only one spelling, where people's browsers, watchdogs and the capitals of our own QR send others.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lsp.views.html import content_security_policy, security_headers
from lsp.views.plain import plain_page

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Asked by a watchdog, which names the portal as it likes, often by its number.
HEALTH = "/healthz"
_PORTS = {"https": "443", "http": "80"}


class OneHost:
    """WSGI layer: answers 400 in plain words for every host but that of `base_url`."""

    def __init__(self, app: WSGIApplication, base_url: str) -> None:
        parts = urlsplit(base_url.lower())
        self.app, self.base_url, self.netloc = app, base_url, parts.netloc
        self.host, self.port = parts.hostname or "", str(parts.port or _PORTS[parts.scheme])
        self.headers = {
            **security_headers(https=parts.scheme == "https"),
            "Content-Security-Policy": content_security_policy(
                base_url, https=parts.scheme == "https"
            ),
            "Cache-Control": "no-store",
            "Content-Type": "text/html; charset=utf-8",
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != HEALTH and not self._is_ours(environ.get("HTTP_HOST", "")):
            return self._refuse(start_response)
        # One spelling from here on: it stands in redirects and is compared with where a form came from.
        environ["HTTP_HOST"] = self.netloc
        return self.app(environ, start_response)

    def _is_ours(self, given: str) -> bool:
        host, colon, port = given.strip().lower().partition(":")
        return host.removesuffix(".") == self.host and (not colon or port == self.port)

    def _refuse(self, start_response: StartResponse) -> Iterable[bytes]:
        page = plain_page(
            "Alamat ini bukan alamat portal",
            "Portal ini hanya dapat dibuka lewat alamat resminya. Tidak ada yang disimpan dari permintaan tadi.",
            href=f"{self.base_url}/",
            link=f"Buka {self.base_url}",
        ).encode()
        headers = self.headers | {"Content-Length": str(len(page))}
        start_response("400 Bad Request", list(headers.items()))
        return [page]
