"""Read a JPEG segment by segment and keep only what is needed to draw it.

Used for uploaded photos and for JPEG images inside PDF pages, inside the child of rebuild.py only.
Nothing is decoded here: the point is to know size, scans and memory before a decoder is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_SCANS = 50  # cameras write 1, progressive encoders about 10; thousands of scans only burn CPU
MAX_COEFFICIENT_BYTES = 157_000_000  # a progressive 50 MP picture in 4:2:0 needs 150 million

# An FF that is neither stuffed (00), a restart (D0-D7) nor padding (FF) ends the entropy-coded data.
_END_OF_SCAN = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
_PROGRESSIVE, _END, _SCAN = 0xC2, 0xD9, 0xDA
_FRAMES = {0xC0, 0xC1, _PROGRESSIVE}
_NOT_DRAWN = {
    0xC3,
    *range(0xC5, 0xC8),
    *range(0xC9, 0xD0),
}  # lossless, arithmetic: no phone writes them
_TABLES = {0xC4, 0xDB, 0xDD}  # DHT, DQT, DRI
_EXIF = b"Exif\x00\x00"


class BadJpeg(ValueError):
    """Not a JPEG we draw. The text is a refusal code."""


@dataclass(frozen=True, slots=True)
class Jpeg:
    clean: (
        bytes  # drawable, without EXIF, XMP, ICC, comments, thumbnails and anything after the end
    )
    width: int
    height: int
    coefficient_bytes: (
        int  # what the decoder holds besides the picture; 0 when it decodes line by line
    )
    exif: bytes  # the first EXIF block, for its orientation only


@dataclass(frozen=True, slots=True)
class _Frame:
    width: int
    height: int
    samples: int  # of all components together
    progressive: bool


def strip_jpeg(data: bytes) -> Jpeg:
    """Return the picture without its metadata. Raises BadJpeg when it is cut short or made to be costly."""
    if data[:3] != b"\xff\xd8\xff":
        raise BadJpeg("image_unreadable")
    kept, frame, exif, scans = [b"\xff\xd8"], None, b"", 0
    for marker, body, segment in _segments(data):
        if marker in _NOT_DRAWN or (marker in _FRAMES and frame is not None):
            raise BadJpeg("image_unreadable")
        if marker in _FRAMES:
            frame = _read_frame(body, progressive=marker == _PROGRESSIVE)
        elif marker == _SCAN:
            scans += 1
            if scans > MAX_SCANS:
                raise BadJpeg("image_too_heavy")
        elif marker == 0xE1 and body[:6] == _EXIF and not exif:
            exif = body
        kept.append(_slim(marker, body, segment))
    if not scans or frame is None:
        raise BadJpeg("image_unreadable")
    held = frame.samples * 2 if frame.progressive or scans > 1 else 0
    if held > MAX_COEFFICIENT_BYTES:
        raise BadJpeg("image_too_many_pixels")
    return Jpeg(
        clean=b"".join((*kept, b"\xff\xd9")),
        width=frame.width,
        height=frame.height,
        coefficient_bytes=held,
        exif=exif,
    )


def _segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield marker, body and whole segment (a scan with its data) up to the first end of image."""
    position = 2
    while True:
        marker, position = _next_marker(data, position)
        if marker == _END:
            return
        end = position + int.from_bytes(data[position : position + 2], "big")
        if end < position + 2 or end > len(data):
            raise BadJpeg("image_unreadable")
        start, body = position, data[position + 2 : end]
        if marker == _SCAN:
            found = _END_OF_SCAN.search(data, end)
            if found is None:
                raise BadJpeg("image_unreadable")  # no end of image: the upload was cut short
            end = found.start()
        yield marker, body, bytes((0xFF, marker)) + data[start:end]
        position = end


def _slim(marker: int, body: bytes, segment: bytes) -> bytes:
    """What of this segment helps to draw."""
    if marker in _FRAMES or marker in _TABLES or marker == _SCAN:
        return segment
    if marker == 0xE0 and body[:5] == b"JFIF\x00" and len(body) >= 14:
        return b"\xff\xe0\x00\x10" + body[:12] + b"\x00\x00"  # without its thumbnail
    if marker == 0xEE and body[:5] == b"Adobe" and len(body) >= 12:
        return b"\xff\xee\x00\x0e" + body[:12]  # says how colours are stored
    return b""


def _next_marker(data: bytes, position: int) -> tuple[int, int]:
    if data[position : position + 1] != b"\xff":
        raise BadJpeg("image_unreadable")
    while data[position : position + 1] == b"\xff":
        position += 1
    if position >= len(data):
        raise BadJpeg("image_unreadable")
    return data[position], position + 1


def _read_frame(body: bytes, *, progressive: bool) -> _Frame:
    if len(body) < 6 or len(body) < 6 + 3 * body[5] or body[0] != 8:
        raise BadJpeg("image_unreadable")
    height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    sampling = [(body[7 + 3 * i] >> 4, body[7 + 3 * i] & 15) for i in range(body[5])]
    if not width or not height or not sampling or any(not h or not v for h, v in sampling):
        raise BadJpeg("image_unreadable")
    widest, highest = max(h for h, _ in sampling), max(v for _, v in sampling)
    samples = sum(width * height * h * v // (widest * highest) for h, v in sampling)
    return _Frame(width, height, samples, progressive)
