"""Files for corpus.py that are no image and no PDF, whatever name or first bytes they wear."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator
from functools import partial

from tests.corpus import CANARY, Sample, card, encode, payloads


def disguises() -> Iterator[Sample]:
    group = "disguise"
    foreign = {
        "GIF": encode(card(32, 32), "GIF"),
        "TIFF": encode(card(32, 32), "TIFF"), "BMP": encode(card(32, 32), "BMP"),
        "ICO": encode(card(32, 32), "ICO"), "PPM": encode(card(32, 32), "PPM"), "TGA": encode(card(32, 32), "TGA"),
        "JPEG 2000": encode(card(32, 32), "JPEG2000"), "EPS": encode(card(32, 32), "EPS"),
        "Photoshop": b"8BPS\0\1" + bytes(20), "AVIF": b"\0\0\0\x1cftypavif\0\0\0\0mif1avif" + bytes(40),
        "MP4": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(40), "AVI": b"RIFF\x20\0\0\0AVI " + bytes(40),
        "exe": b"MZ" + bytes(200), "ELF": b"\x7fELF" + bytes(200), "class": b"\xca\xfe\xba\xbe" + bytes(50),
        "gzip": b"\x1f\x8b\x08" + bytes(50), "7z": b"7z\xbc\xaf\x27\x1c" + bytes(50),
        "RAR": b"Rar!\x1a\x07" + bytes(50),
        "OLE (doc)": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "RTF": b"{\\rtf1 x}",
        "script": b"#!/bin/sh\nid\n",
        "text": b"Ijazah contoh", "zip": payloads()["zip"], "docx": _docx(), "UTF-16": "x".encode("utf-16") * 9,
        "NUL bytes": bytes(5_000), "noise": random.Random(7).randbytes(5_000),
    }  # fmt: skip
    for name, data in foreign.items():
        yield Sample(group, name, "unknown_type", partial(bytes, data))
    html = payloads()["html"]
    yield Sample(group, "JPEG magic, HTML", "image_unreadable", lambda: b"\xff\xd8\xff\xe0" + html)
    yield Sample(
        group, "PNG magic, HTML", "image_unreadable", lambda: b"\x89PNG\r\n\x1a\n" + html * 3
    )
    yield Sample(
        group,
        "PNG magic, JPEG",
        "image_unreadable",
        lambda: b"\x89PNG\r\n\x1a\n" + encode(card(), "JPEG"),
    )
    yield Sample(
        group,
        "WEBP magic, noise",
        "image_unreadable",
        lambda: b"RIFF\x20\0\0\0WEBPVP8 " + bytes(40),
    )
    yield Sample(
        group, "HEIF magic, noise", "image_unreadable", lambda: b"\0\0\0\x18ftypheic" + bytes(400)
    )
    yield Sample(group, "PDF magic, HTML", "pdf_unreadable", lambda: b"%PDF-1.7\n" + html)
    yield Sample(
        group,
        "PDF magic and end, HTML",
        "pdf_unreadable",
        lambda: b"%PDF-1.7\n" + html + b"\n%%EOF\n",
    )
    for junk in (b"\n", b"\0", b"\xef\xbb\xbf", b"<html>" * 7):
        for kind in ("JPEG", "PNG"):
            make = partial(_led_by, junk, kind)
            yield Sample(group, f"{kind} behind {junk!r}", "unknown_type", make)


def _led_by(junk: bytes, kind: str) -> bytes:
    return junk + encode(card(64, 48), kind)


def _docx() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/vbaProject.bin", CANARY)
    return packed.getvalue()


def markup() -> Iterator[Sample]:
    texts = {
        "svg script": "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "svg onload": "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "svg foreignObject": "<svg><foreignObject><iframe src='javascript:alert(1)'/></foreignObject></svg>",
        "svg entity": "<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/hostname'>]><svg>&a;</svg>",
        "html": "<!DOCTYPE html><script>alert(1)</script>",
        "xhtml": "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><script>1</script></html>",
        "mhtml": "MIME-Version: 1.0\nContent-Type: multipart/related\n\n<script>1</script>",
        "xml bomb": "<!DOCTYPE l [<!ENTITY a 'l'><!ENTITY b '&a;&a;'>]><l>&b;</l>",
    }
    coats = {
        "plain": "",
        "space before": " \n\t",
        "mark before": "\ufeff",
        "comment before": "<!-- %PDF-1.7 -->",
    }
    for name, text in texts.items():
        for coat, lead in coats.items():
            yield Sample(
                "markup", f"{name}, {coat}", "unknown_type", partial(str.encode, lead + text)
            )
