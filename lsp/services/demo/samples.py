"""Sample files of the demo: drawn here, so no picture of a real person or paper ships with the product."""

from __future__ import annotations

import io
from dataclasses import dataclass

from lsp.actor import SYSTEM
from lsp.gateways import storage
from lsp.gateways.rebuild import Rebuilt
from lsp.services.documents import Received, receive

#: Requirement codes that get a drawing of their own; every other row gets the plain sheet.
PHOTO, CARD = "1d", "1a"


@dataclass(frozen=True, slots=True)
class Samples:
    """Rebuilt once (each takes a child process); `fresh` seals a new copy for a case."""

    rebuilt: dict[str, Rebuilt]

    def fresh(self, code: str, name: str) -> Received:
        """A received file of its own for a requirement code."""
        rebuilt = self.rebuilt.get(code, self.rebuilt["sheet"])
        stored = storage.store().put(rebuilt.content)
        preview = storage.store().put(rebuilt.preview) if rebuilt.preview else None
        return Received(rebuilt, stored, preview, f"{name}.jpg")


def make_samples() -> Samples:
    """Draw and rebuild the sample files. Slow (child processes): call it outside a write transaction."""
    drawn = {PHOTO: _portrait(), CARD: _card(), "sheet": _sheet()}
    rebuilt = {}
    for code, content in drawn.items():
        received = receive(content, original_name=f"contoh-{code}.jpg", actor=SYSTEM)
        rebuilt[code] = received.rebuilt
        for stored in (received.stored, received.preview):
            if stored is not None:
                storage.store().delete(stored.key)
    return Samples(rebuilt)


def _jpeg(image: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)  # type: ignore[attr-defined]
    return buffer.getvalue()


def _portrait() -> bytes:
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (450, 600), "#b9473e")
    draw = ImageDraw.Draw(image)
    draw.ellipse((40, 400, 410, 820), fill="#2b3a4a")
    draw.polygon(((185, 420), (265, 420), (225, 520)), fill="#e9e4d8")
    draw.rectangle((190, 350, 260, 430), fill="#c9976b")
    draw.ellipse((140, 130, 310, 390), fill="#d6a77a")
    draw.pieslice((132, 105, 318, 330), 180, 360, fill="#26211d")
    return _jpeg(image)


def _card() -> bytes:
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (1000, 640), "#bcd7e6")
    draw = ImageDraw.Draw(image)
    draw.rectangle((720, 160, 930, 440), fill="#b9473e")
    draw.text((60, 50), "CONTOH KARTU - BUKAN KTP", fill="#1b2327", font_size=42)
    for row, width in enumerate((560, 480, 520, 420, 500, 360)):
        draw.rectangle((60, 150 + row * 60, 60 + width, 178 + row * 60), fill="#7f9fb1")
    return _jpeg(image)


def _sheet() -> bytes:
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (1000, 1414), "#fdfcf8")
    draw = ImageDraw.Draw(image)
    draw.text((120, 120), "SURAT CONTOH", fill="#1b2327", font_size=54)
    draw.text((120, 200), "Rekaan untuk demo, bukan surat sebenarnya", fill="#56636a", font_size=30)
    for row in range(18):
        draw.rectangle((120, 300 + row * 46, 880 - (row % 4) * 90, 316 + row * 46), fill="#d9d6cc")
    draw.ellipse((620, 1130, 840, 1350), outline="#0d4c57", width=8)
    return _jpeg(image)
