"""PDFs for corpus.py that are accepted: active content and images with secrets must come out drawn but dead."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from tests.corpus import (
    ACCEPTED,
    CANARY,
    Sample,
    add_segment,
    card,
    encode,
    exif,
    payloads,
)

_TEXT = CANARY.decode()
Change = Callable[[pikepdf.Pdf, pikepdf.Page], None]


def pdf(change: Change | None = None, *, pages: int = 1, **save: Any) -> bytes:
    """A small PDF that draws a red box and a line of text; `change` makes it hostile."""
    with pikepdf.new() as document:
        font = document.make_indirect(
            Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        )
        draw = b"0.9 0.1 0.1 rg 20 780 90 50 re f BT /F1 14 Tf 60 700 Td (Surat keterangan kerja) Tj ET"
        for _ in range(pages):
            page = document.add_blank_page(page_size=(595, 842))
            page.obj.Resources = Dictionary(Font=Dictionary(F1=font))
            page.obj.Contents = document.make_stream(draw)
        if change is not None:
            change(document, document.pages[0])
        out = io.BytesIO()
        document.save(out, **save)
        return out.getvalue()


def _action(**keys: Any) -> Dictionary:
    return Dictionary(Type=Name.Action, **keys)


def _script() -> Dictionary:
    return _action(S=Name.JavaScript, JS=String(f"app.alert('{_TEXT}')"))


def _attachment(document: pikepdf.Pdf) -> pikepdf.Object:
    body = document.make_stream(CANARY * 3, Type=Name.EmbeddedFile)
    spec = Dictionary(
        Type=Name.Filespec, F=String("kenari.exe"), EF=Dictionary(F=body), Desc=String(_TEXT)
    )
    return document.make_indirect(spec)


def _annotate(document: pikepdf.Pdf, page: pikepdf.Page, **keys: Any) -> None:
    annotation = Dictionary(
        Type=Name.Annot, Rect=Array([100, 100, 300, 200]), Contents=String(_TEXT), **keys
    )
    page.obj.Annots = Array([document.make_indirect(annotation)])


def draw_with(document: pikepdf.Pdf, page: pikepdf.Page, drawn: pikepdf.Object) -> None:
    page.obj.Resources.XObject = Dictionary(X1=drawn)
    page.contents_add(b"q 200 0 0 200 100 300 cm /X1 Do Q")


def picture(
    document: pikepdf.Pdf, data: bytes, size: tuple[int, int], filters: str = "/DCTDecode"
) -> pikepdf.Object:
    image = document.make_stream(data)
    image.Type, image.Subtype = Name.XObject, Name.Image
    image.Width, image.Height = size
    image.ColorSpace, image.BitsPerComponent = Name.DeviceRGB, 8
    if filters:
        image.Filter = Array([Name(name) for name in filters.split()])
    return image


# --- active content: accepted, drawn, dead ------------------------------------------------------------


def active() -> Iterator[Sample]:
    packed = {"object_stream_mode": pikepdf.ObjectStreamMode.generate}
    for name, change in ACTIVE.items():
        yield Sample("pdf active", name, ACCEPTED, partial(pdf, change))
        yield Sample(
            "pdf active", f"{name}, in object streams", ACCEPTED, partial(pdf, change, **packed)
        )
    for name in ("open action script", "annotation script", "page opens script"):
        make = partial(_escaped, ACTIVE[name])
        yield Sample("pdf active", f"{name}, escaped names", ACCEPTED, make)


def _escaped(change: Change) -> bytes:
    plain = pdf(change, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return plain.replace(b"/JavaScript", b"/Jav#61Script").replace(b"/JS ", b"/#4aS ")


def in_names(key: str) -> Change:
    def change(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
        value = (
            _attachment(document) if key == "/EmbeddedFiles" else document.make_indirect(_script())
        )
        document.Root.Names = Dictionary({key: Dictionary(Names=Array([String(_TEXT), value]))})

    return change


def _in_catalog(key: str, value: Callable[[pikepdf.Pdf], object]) -> Change:
    return lambda document, page: document.Root.__setitem__(key, value(document))


def _in_page(key: str, value: Callable[[pikepdf.Pdf], object]) -> Change:
    return lambda document, page: page.obj.__setitem__(key, value(document))


def _annotation(**keys: Any) -> Change:
    return lambda document, page: _annotate(document, page, **keys)


def _linked(action: Dictionary) -> Change:
    return _annotation(Subtype=Name.Link, A=action)


def xobject(make: Callable[[pikepdf.Pdf], pikepdf.Object]) -> Change:
    return lambda document, page: draw_with(document, page, make(document))


def form(document: pikepdf.Pdf, **keys: Any) -> pikepdf.Object:
    base = {"Type": Name.XObject, "Subtype": Name.Form, "BBox": Array([0, 0, 1, 1])}
    return document.make_stream(b"0 0 1 rg 0 0 1 1 re f", **{**base, **keys})


def _stream(document: pikepdf.Pdf) -> pikepdf.Object:
    return document.make_stream(CANARY * 2)


def _file_annotation(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    _annotate(document, page, Subtype=Name.FileAttachment, FS=_attachment(document))


def _rich_media(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    assets = Dictionary(Names=Array([String("a.swf"), _attachment(document)]))
    _annotate(document, page, Subtype=Name.RichMedia, RichMediaContent=Dictionary(Assets=assets))


def _widget(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    keys = {"FT": Name.Tx, "T": String(_TEXT), "AA": Dictionary(K=_script(), F=_script())}
    _annotate(document, page, Subtype=Name.Widget, **keys)
    document.Root.AcroForm = Dictionary(Fields=page.obj.Annots, CO=page.obj.Annots)


def _outline(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    item = document.make_indirect(Dictionary(Title=String(_TEXT), A=_script()))
    document.Root.Outlines = document.make_indirect(
        Dictionary(Type=Name.Outlines, First=item, Last=item, Count=1)
    )


def _described(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    document.docinfo["/Author"] = _TEXT
    document.docinfo["/Kenari"] = _TEXT


def _layered(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    usage = Dictionary(CreatorInfo=Dictionary(Creator=String(_TEXT)))
    layer = document.make_indirect(Dictionary(Type=Name.OCG, Name=String("Lapis"), Usage=usage))
    document.Root.OCProperties = Dictionary(
        OCGs=Array([layer]), D=Dictionary(OFF=Array([layer]), Name=String(_TEXT))
    )
    page.obj.Resources.Properties = Dictionary(L1=layer)


def _hidden_in_resources(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    page.obj.Resources["/Script"] = _script()
    page.obj.Resources.Font["/JS"] = String(_TEXT)
    page.obj.Resources.ExtGState = Dictionary(
        G1=Dictionary(AA=_script(), Metadata=_stream(document))
    )


def _secretive_jpeg(document: pikepdf.Pdf) -> pikepdf.Object:
    return picture(document, _secretive(), (640, 480))


def _secretive() -> bytes:
    jpeg = add_segment(encode(card(), "JPEG", exif=exif()), 0xFE, payloads()["html"])
    return jpeg + payloads()["zip"]


def _packed_jpeg(document: pikepdf.Pdf) -> pikepdf.Object:
    return picture(document, zlib.compress(_secretive()), (640, 480), "/FlateDecode /DCTDecode")


def _jpx(document: pikepdf.Pdf) -> pikepdf.Object:
    data = encode(card(), "JPEG2000")
    return picture(
        document,
        data + (8 + len(CANARY)).to_bytes(4, "big") + b"xml " + CANARY,
        (640, 480),
        "/JPXDecode",
    )


def _image_with(**keys: Callable[[pikepdf.Pdf], object]) -> Change:
    def make(document: pikepdf.Pdf) -> pikepdf.Object:
        image = picture(document, encode(card(64, 48), "JPEG"), (64, 48))
        for key, value in keys.items():
            image["/" + key] = value(document)
        return image

    return xobject(make)


ACTIVE: dict[str, Change] = {
    "nothing bad": lambda document, page: None,
    "open action script": _in_catalog("/OpenAction", lambda document: _script()),
    "open action launch": _in_catalog(
        "/OpenAction", lambda document: _action(S=Name.Launch, F=String(_TEXT))
    ),
    "open action view": lambda document, page: document.Root.__setitem__(
        "/OpenAction", Array([page.obj, Name.Fit])
    ),
    "catalog additional action": _in_catalog(
        "/AA", lambda document: Dictionary(WC=_script(), DP=_script())
    ),
    "catalog base address": _in_catalog(
        "/URI", lambda document: Dictionary(Base=String(f"https://{_TEXT}.invalid"))
    ),
    "catalog associated file": _in_catalog("/AF", lambda document: Array([_attachment(document)])),
    "catalog metadata": _in_catalog("/Metadata", _stream),
    "catalog piece info": _in_catalog(
        "/PieceInfo", lambda document: Dictionary(Kenari=_stream(document))
    ),
    "catalog thread": _in_catalog(
        "/Threads", lambda document: Array([Dictionary(I=Dictionary(Title=String(_TEXT)))])
    ),
    "named script": in_names("/JavaScript"),
    "named attachment": in_names("/EmbeddedFiles"),
    "named destination": in_names("/Dests"),
    "document description": _described,
    "outline script": _outline,
    "page opens script": _in_page("/AA", lambda document: Dictionary(O=_script())),
    "page metadata": _in_page("/Metadata", _stream),
    "page thumbnail": _in_page("/Thumb", _stream),
    "page piece info": _in_page(
        "/PieceInfo", lambda document: Dictionary(Kenari=_stream(document))
    ),
    "page beads": _in_page(
        "/B", lambda document: Array([document.make_indirect(Dictionary(T=String(_TEXT)))])
    ),
    "annotation script": _linked(_script()),
    "annotation launch": _linked(
        _action(S=Name.Launch, Win=Dictionary(F=String("cmd.exe"), P=String(_TEXT)))
    ),
    "annotation https link": _linked(_action(S=Name.URI, URI=String(f"https://{_TEXT}.invalid/"))),
    "annotation script link": _linked(_action(S=Name.URI, URI=String(f"javascript:{_TEXT}"))),
    "annotation submits": _linked(_action(S=Name.SubmitForm, F=String(f"https://{_TEXT}.invalid"))),
    "annotation goes to file": _linked(
        _action(S=Name.GoToR, F=String(_TEXT), D=Array([0, Name.Fit]))
    ),
    "annotation goes inside file": _linked(
        _action(S=Name.GoToE, T=Dictionary(R=Name.C, N=String(_TEXT)))
    ),
    "annotation imports": _linked(_action(S=Name.ImportData, F=String(_TEXT))),
    "annotation rendition": _linked(_action(S=Name.Rendition, JS=String(_TEXT), OP=0)),
    "annotation chain": _linked(_action(S=Name.Named, N=Name.NextPage, Next=_script())),
    "annotation file": _file_annotation,
    "annotation rich media": _rich_media,
    "annotation screen": _annotation(Subtype=Name.Screen, AA=Dictionary(PO=_script())),
    "annotation movie": _annotation(Subtype=Name.Movie, Movie=Dictionary(F=String(_TEXT))),
    "annotation sound": _annotation(Subtype=Name.Sound, Sound=Dictionary(F=String(_TEXT))),
    "annotation 3d": _annotation(Subtype=Name("/3D"), OnInstantiate=String(_TEXT)),
    "annotation popup": _annotation(Subtype=Name.Popup, RC=String(_TEXT)),
    "widget script": _widget,
    "layer": _layered,
    "resources script": _hidden_in_resources,
    "form reference": xobject(
        lambda document: form(document, Ref=Dictionary(F=String(_TEXT), Page=0))
    ),
    "form postscript": xobject(
        lambda document: form(document, Subtype2=Name.PS, PS=_stream(document))
    ),
    "form opi": xobject(lambda document: form(document, OPI=Dictionary(F=String(_TEXT)))),
    "form metadata": xobject(lambda document: form(document, Metadata=_stream(document))),
    "postscript object": xobject(
        lambda document: document.make_stream(CANARY, Type=Name.XObject, Subtype=Name.PS)
    ),
    "image from outside": _image_with(F=lambda document: String(f"https://{_TEXT}.invalid/a.jpg")),
    "image alternates": _image_with(
        Alternates=lambda document: Array([Dictionary(Image=_stream(document))])
    ),
    "image with a key of its own": _image_with(Kenari=_stream),
    "form with a key of its own": xobject(
        lambda document: form(document, Kenari=_stream(document))
    ),
    "image metadata": _image_with(Metadata=_stream),
    "image that is a secretive JPEG": xobject(_secretive_jpeg),
    "image that is a packed secretive JPEG": xobject(_packed_jpeg),
    "image that is JPEG 2000 with a box": xobject(_jpx),
}
