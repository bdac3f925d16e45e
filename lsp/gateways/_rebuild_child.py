"""The child of rebuild.py: decode one stranger's file and write a new one on standard output.

Runs alone under hard limits and must not import the `lsp` package (that would load Flask).
A refusal is exit code 3 with a short code on standard error; the sentence for the person is the parent's.
"""

from __future__ import annotations

import io
import json
import os
import resource
import struct
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

if TYPE_CHECKING:
    from lsp.gateways._jpeg_rules import BadJpeg, strip_jpeg
    from lsp.gateways._pdf_rules import BadPdf, rebuild_pdf
else:  # by path: the interpreter runs isolated, and our folder goes last so that it shadows nothing
    sys.path.append(str(Path(__file__).parent))
    from _jpeg_rules import BadJpeg, strip_jpeg
    from _pdf_rules import BadPdf, rebuild_pdf

REFUSED = 3
LONGEST_SIDE = 3000
PREVIEW_SIDE = 900
TARGET_BYTES = 1_000_000
# Private memory. With the shared libraries' own pages (about 25 MB) the process stays within 256 MB.
DATA_LIMIT = 228 * 2**20
MAX_PIXELS = {
    "JPEG": 50_000_000,  # decoded at half size or less
    "PNG": 25_000_000,
    "HEIF": 25_000_000,
    "WEBP": 12_000_000,  # its decoder holds four copies of the picture
}
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1"}
_PNG_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"eXIf", b"IEND"}
# Values of the EXIF orientation tag (0x0112) and what turns the picture upright.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Refusal(Exception):
    """The file is not acceptable. The text is a refusal code."""


def kind_of(data: bytes) -> str:
    """What the first bytes say; the decoder must then agree. Names and declared types are never asked."""
    if not data:
        raise Refusal("empty")
    if data[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        return "HEIF"
    if data[:5] == b"%PDF-":
        return "PDF"
    raise Refusal("unknown_type")


def rebuild_bytes(data: bytes) -> bytes:
    """Return header, new file and preview as one block. Raises Refusal for everything that goes wrong."""
    kind = kind_of(data)
    unreadable = "pdf_unreadable" if kind == "PDF" else "image_unreadable"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Pillow only warns about a bomb or a truncated read
            return _pdf(data) if kind == "PDF" else _image(data, kind)
    except Refusal:
        raise
    except (BadJpeg, BadPdf) as error:
        raise Refusal(str(error)) from error
    except MemoryError as error:
        raise Refusal("too_heavy") from error
    except Exception as error:
        # Any failure in a decoder is a refusal: going on could keep half a picture. qpdf meets its memory
        # limit inside a filter and tells it as an error of the data.
        raise Refusal("too_heavy" if "bad_alloc" in str(error) else unreadable) from error


def _pdf(data: bytes) -> bytes:
    content, pages, picture = rebuild_pdf(data, PREVIEW_SIDE)
    return _block(
        "application/pdf", content, _jpeg(picture, 80), pages=pages, width=None, height=None
    )


def _image(data: bytes, kind: str) -> bytes:
    picture = _upright_and_small(data, kind)
    fresh = Image.new(picture.mode, picture.size)  # carries no info dictionary of the old one
    fresh.paste(picture)
    del picture
    content = _jpeg_near_target(fresh)
    width, height = Image.open(io.BytesIO(content)).size
    fresh.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE), Image.Resampling.LANCZOS)
    return _block("image/jpeg", content, _jpeg(fresh, 80), pages=1, width=width, height=height)


def _upright_and_small(data: bytes, kind: str) -> Image.Image:
    exif, held = b"", 0
    if kind == "JPEG":
        jpeg = strip_jpeg(data)
        data, exif, held = jpeg.clean, jpeg.exif, jpeg.coefficient_bytes
        _check_pixels(jpeg.width, jpeg.height, kind)
    elif kind == "PNG":
        data = _strip_png(data)
    elif kind == "HEIF":
        _allow_heif()
    picture: Image.Image = Image.open(io.BytesIO(data), formats=[kind])
    _check_pixels(*picture.size, kind)
    if kind != "HEIF" and getattr(picture, "n_frames", 1) != 1:
        raise Refusal("image_animated")
    if kind == "JPEG":
        picture.draft(None, _draft_size(picture.size, held))
    picture.load()
    orientation = _orientation(exif) if kind == "JPEG" else _orientation_of(picture)
    picture = _flat(picture)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    if picture.mode == "CMYK":
        picture = picture.convert("RGB")
    turn = _UPRIGHT.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def _check_pixels(width: int, height: int, kind: str) -> None:
    if width * height > MAX_PIXELS[kind]:
        raise Refusal("image_too_many_pixels")


