"""Turn a Typst template of this folder and plain data into a PDF, the same bytes every time.

It knows no form: each paper has a Python file that gathers data and a .typ file that lays it out.
It signs nothing; the signature is put on the finished bytes by the signing gateway.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from lsp.gateways.child import run_child

PAPERS = Path(__file__).parent
CHILD = PAPERS / "_typeset_child.py"

# Every font a template may name: static instances that ship with the product (fonts/NOTICE).
FONTS = PAPERS / "fonts"

# Measured with typst 0.15.2: a certificate of two pages takes 0.3-0.4 s and 65 MB, one with forty units
# 0.5 s and 80 MB. The limit is on address space, not on resident memory: 256 MB was the least that
# worked (libraries are mapped whole), 192 MB failed; twice that leaves room for papers of many pages.
SECONDS = 30.0
MEMORY_MB = 512

_TEMPLATE_NAME = re.compile(r"[a-z][a-z0-9_]*")


def typeset(
    template: str,
    data: Mapping[str, Any],
    *,
    assets: Mapping[str, bytes],
    timestamp: datetime,
    lock_path: Path,
    pdf_standard: str = "a-2b",
) -> bytes:
    """Return the PDF of `<template>.typ`, which finds `data` and `assets` with `paper-input()`.

    data: whatever JSON can hold, in the order in which it should be read; assets: images by name.
    timestamp: written into the file as its date, so it must be aware and come from stored data,
    never from the clock, or the paper would differ each time it is made.

    Raises ChildRefused("unprintable_text U+…") when a letter is in none of our fonts, HeavyWorkBusy
    when another child holds the place, and ChildError for a fault in a template or a missing font.
    """
    if not _TEMPLATE_NAME.fullmatch(template):
        raise ValueError(f"not the name of a template: {template!r}")
    if timestamp.utcoffset() is None:
        raise ValueError("timestamp needs a time zone")
    job = {
        "papers": str(PAPERS),
        "template": template,
        "fonts": str(FONTS),
        "data": data,
        "assets": {name: list(content) for name, content in sorted(assets.items())},
        "timestamp": int(timestamp.timestamp()),
        "pdf_standard": pdf_standard,
    }
    payload = json.dumps(job, ensure_ascii=False, separators=(",", ":")).encode()
    return run_child(CHILD, payload, seconds=SECONDS, memory_mb=MEMORY_MB, lock_path=lock_path)
