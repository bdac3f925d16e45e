"""A signature drawn by finger: strokes as numbers in, our own picture out (docs/decisions/drawn-signature.md).

What a browser sends is never stored and never decoded as a picture: whole numbers within the box are read, and the
picture is drawn from them, black strokes and nothing else. A drawing that cannot be read is no drawing.
"""

from __future__ import annotations

import re
from contextlib import suppress

from lsp import logs
from lsp.gateways import storage
from lsp.gateways.files import FileStoreError

#: The box that the strokes are in, whatever the size of the screen (static/sign.js has the same).
WIDTH, HEIGHT = 600, 200
#: More than a long name written slowly takes (a screen tells a finger's place 60 to 120 times a second).
MOST_LETTERS = 40_000
CONTENT_TYPE = "image/svg+xml"
_POINT = "-?[0-9]{1,4},-?[0-9]{1,4}"
_STROKES = re.compile(f"{_POINT}(?:[ ;]{_POINT})*")
#: Less ink than this is a slip of the finger, no signature.
_LEAST_POINTS = 4


def picture(text: str) -> bytes | None:
    """The drawing as a picture of ours; None for what is no drawing."""
    if len(text) > MOST_LETTERS or not _STROKES.fullmatch(text):
        return None
    strokes = [[_placed(point) for point in stroke.split(" ")] for stroke in text.split(";")]
    if sum(map(len, strokes)) < _LEAST_POINTS:
        return None
    path = "".join("M" + "L".join(stroke) for stroke in strokes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<path d="{path}" fill="none" stroke="#000" stroke-width="4" stroke-linecap="round" '
        'stroke-linejoin="round"/></svg>'
    ).encode()


def _placed(point: str) -> str:
    """A point within the box; a finger that leaves it draws along its edge."""
    x, y = map(int, point.split(","))
    return f"{min(max(x, 0), WIDTH)} {min(max(y, 0), HEIGHT)}"


def keep(text: str | None) -> str | None:
    """Seal the drawing in the file store, before the unit of work that names its key.

    None without a drawing, and where the store does not answer: the name signs, the drawing is an extra.
    """
    made = picture(text) if text else None
    if made is None:
        return None
    try:
        return storage.store().put(made).key
    except FileStoreError as error:
        logs.logger().error("signature.drawing", exc_info=error)
        return None


def discard(key: str | None) -> None:
    """The signature did not come about. What stays behind is swept by the worker."""
    if key is not None:
        with suppress(FileStoreError):
            storage.store().delete(key)