def _draft_size(size: tuple[int, int], held: int) -> tuple[int, int]:
    # draft() takes the smaller of both ratios, so the wish must have the picture's own shape. Between 3,000
    # and 6,000 pixels it would not halve; where memory would not do (4 bytes a pixel, and `held`), we halve.
    width, height = size
    ratio = max(width, height) / LONGEST_SIDE
    needed = 4 * width * height
    if ratio < 2 and (needed > 100_000_000 or needed + held > 180_000_000):
        ratio = 2
    ratio = max(ratio, 1)
    return max(1, int(width / ratio)), max(1, int(height / ratio))


def _flat(picture: Image.Image) -> Image.Image:
    """A picture without palette, transparency or 16-bit samples, on white."""
    if picture.mode.startswith("I;16") or picture.mode == "I":
        return picture.point(lambda value: value / 256).convert("L")
    if picture.mode in ("RGB", "L", "CMYK") and "transparency" not in picture.info:
        return picture
    if picture.mode == "1":
        return picture.convert("L")
    # In strips, and narrowed at once: a second full copy would not fit the limit.
    width = max(1, round(picture.width * min(1, LONGEST_SIDE / max(picture.size))))
    canvas = Image.new("RGB", (width, picture.height), "white")
    for top in range(0, picture.height, 256):
        bottom = min(top + 256, picture.height)
        strip = picture.crop((0, top, picture.width, bottom)).convert("RGBA")
        strip = strip.resize((width, bottom - top), Image.Resampling.LANCZOS)
        canvas.paste(strip, (0, top), strip)
    shape = (width, max(1, round(picture.height * width / picture.width)))
    return canvas if shape == canvas.size else canvas.resize(shape, Image.Resampling.LANCZOS)


def _strip_png(data: bytes) -> bytes:
    """Only the chunks that draw: text chunks are where bombs and malformed blocks sit."""
    kept, position = [data[:8]], 8
    while True:
        length, name = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        if end > len(data):
            raise Refusal("image_unreadable")
        if name == b"IHDR":
            width, height = struct.unpack_from(">II", data, position + 8)
            _check_pixels(width, height, "PNG")
        if name == b"acTL":
            raise Refusal("image_animated")
        if name in _PNG_KEPT:
            kept.append(data[position:end])
        position = end
        if name == b"IEND":
            return b"".join(kept)


def _allow_heif() -> None:
    import pillow_heif  # only when asked: 26 MB of library

    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.options.THUMBNAILS = False
    pillow_heif.options.DEPTH_IMAGES = False
    pillow_heif.options.AUX_IMAGES = False
    pillow_heif.register_heif_opener()


def _orientation(exif: bytes) -> int:
    # The pixels are complete by now; a damaged EXIF block costs the orientation, not the photo.
    try:
        block = Image.Exif()
        block.load(exif)
        return int(block.get(0x0112, 1))
    except Exception:
        return 1


def _orientation_of(picture: Image.Image) -> int:
    try:
        return int(picture.getexif().get(0x0112, 1))
    except Exception:
        return 1


def _jpeg_near_target(picture: Image.Image) -> bytes:
    """Lower the quality first, then the size: letters on a KTP must stay legible."""
    for side, quality in (
        (LONGEST_SIDE, 85),
        (LONGEST_SIDE, 72),
        (2400, 75),
        (2000, 70),
        (1800, 60),
    ):
        small = picture
        if max(picture.size) > side:
            small = picture.copy()
            small.thumbnail((side, side), Image.Resampling.LANCZOS)
        elif side != LONGEST_SIDE:
            continue
        content = _jpeg(small, quality)
        if len(content) <= TARGET_BYTES:
            break
    return content


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(
        out, "JPEG", quality=quality, optimize=True, exif=b"", icc_profile=None, comment=b""
    )
    return out.getvalue()


def _block(content_type: str, content: bytes, preview: bytes, **facts: int | None) -> bytes:
    header: dict[str, Any] = {
        "type": content_type,
        "content": len(content),
        "preview": len(preview),
        **facts,
    }
    text = json.dumps(header).encode()
    return b"".join((struct.pack(">I", len(text)), text, content, preview))


def main() -> int:
    resource.setrlimit(resource.RLIMIT_DATA, (DATA_LIMIT, DATA_LIMIT))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # a parser of strangers' files writes none
    answer = os.dup(1)
    os.dup2(2, 1)  # a library that prints must not end up inside the answer
    try:
        block = rebuild_bytes(sys.stdin.buffer.read())
    except Refusal as refusal:
        sys.stderr.write(f"\n{refusal}\n")
        return REFUSED
    with os.fdopen(answer, "wb") as out:
        out.write(block)
    return 0


if __name__ == "__main__":
    sys.exit(main())
