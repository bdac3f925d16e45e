"""Compile one Typst template to PDF; started by `lsp.gateways.child` with a JSON job on standard input.

Standalone on purpose: only the standard library and typst, so a render starts in milliseconds and
the database, the keys and the rest of the portal are not even importable by mistake.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import typst

REFUSED = 3  # the exit code `run_child` turns into ChildRefused
FAILED = 1

_UNPRINTABLE = re.compile(r"the text `\"(?P<text>.*)\"` could not be displayed", re.DOTALL)


def main() -> int:
    # Read by Typst's thread pool at its first use. Each thread reserves address space, so on a host of
    # many cores the memory limit would otherwise be met by stacks instead of by a runaway paper.
    os.environ["RAYON_NUM_THREADS"] = "1"
    job = json.load(sys.stdin.buffer)
    papers = Path(job["papers"])
    # Neither the host's fonts nor those inside the wheel: the same letters on every machine.
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[job["fonts"]]
    )
    # Everything that came from a person travels as JSON text, which Typst never reads as markup.
    # Assets travel as lists of numbers: Typst has no base64, and no file means nothing to clean up.
    data = json.dumps(
        {"data": job["data"], "assets": job["assets"]}, ensure_ascii=False, separators=(",", ":")
    )
    try:
        pdf, warnings = typst.compile_with_warnings(
            papers / f"{job['template']}.typ",
            root=papers,
            font_paths=fonts,
            sys_inputs={"data": data},
            format="pdf",
            pdf_standards=[job["pdf_standard"]],
            timestamp=job["timestamp"],
        )
    except typst.TypstError as error:
        return _explain(error)
    if warnings:
        # An unknown font is only a warning to Typst and falls back silently, so none is let through.
        return _fail(FAILED, "; ".join(warning.message for warning in warnings))
    sys.stdout.buffer.write(pdf)
    return 0


def _explain(error: typst.TypstError) -> int:
    """Say on standard error what went wrong, without repeating a person's text in the log."""
    unprintable = _UNPRINTABLE.search(error.message)
    if unprintable:
        codes = sorted({f"U+{ord(letter):04X}" for letter in unprintable["text"]})
        return _fail(REFUSED, " ".join(["unprintable_text", *codes[:8]]))
    return _fail(FAILED, "\n".join([error.message, *error.trace]))


def _fail(code: int, reason: str) -> int:
    sys.stderr.write(reason + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
