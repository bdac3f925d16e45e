"""Write a new PDF that holds only what draws the pages of the old one.

An allow list, not a hunt for bad keys: pages, their content and resources are copied into an empty document;
catalog, names, actions, forms, attachments and metadata stay behind. Runs inside the child of rebuild.py only.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name, Stream

if TYPE_CHECKING:
    from PIL import Image

    from lsp.gateways._jpeg_rules import BadJpeg, strip_jpeg
    from lsp.gateways._jpx_rules import strip_jpx
else:
    from _jpeg_rules import BadJpeg, strip_jpeg
    from _jpx_rules import strip_jpx

MAX_PAGES = 200
MAX_DECODED = 100_000_000  # bytes of all streams together; 195 kB can expand to 200 MB
MAX_OBJECTS = 200_000
MAX_PIXELS = 50_000_000  # of one image
MAX_BILEVEL_PIXELS = 150_000_000  # black and white scans: an A1 plan at 300 dpi
MAX_DRAWN = 1_000_000  # forms drawn on one page when forms draw forms
MAX_RESULT = 12_000_000

_PAGE_KEYS = {
    "/Type",
    "/Parent",
    "/MediaBox",
    "/CropBox",
    "/Rotate",
    "/UserUnit",
    "/Resources",
    "/Contents",
    "/Group",
}
_STREAM_KEYS = {"/Length", "/Filter", "/DecodeParms", "/DL"}
_FORM_KEYS = _STREAM_KEYS | {
    "/Type", "/Subtype", "/FormType", "/BBox", "/Matrix", "/Resources", "/Group", "/Name", "/OC",
}  # fmt: skip
_IMAGE_KEYS = _STREAM_KEYS | {
    "/Type", "/Subtype", "/Width", "/Height", "/ColorSpace", "/BitsPerComponent", "/Intent", "/ImageMask",
    "/Mask", "/Decode", "/Interpolate", "/SMask", "/SMaskInData", "/Matte", "/Name", "/OC",
}  # fmt: skip
# Keys that never help to draw, removed wherever a page's resources lead.
_FORBIDDEN = {
    "/A", "/AA", "/AF", "/AP", "/Alternates", "/Annots", "/CreatorInfo", "/Dests", "/EF", "/EmbeddedFiles",
    "/F", "/FDecodeParms", "/FFilter", "/FS", "/JS", "/JavaScript", "/LastModified", "/Launch", "/Metadata",
    "/Movie", "/Names", "/OPI", "/OpenAction", "/PS", "/Parent", "/PieceInfo", "/PtData", "/RF", "/Ref",
    "/Rendition", "/RichMediaContent", "/RichMediaSettings", "/Sound", "/StructParent", "/StructParents",
    "/Subtype2", "/Thumb", "/URI", "/Usage", "/XFA",
}  # fmt: skip
# Resource categories and what their values may be; anything else in them is dropped.
_RESOURCES: dict[str, tuple[type, ...]] = {
    "/Font": (Dictionary,), "/XObject": (Stream,), "/ExtGState": (Dictionary,), "/Shading": (Dictionary, Stream),
    "/Pattern": (Dictionary, Stream), "/Properties": (Dictionary,), "/ColorSpace": (Array, Name),
}  # fmt: skip
_IMAGE_FILTERS = {"/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode"}
_PLAIN_FILTERS = {
    "/FlateDecode",
    "/LZWDecode",
    "/RunLengthDecode",
    "/ASCII85Decode",
    "/ASCIIHexDecode",
}
_ALL_FILTERS = pikepdf.StreamDecodeLevel.specialized  # run lengths are not in the level below
_SHORT = {
    "/DCT": "/DCTDecode", "/CCF": "/CCITTFaxDecode", "/Fl": "/FlateDecode", "/LZW": "/LZWDecode",
    "/RL": "/RunLengthDecode", "/A85": "/ASCII85Decode", "/AHx": "/ASCIIHexDecode",
}  # fmt: skip
_DRAWS = re.compile(rb"/([^\s/\[\]<>(){}%]+)\s+Do\b")


class BadPdf(ValueError):
    """Not a PDF we keep. The text is a refusal code."""


def rebuild_pdf(data: bytes, preview_side: int) -> tuple[bytes, int, Image.Image]:
    """Return the new file, its number of pages and a picture of the first. Raises BadPdf or a library's error."""
    end = data.rfind(b"%%EOF")
    if end < 0:
        raise BadPdf("pdf_unreadable")  # cut short
    if data[end + 5 :].strip(b"\x00\t\n\f\r "):
        raise BadPdf("pdf_trailing")  # a second file is glued to it
    try:
        source = pikepdf.open(io.BytesIO(data))
    except pikepdf.PasswordError as error:
        raise BadPdf("pdf_encrypted") from error
    with source:
        _refuse_what_we_would_lose(source)
        # Stamps and filled answers are evidence, so they are drawn before annotations go.
        source.flatten_annotations("all")
        _Scrubber(source).run()
        content = _copy(source)
    if len(content) > MAX_RESULT:
        raise BadPdf("pdf_too_heavy")
    pages, picture = _preview(content, preview_side)
    return content, pages, picture


