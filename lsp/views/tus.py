"""The words of the tus protocol 1.0 (creation, expiration, termination), as both servers of uploads here speak them."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from datetime import datetime

from flask import Response, request
from werkzeug.exceptions import BadRequest
from werkzeug.http import http_date

VERSION = "1.0.0"
_LONGEST_SAID = 2_000


def told(status: int, headers: Mapping[str, object] | None = None, text: str = "") -> Response:
    """An answer of the protocol."""
    answer = Response(text, status, mimetype="text/plain")
    for name, value in (headers or {}).items():
        answer.headers[name] = str(value)
    return answer


def progress(offset: int, expires_at: datetime) -> dict[str, object]:
    """How far an upload has come, and until when it is kept."""
    return {"Upload-Offset": offset, "Upload-Expires": http_date(expires_at)}


def speaks_our_version() -> bool:
    return request.headers.get("Tus-Resumable") == VERSION


def other_version() -> Response:
    return told(412, {"Tus-Version": VERSION})


def number(name: str) -> int:
    """A length or offset; 400 for anything else."""
    text = request.headers.get(name, "")
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise BadRequest
    return int(text)


def read_said(said: str) -> dict[str, str]:
    """Upload-Metadata: pairs of a name and a value in base64; 400 for anything else.

    It goes out again as a header, where letters past ASCII and control signs do not survive.
    """
    if len(said) > _LONGEST_SAID or not (said.isascii() and said.isprintable()):
        raise BadRequest
    found = {}
    for pair in filter(None, (each.strip() for each in said.split(","))):
        name, _, value = pair.partition(" ")
        try:
            found[name] = b64decode(value, validate=True).decode()
        except (NotBase64, ValueError):
            raise BadRequest from None
    return found
