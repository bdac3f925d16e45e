"""QR codes for papers: drawn as SVG, and large enough to survive a poor photocopy.

It says nothing about what the content means; the paper prints a caption beside each code.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import segno

# What QR's alphanumeric mode can hold: fewer and larger modules than the same text in byte mode.
_ALPHANUMERIC = re.compile(r"[0-9A-Z $%*+\-./:]+")

QUIET_MODULES = 4  # ISO/IEC 18004 asks for four light modules on each side
# The size of a module decides whether a blurred black-and-white copy scans at 150 dpi, far more than the
# level of error correction: of ten bad copies at most 1 was read at 0.6 mm, 6 to 9 at 0.7 mm, all at 0.9 mm.
MODULE_MM = 0.9
LARGEST_SIDE_MM = 45.0  # what the layouts have room for
# What the largest code on a paper (version 16, level M) holds in byte mode, the roomiest of its modes.
MOST_BYTES = 450


@dataclass(frozen=True, slots=True)
class PrintedQr:
    """svg: UTF-8 bytes with its quiet zone; side_mm: the edge at which the paper must print it."""

    svg: bytes
    side_mm: float


def is_alphanumeric(content: str) -> bool:
    return _ALPHANUMERIC.fullmatch(content) is not None


def fits_on_paper(content: str) -> bool:
    """Whether `printed_qr` can draw it; asked before it is frozen, so without drawing."""
    return 0 < len(content.encode()) <= MOST_BYTES


def printed_qr(content: str) -> PrintedQr:
    """Draw `content` with error correction M, or better where that costs no room.

    Raises ValueError when it is empty or would need more room than a paper has.
    """
    if not fits_on_paper(content):
        raise ValueError(f"QR content of {len(content)} characters does not fit on a paper")
    code = segno.make_qr(content, error="m", boost_error=True)
    modules = code.symbol_size(border=QUIET_MODULES)[0]
    svg = io.BytesIO()
    # A light background of its own keeps the guilloche and the sample mark out of the modules.
    code.save(svg, kind="svg", border=QUIET_MODULES, dark="#000", light="#fff", nl=False)
    return PrintedQr(svg.getvalue(), round(min(modules * MODULE_MM, LARGEST_SIDE_MM), 2))