def _refuse_what_we_would_lose(source: pikepdf.Pdf) -> None:
    if source.is_encrypted:
        raise BadPdf("pdf_encrypted")
    if len(source.objects) > MAX_OBJECTS:
        raise BadPdf("pdf_too_heavy")
    pages = len(source.pages)
    if any("loop" in str(warning) for warning in source.get_warnings()):
        raise BadPdf("pdf_unreadable")
    if not pages:
        raise BadPdf("pdf_unreadable")
    if pages > MAX_PAGES:
        raise BadPdf("pdf_too_many_pages")
    root = source.Root
    form = root.get("/AcroForm")
    if isinstance(form, Dictionary) and "/XFA" in form:
        raise BadPdf("pdf_xfa")  # the page only says "please wait"; the content is in the form
    if "/Collection" in root:
        raise BadPdf("pdf_portfolio")  # the content is in the attachments
    if isinstance(form, Dictionary) and form.get("/NeedAppearances"):
        source.generate_appearance_streams()


class _Scrubber:
    """Walks everything the pages lead to, removing and counting in one pass."""

    def __init__(self, source: pikepdf.Pdf) -> None:
        self.source = source
        self.seen: set[tuple[int, int]] = set()
        self.visited = 0
        self.decoded = 0
        self.costs: dict[tuple[int, int], int] = {}

    def run(self) -> None:
        todo: list[Any] = []
        for page in self.source.pages:
            node = page.obj
            _keep_only(node, _PAGE_KEYS)
            resources = node.get("/Resources")
            if resources is not None:
                self._resources(resources, todo)
            todo.extend(node[key] for key in ("/Contents", "/Group") if key in node)
        if "/OCProperties" in self.source.Root:
            todo.extend(_layers(self.source.Root.OCProperties))
        while todo:
            node = todo.pop()
            if isinstance(node, Array):
                if self._first_visit(node):
                    todo.extend(_containers(node))
            elif isinstance(node, (Dictionary, Stream)) and self._first_visit(node):
                self._node(node, todo)
        for page in self.source.pages:
            if self._cost(page.obj, page.obj.get("/Contents"), ()) > MAX_DRAWN:
                raise BadPdf("pdf_too_heavy")

    def _first_visit(self, node: Any) -> bool:
        self.visited += 1
        if self.visited > MAX_OBJECTS:
            raise BadPdf("pdf_too_heavy")
        if not node.is_indirect:
            return True
        if node.objgen in self.seen:
            return False
        self.seen.add(node.objgen)
        return True

    def _node(self, node: Any, todo: list[Any]) -> None:
        if isinstance(node, Stream):
            subtype = node.get("/Subtype")
            if subtype == Name.Image:
                _keep_only(node, _IMAGE_KEYS)
            elif subtype == Name.Form:
                _keep_only(node, _FORM_KEYS)
            self._weigh(node, is_image=subtype == Name.Image)
        for key in _FORBIDDEN.intersection(node.keys()):
            del node[key]
        matrix = node.get("/FontMatrix")
        if matrix is not None and not _is_matrix(matrix):
            raise BadPdf("pdf_unreadable")  # a known way to run a script in a browser's viewer
        for key in list(node.keys()):
            value = node[key]
            if key == "/Resources":
                self._resources(value, todo)
            elif key == "/CharProcs":
                _named(value, (Stream,), todo)
            elif isinstance(value, (Array, Dictionary, Stream)):
                todo.append(value)

    def _resources(self, resources: Any, todo: list[Any]) -> None:
        if not isinstance(resources, Dictionary):
            raise BadPdf("pdf_unreadable")
        if not self._first_visit(resources):
            return
        _keep_only(resources, {*_RESOURCES, "/ProcSet"})
        for category, allowed in _RESOURCES.items():
            if category in resources:
                _named(resources[category], allowed, todo)
        for name, drawn in list(resources.get("/XObject", {}).items()):
            if drawn.get("/Subtype") not in (Name.Image, Name.Form):
                del resources.XObject[name]  # PostScript XObjects

    def _weigh(self, stream: Any, *, is_image: bool) -> None:
        """Bound what the stream becomes when decoded; rebuild the images that carry metadata."""
        filters = _filters(stream)
        last = filters[-1] if filters else ""
        if any(
            name not in _PLAIN_FILTERS for name in filters[:-1]
        ) or last not in _PLAIN_FILTERS | _IMAGE_FILTERS | {""}:
            raise BadPdf("pdf_unreadable")
        if is_image:
            _check_pixels(stream)
        if last in ("/DCTDecode", "/JPXDecode"):
            self._strip_image(stream, filters)
        elif last not in _IMAGE_FILTERS:
            self.decoded += self._decoded_size(stream, filters)
            if self.decoded > MAX_DECODED:
                raise BadPdf("pdf_too_heavy")

    def _decoded_size(self, stream: Any, filters: list[str]) -> int:
        if not filters:
            return len(stream.get_raw_stream_buffer())
        if filters != ["/FlateDecode"]:
            return len(stream.get_stream_buffer(_ALL_FILTERS))  # bounded by the process limit
        unpack, raw, size = zlib.decompressobj(), bytes(stream.get_raw_stream_buffer()), 0
        while raw and not unpack.eof:
            size += len(unpack.decompress(raw, 1 << 20))
            if self.decoded + size > MAX_DECODED:
                raise BadPdf("pdf_too_heavy")
            raw = unpack.unconsumed_tail
        return size

    def _strip_image(self, stream: Any, filters: list[str]) -> None:
        raw = stream.read_raw_bytes()
        if len(filters) > 1:  # the JPEG is packed once more
            packed = self.source.make_stream(raw)
            packed.Filter = Array([Name(name) for name in filters[:-1]])
            raw = packed.read_bytes(_ALL_FILTERS)
        if filters[-1] == "/JPXDecode":
            raw, width, height = strip_jpx(raw)
        else:
            jpeg = strip_jpeg(raw)
            raw, width, height = jpeg.clean, jpeg.width, jpeg.height
        if width * height > MAX_PIXELS:
            raise BadPdf("pdf_image_too_large")
        parameters = stream.get("/DecodeParms")
        if isinstance(parameters, Array):
            parameters = parameters[-1] if len(parameters) else None
        keep = parameters if isinstance(parameters, Dictionary) else None
        stream.write(raw, filter=Name(filters[-1]), decode_parms=keep)

    def _cost(self, owner: Any, contents: Any, path: tuple[tuple[int, int], ...]) -> int:
        """How many forms are drawn when this one is; refuses a form that draws itself."""
        forms = owner.get("/Resources", {}).get("/XObject", {})
        children = {name: form for name, form in forms.items() if form.get("/Subtype") == Name.Form}
        if not children:
            return 1
        parts = list(contents) if isinstance(contents, Array) else [contents]
        text = b"\n".join(
            part.read_bytes(_ALL_FILTERS) for part in parts if isinstance(part, Stream)
        )
        total = 1
        for match in _DRAWS.finditer(text):
            form = children.get("/" + match.group(1).decode("latin-1"))
            if form is None:
                continue
            if form.objgen in path or len(path) > 30:
                raise BadPdf("pdf_too_heavy")
            if form.objgen not in self.costs:
                self.costs[form.objgen] = self._cost(form, form, (*path, form.objgen))
            total += self.costs[form.objgen]
        return total


