"""PDFs for corpus.py that are refused, each with its exact verdict, and the honest ones on the border."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Iterator
from functools import partial

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from tests.corpus import ACCEPTED, CANARY, Sample, card, encode, many_scans, payloads
from tests.corpus_pdf import ACTIVE, Change, draw_with, form, in_names, pdf, picture, xobject

_TEXT = CANARY.decode()


def hostile() -> Iterator[Sample]:
    group, plain = "pdf hostile", pdf
    for name, tail in payloads().items():
        yield Sample(group, f"with {name} behind", "pdf_trailing", partial(_glued, pdf, tail))
    yield Sample(
        group, "with a JPEG behind", "pdf_trailing", lambda: plain() + encode(card(64, 48), "JPEG")
    )
    yield Sample(group, "with line ends behind", ACCEPTED, lambda: plain() + b"\r\n\n\0\0")
    for junk in (b"<html><script>1</script></html>         ", b"\n", b"\xef\xbb\xbf"):
        yield Sample(group, f"behind {junk[:8]!r}", "unknown_type", partial(_led_by, junk))
    yield Sample(
        group,
        "behind a JPEG",
        ACCEPTED,
        lambda: encode(card(), "JPEG") + plain(ACTIVE["named script"]),
    )
    for key, owner_only in (("password", False), ("owner password only", True)):
        locked = pikepdf.Encryption(owner="pemilik", user="" if owner_only else "pengguna")
        yield Sample(group, key, "pdf_encrypted", partial(pdf, encryption=locked))
    yield Sample(group, "200 pages", ACCEPTED, partial(pdf, pages=200))
    yield Sample(group, "201 pages", "pdf_too_many_pages", partial(pdf, pages=201))
    yield Sample(group, "10,000 pages", "pdf_too_many_pages", partial(pdf, pages=10_000), slow=True)
    yield Sample(group, "no pages", "pdf_unreadable", partial(pdf, pages=0, change=None))
    for percent in (10, 50, 90):
        yield Sample(group, f"cut at {percent} %", "pdf_unreadable", partial(_cut, percent))
    yield Sample(group, "xfa", "pdf_xfa", partial(pdf, _xfa))
    yield Sample(group, "portfolio", "pdf_portfolio", partial(pdf, _portfolio))
    yield Sample(group, "font matrix script", "pdf_unreadable", partial(pdf, _font_matrix))
    yield Sample(group, "xref loop", "pdf_unreadable", _xref_loop)
    yield Sample(group, "page tree loop", "pdf_unreadable", _page_loop)
    yield Sample(group, "form draws itself", "pdf_too_heavy", partial(pdf, _self_drawn))
    yield Sample(group, "forms draw forms, 10^9", "pdf_too_heavy", partial(pdf, _laughs))
    run_lengths = _content(lambda: b"\x81 " * 4_700_000 + b"\x80", "/RunLengthDecode")
    yield Sample(group, "run lengths of 600 MB", "too_heavy", partial(pdf, run_lengths))
    for name, change in _BOMBS.items():
        yield Sample(group, name, "pdf_too_heavy", partial(pdf, change))
    flood = partial(
        picture, data=zlib.compress(bytes(9_000)), size=(60_000, 60_000), filters="/FlateDecode"
    )
    yield Sample(
        group, "image says 60,000 x 60,000", "pdf_image_too_large", partial(pdf, xobject(flood))
    )
    scans = partial(picture, data=many_scans(card(320, 240), 400), size=(320, 240))
    yield Sample(group, "JPEG of 400 scans inside", "image_too_heavy", partial(pdf, xobject(scans)))
    half = partial(picture, data=encode(card(), "JPEG")[:9_000], size=(640, 480))
    yield Sample(group, "half a JPEG inside", "image_unreadable", partial(pdf, xobject(half)))
    yield Sample(group, "nested arrays", "pdf_unreadable", _nested)
    yield Sample(group, "noise inside", "pdf_unreadable", _noisy)


def _glued(make: Callable[[], bytes], tail: bytes) -> bytes:
    return make() + tail


def _led_by(junk: bytes) -> bytes:
    return junk + pdf()


def _cut(percent: int) -> bytes:
    whole = pdf(pages=20)
    return whole[: len(whole) * percent // 100]


def _xfa(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    document.Root.AcroForm = Dictionary(Fields=Array([]), XFA=document.make_stream(b"<xdp/>"))


def _portfolio(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    in_names("/EmbeddedFiles")(document, page)
    document.Root.Collection = Dictionary(View=Name.T)


def _font_matrix(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    page.obj.Resources.Font.F1.FontMatrix = Array(
        [1, 0, 0, 1, 0, String(f"0); alert('{_TEXT}')//")]
    )


def _xref_loop() -> bytes:
    whole = pdf(object_stream_mode=pikepdf.ObjectStreamMode.disable)
    start = int(whole[whole.rindex(b"startxref") + 9 :].split()[0])
    return whole.replace(b"trailer <<", f"trailer << /Prev {start}".encode(), 1)


def _page_loop() -> bytes:
    whole = pdf(object_stream_mode=pikepdf.ObjectStreamMode.disable)
    at = whole.index(b"/Kids [ ") + 8
    tree = whole[whole.index(b"/Pages ") + 7 :].split()[0]
    return whole[:at] + tree + whole[at + 1 :]


def _self_drawn(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    drawn = form(document)
    drawn.write(b"/X1 Do")
    drawn.Resources = Dictionary(XObject=Dictionary(X1=drawn))
    draw_with(document, page, drawn)


def _laughs(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    drawn = form(document)
    for _ in range(9):
        outer = form(document, Resources=Dictionary(XObject=Dictionary(X1=drawn)))
        outer.write(b"/X1 Do\n" * 10)
        drawn = outer
    draw_with(document, page, drawn)


def _content(make: Callable[[], bytes], filters: str) -> Change:
    def change(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
        content = document.make_stream(b"")
        content.write(make(), filter=Array([Name(name) for name in filters.split()]))
        page.obj.Contents = content

    return change


def _twice(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    packed = zlib.compress(b" " * 90_000_000, 9)
    parts = [document.make_stream(b"") for _ in range(2)]
    for part in parts:
        part.write(packed, filter=Name.FlateDecode)
    page.obj.Contents = Array(parts)


def _spaces() -> bytes:
    return zlib.compress(b" " * 200_000_000, 9)


_BOMBS: dict[str, Change] = {
    "200 MB of spaces": _content(_spaces, "/FlateDecode"),
    "200 MB, packed twice": _content(
        lambda: zlib.compress(_spaces(), 9), "/FlateDecode /FlateDecode"
    ),
    "90 MB twice": _twice,
}


def _nested() -> bytes:
    return pdf(object_stream_mode=pikepdf.ObjectStreamMode.disable).replace(
        b"/MediaBox [ ", b"/Kenari " + b"[" * 5_000 + b"]" * 5_000 + b" /MediaBox [ ", 1
    )


def _noisy() -> bytes:
    return b"%PDF-1.7\n" + random.Random(3).randbytes(20_000) + b"\n%%EOF\n"
