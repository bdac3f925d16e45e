"""The child of picture.py: draw the first page of one of our own PDFs as a JPEG on standard output.

Runs alone under limits and must not import the `lsp` package (that would load Flask).
"""

from __future__ import annotations

import io
import sys

import pypdfium2
from PIL import Image

LONGEST_SIDE = 1800
MOST_BYTES = 300_000


def picture_of(data: bytes) -> bytes:
    """The sharpest picture within MOST_BYTES: first worse quality, then smaller."""
    document = pypdfium2.PdfDocument(data)
    try:
        page = document[0]
        scale = LONGEST_SIDE / max(page.get_size())
        picture = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    finally:
        document.close()
    while True:
        for quality in (85, 75, 65, 55, 45):
            drawn = _jpeg(picture, quality)
            if len(drawn) <= MOST_BYTES:
                return drawn
        picture.thumbnail(
            (picture.width * 4 // 5, picture.height * 4 // 5), Image.Resampling.LANCZOS
        )


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=quality, optimize=True, progressive=True)
    return kept.getvalue()


if __name__ == "__main__":
    sys.stdout.buffer.write(picture_of(sys.stdin.buffer.read()))
