"""Look at a PDF that must stay as it came: is it a whole PDF, and does it hold anything that acts?

Started by `lsp.gateways.child` with the bytes on standard input; answers with a line of JSON. Nothing is written anew,
because one changed byte would break the signature of whoever made it.
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

REFUSED = 3
MAX_PAGES = 20
MAX_OBJECTS = 50_000
MAX_DEPTH = 60
_FREE_MB = 400

#: Keys that run something, or open something else, wherever they stand; and what a person is told.
_ACTS = {
    "/JS": "javascript", "/JavaScript": "javascript",
    "/EmbeddedFiles": "attached", "/EF": "attached", "/AF": "attached", "/Collection": "attached",
    "/RichMediaContent": "acts", "/RichMediaSettings": "acts", "/Movie": "acts", "/Sound": "acts",
    "/Rendition": "acts", "/AA": "acts", "/XFA": "form",
}  # fmt: skip
_ACTIONS = {
    "/JavaScript": "javascript", "/Launch": "launch", "/GoToR": "launch", "/GoToE": "launch", "/ImportData": "launch",
    "/SubmitForm": "acts", "/ResetForm": "acts", "/Rendition": "acts", "/Movie": "acts", "/Sound": "acts",
    "/RichMediaExecute": "acts", "/Hide": "acts", "/Trans": "acts", "/GoTo3DView": "acts",
}  # fmt: skip
_ANNOTATIONS = {
    "/FileAttachment": "attached", "/RichMedia": "acts", "/Movie": "acts", "/Sound": "acts", "/Screen": "acts",
    "/3D": "acts",
}  # fmt: skip
_HEADER = re.compile(rb"%PDF-[12]\.\d")


class _Refused(Exception):
    """The text is a code of official_pdf.SENTENCES."""


def main() -> int:
    limit = _FREE_MB * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    content = sys.stdin.buffer.read()
    try:
        found = _looked_at(content)
    except _Refused as refusal:
        sys.stderr.write(f"{refusal}\n")
        return REFUSED
    except (pikepdf.PdfError, ValueError, TypeError, RecursionError, MemoryError):
        sys.stderr.write("unreadable\n")
        return REFUSED
    sys.stdout.write(json.dumps(found))
    return 0


def _looked_at(content: bytes) -> dict[str, Any]:
    end = content.rfind(b"%%EOF")
    if not _HEADER.match(content) or end < 0:
        raise _Refused("unreadable")
    if content[end + 5 :].strip(b"\x00\t\n\f\r "):
        raise _Refused("trailing")
    try:
        pdf = pikepdf.open(io.BytesIO(content), attempt_recovery=False)
    except pikepdf.PasswordError as error:
        raise _Refused("encrypted") from error
    with pdf:
        if pdf.is_encrypted:
            raise _Refused("encrypted")
        if len(pdf.objects) > MAX_OBJECTS:
            raise _Refused("too_heavy")
        pages = len(pdf.pages)
        if not 0 < pages <= MAX_PAGES:
            raise _Refused("pages")
        signed = False
        for each in pdf.objects:
            signed = _walk(each, 0) or signed
        signed = _walk(pdf.trailer, 0) or signed
        return {"pages": pages, "signed": signed}


def _walk(found: Object, depth: int) -> bool:
    """Refuse what acts, in this object and those written inside it; returns whether a signature stands in it."""
    if depth > MAX_DEPTH:
        raise _Refused("unreadable")
    if isinstance(found, Array):
        inside = [
            _walk(each, depth + 1) for each in _direct(found)
        ]  # each of them, not up to the first
        return any(inside)
    if not isinstance(found, (Dictionary, Stream)):
        return False
    keys = set(found.keys())
    for key in sorted(keys & _ACTS.keys()):
        raise _Refused(_ACTS[key])
    kind, sub, action = (found.get(key) for key in ("/Type", "/Subtype", "/S"))
    if isinstance(action, Name) and str(action) in _ACTIONS and _is_action(found, keys):
        raise _Refused(_ACTIONS[str(action)])
    if isinstance(sub, Name) and str(sub) in _ANNOTATIONS and ("/Rect" in keys or kind == "/Annot"):
        raise _Refused(_ANNOTATIONS[str(sub)])
    if kind == "/EmbeddedFile":
        raise _Refused("attached")
    inside = [_walk(each, depth + 1) for each in _direct(found[key] for key in keys)]
    return "/ByteRange" in keys or any(inside)


def _is_action(found: Object, keys: set[str]) -> bool:
    """`/S` is also the name of a style or a blend: /Trans stands in pages, /Sound in streams of none of our concern."""
    kind = found.get("/Type")
    return kind is None or kind == "/Action" or "/Next" in keys


def _direct(values: Any) -> list[Object]:
    """Those written in place; what is referred to is an object of the file and gets its own turn."""
    return [each for each in values if isinstance(each, Object) and not each.is_indirect]


if __name__ == "__main__":
    sys.exit(main())
