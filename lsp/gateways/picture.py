"""A paper of our own as a picture of its first page, drawn in a short-lived child."""

from __future__ import annotations

from pathlib import Path

from lsp.gateways.child import ChildError, run_child

MOST_BYTES = 300_000
_SCRIPT = Path(__file__).with_name("_picture_child.py")


def first_page(pdf: bytes, *, lock_path: Path) -> bytes:
    """A JPEG of at most MOST_BYTES. Raises ChildError, and HeavyWorkBusy when the one place is taken."""
    drawn = run_child(_SCRIPT, pdf, seconds=20.0, memory_mb=512, lock_path=lock_path)
    if not drawn.startswith(b"\xff\xd8\xff") or len(drawn) > MOST_BYTES:
        raise ChildError("the picture of a paper is none")
    return drawn
