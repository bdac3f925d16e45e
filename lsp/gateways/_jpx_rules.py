"""Keep of a JPEG 2000 image inside a PDF only what draws it; boxes such as XML and comments go.

Nothing is decoded here. Runs inside the child of rebuild.py only.
"""

from __future__ import annotations

import struct

_SIGNATURE = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
_KEPT = {b"jP  ", b"ftyp", b"jp2h", b"jp2c"}


def strip_jpx(data: bytes) -> tuple[bytes, int, int]:
    """Return the image with its width and height. Raises ValueError or struct.error when it is malformed."""
    if data[:4] == b"\xff\x4f\xff\x51":
        return _strip_codestream(data)
    if not data.startswith(_SIGNATURE):
        raise ValueError("pdf_unreadable")
    kept, position, size = [], 0, (0, 0)
    while position + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, position)
        body = position + 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, body)
            body += 8
        end = len(data) if length == 0 else position + length
        if end < body or end > len(data):
            raise ValueError("pdf_unreadable")
        if name == b"jp2c":
            stream, *size_found = _strip_codestream(data[body:end])
            size = (size_found[0], size_found[1])
            kept.append(struct.pack(">I4s", len(stream) + 8, name) + stream)
        elif name in _KEPT:
            kept.append(data[position:end])
        position = end
    if size == (0, 0):
        raise ValueError("pdf_unreadable")
    return b"".join(kept), size[0], size[1]


def _strip_codestream(data: bytes) -> tuple[bytes, int, int]:
    """Drop comment markers (FF64) of the main header, read the size from the SIZ marker."""
    kept, position, size = [data[:2]], 2, (0, 0)
    while True:
        marker, length = struct.unpack_from(">HH", data, position)
        if marker == 0xFF90:  # first tile: the main header ends here
            break
        if length < 2:
            raise ValueError("pdf_unreadable")
        end = position + 2 + length
        if marker == 0xFF51:
            right, bottom, left, top = struct.unpack_from(">IIII", data, position + 6)
            size = (right - left, bottom - top)
        if marker != 0xFF64:
            kept.append(data[position:end])
        position = end
    if size[0] <= 0 or size[1] <= 0:
        raise ValueError("pdf_unreadable")
    return b"".join((*kept, data[position:])), size[0], size[1]