def _keep_only(node: Any, allowed: set[str]) -> None:
    for key in set(node.keys()) - allowed:
        del node[key]


def _named(values: Any, allowed: tuple[type, ...], todo: list[Any]) -> None:
    """A dictionary whose keys are names of the author's choice: judge the values, not the keys."""
    if not isinstance(values, Dictionary):
        raise BadPdf("pdf_unreadable")
    for name, value in list(values.items()):
        if not isinstance(value, allowed):
            del values[name]
        elif isinstance(value, (Array, Dictionary, Stream)):
            todo.append(value)


def _containers(array: Any) -> Iterator[Any]:
    return (value for value in array if isinstance(value, (Array, Dictionary, Stream)))


def _is_matrix(matrix: Any) -> bool:
    numbers = list(matrix) if isinstance(matrix, Array) else []
    return len(numbers) == 6 and not any(
        isinstance(n, (pikepdf.Object, bool, str)) for n in numbers
    )


def _filters(stream: Any) -> list[str]:
    value = stream.get("/Filter")
    names = [] if value is None else list(value) if isinstance(value, Array) else [value]
    return [_SHORT.get(str(name), str(name)) for name in names]


def _check_pixels(image: Any) -> None:
    pixels = int(image.get("/Width", 0)) * int(image.get("/Height", 0))
    bilevel = bool(image.get("/ImageMask", False)) or image.get("/BitsPerComponent") == 1
    if pixels < 0 or pixels > (MAX_BILEVEL_PIXELS if bilevel else MAX_PIXELS):
        raise BadPdf("pdf_image_too_large")


def _layers(properties: Any) -> list[Any]:
    groups = properties.get("/OCGs") if isinstance(properties, Dictionary) else None
    return list(groups) if isinstance(groups, Array) else []


def _copy(source: pikepdf.Pdf) -> bytes:
    with pikepdf.new() as fresh:
        fresh.pages.extend(source.pages)
        groups = _layers(source.Root.get("/OCProperties"))
        if groups:  # else layers that were hidden would show
            default: Any = source.Root.OCProperties.get("/D", {})
            state = {key: default[key] for key in ("/BaseState", "/ON", "/OFF") if key in default}
            kept = source.make_indirect(
                Dictionary({"/OCGs": Array(groups), "/D": Dictionary(state)})
            )
            fresh.Root.OCProperties = fresh.copy_foreign(kept)
        out = io.BytesIO()
        fresh.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            deterministic_id=True,
        )
        return out.getvalue()


def _preview(content: bytes, side: int) -> tuple[int, Image.Image]:
    document = pypdfium2.PdfDocument(content)
    try:
        page = document[0]
        scale = side / max(page.get_size())
        picture = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
        picture.thumbnail((side, side))
        return len(document), picture
    finally:
        document.close()


__all__ = ["BadJpeg", "BadPdf", "rebuild_pdf"]
