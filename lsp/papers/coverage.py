"""Which letters a paper can print: those of the vendored fonts, read from the font files themselves.

A letter that no font has would stop the paper for ever once its text is frozen, so forms and the workflow ask here
first. Only the table of letters of each file is read, and kept as ranges: a few kilobytes in all.
"""

from __future__ import annotations

import struct
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lsp.papers.typeset import FONTS
from lsp.papers.words import printable

#: First and last letters of the ranges a font has, in order: (firsts, lasts).
Ranges = tuple[tuple[int, ...], tuple[int, ...]]


def unprintable_in(text: str) -> tuple[str, ...]:
    """The letters of a text, each once, that no paper can print.

    A single letter may come from any font. A letter with marks that Unicode has no single letter for must stand
    whole in each: Typst never puts one together from two fonts.
    """
    line = printable(text)
    if line.isascii():
        return ()
    missing: dict[str, None] = {}
    for group in _letters(line):
        enough = any if len(group) == 1 else all
        if not enough(all(_has(font, letter) for letter in group) for font in _fonts()):
            missing[group] = None
    return tuple(missing)


def why_unprintable(what: str, text: str, *, longest: int) -> str | None:
    """Why this text cannot stand on a paper, as a sentence about `what`; None when it can."""
    missing = unprintable_in(text)
    if missing:
        named = ", ".join(f"“{letters}” ({_codes(letters)})" for letters in missing[:3])
        return f"{what} memuat huruf yang tidak dapat dicetak di sertifikat: {named}. Tulis dengan huruf Latin."
    if not printable(text):
        return f"{what} belum berisi huruf yang dapat dibaca."
    if len(printable(text)) > longest:
        return (
            f"{what} lebih dari {longest} huruf, jadi tidak muat di sertifikat. Pendekkan isiannya."
        )
    return None


def _codes(letters: str) -> str:
    return " ".join(f"U+{ord(letter):04X}" for letter in letters)


def _letters(text: str) -> Iterator[str]:
    """Each letter with the marks that follow it; spaces need no font."""
    group = ""
    for letter in text:
        if group and unicodedata.category(letter).startswith("M"):
            group += letter
            continue
        if group:
            yield group
        group = "" if letter == " " else letter
    if group:
        yield group


def _has(font: Ranges, letter: str) -> bool:
    firsts, lasts = font
    place = bisect_right(firsts, ord(letter)) - 1
    return place >= 0 and ord(letter) <= lasts[place]


@cache
def _fonts() -> tuple[Ranges, ...]:
    return tuple(_ranges(path) for path in sorted(FONTS.glob("*.otf")))


def _ranges(path: Path) -> Ranges:
    """What the widest Unicode table of a font lists (OpenType: `cmap`, formats 4 and 12)."""
    content = path.read_bytes()
    cmap = _table(content, b"cmap")
    (count,) = struct.unpack_from(">H", cmap, 2)
    letters: set[int] = set()
    for number in range(count):
        platform, _encoding, offset = struct.unpack_from(">HHL", cmap, 4 + 8 * number)
        if platform in (0, 3):
            letters.update(_listed(cmap[offset:]))
    return _as_ranges(sorted(letters))


def _table(content: bytes, name: bytes) -> bytes:
    (count,) = struct.unpack_from(">H", content, 4)
    for number in range(count):
        tag, _checksum, offset, length = struct.unpack_from(">4sLLL", content, 12 + 16 * number)
        if tag == name:
            return content[offset : offset + length]
    raise ValueError(f"no {name.decode()} table")


def _listed(subtable: bytes) -> Iterator[int]:
    (kind,) = struct.unpack_from(">H", subtable)
    if kind == 4:
        return _listed_4(subtable)
    if kind == 12:
        return _listed_12(subtable)
    return iter(())


def _listed_4(subtable: bytes) -> Iterator[int]:
    (doubled,) = struct.unpack_from(">H", subtable, 6)
    count = doubled // 2
    row = struct.Struct(f">{count}H")
    ends = row.unpack_from(subtable, 14)
    starts = row.unpack_from(subtable, 16 + doubled)
    deltas = row.unpack_from(subtable, 16 + 2 * doubled)
    places = 16 + 3 * doubled
    offsets = row.unpack_from(subtable, places)
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        for code in range(start, min(end, 0xFFFE) + 1):
            if offsets[number] == 0:
                glyph = (code + deltas[number]) % 0x10000
            else:
                at = places + 2 * number + offsets[number] + 2 * (code - start)
                (glyph,) = struct.unpack_from(">H", subtable, at)
            if glyph:
                yield code


def _listed_12(subtable: bytes) -> Iterator[int]:
    (count,) = struct.unpack_from(">L", subtable, 12)
    for number in range(count):
        start, end, glyph = struct.unpack_from(">LLL", subtable, 16 + 12 * number)
        yield from range(start + (glyph == 0), end + 1)


def _as_ranges(letters: list[int]) -> Ranges:
    firsts: list[int] = []
    lasts: list[int] = []
    for code in letters:
        if lasts and code == lasts[-1] + 1:
            lasts[-1] = code
        else:
            firsts.append(code)
            lasts.append(code)
    return tuple(firsts), tuple(lasts)
