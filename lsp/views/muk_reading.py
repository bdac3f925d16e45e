"""An instrument of the MUK as it is read: by the asesor whole, by the asesi without its key.

The asesi's reading is made of other parts, so that no template of his can print a key by mistake.
"""

from __future__ import annotations

from dataclasses import dataclass

from lsp.models import Instrument, InstrumentItem
from lsp.services.muk_check import LETTERS, row_faults
from lsp.services.muk_versions import kelompok_words
from lsp.views.mapa_reading import Person, authors
from lsp.workflow.muk import Shape, shape_of


@dataclass(frozen=True, slots=True)
class AskedRow:
    """A row as the asesi reads it. options: (letter or bullet, words)."""

    number: int
    text: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row as the asesor reads it, with what it is about and its key; faults: what it still lacks."""

    item_id: int
    asked: AskedRow
    about: str
    about_words: str
    kind: str
    key: str
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AsesiReading:
    """What concerns the asesi; nothing where others read the instrument to him."""

    title: str
    kelompok: str
    head: tuple[tuple[str, str], ...]
    rows: tuple[AskedRow, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """The whole instrument."""

    title: str
    kelompok: str
    shape: Shape
    head: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    authors: tuple[Person, ...]


def title_of(instrument: Instrument) -> str:
    return f"{instrument.paper.value} {instrument.paper.label}"


def asesor_reading(instrument: Instrument) -> Reading:
    shape = shape_of(instrument)
    return Reading(
        title=title_of(instrument),
        kelompok=kelompok_words(instrument.kelompok),
        shape=shape,
        head=_head(instrument, shape),
        rows=tuple(_row(number, item, shape) for number, item in enumerate(instrument.items, 1)),
        authors=authors(instrument.people),
    )


def asesi_reading(instrument: Instrument) -> AsesiReading | None:
    """What the asesi reads of it; None where he reads nothing."""
    shape = shape_of(instrument)
    if not shape.asesi_reads:
        return None
    return AsesiReading(
        title=title_of(instrument),
        kelompok=kelompok_words(instrument.kelompok),
        head=_head(instrument, shape),
        rows=tuple(_asked(number, item, shape) for number, item in enumerate(instrument.items, 1)),
    )


def _head(instrument: Instrument, shape: Shape) -> tuple[tuple[str, str], ...]:
    return tuple(
        (field.label, instrument.head[field.key])
        for field in shape.head
        if instrument.head.get(field.key)
    )


def _asked(number: int, item: InstrumentItem, shape: Shape) -> AskedRow:
    marks = LETTERS if shape.key_is_letter else "•" * len(item.options)
    return AskedRow(number, item.text, tuple(zip(marks, item.options, strict=False)))


def _row(number: int, item: InstrumentItem, shape: Shape) -> Row:
    codes = [item.unit.code or f"unit {item.unit.position}"] if item.unit else []
    codes += [f"elemen {item.elemen.number}"] if item.elemen else []
    codes += [f"KUK {item.kuk.number}"] if item.kuk else []
    deepest = (
        item.kuk.text if item.kuk else item.elemen.title if item.elemen
        else item.unit.title if item.unit else ""
    )  # fmt: skip
    return Row(
        item_id=item.id,
        asked=_asked(number, item, shape),
        about=" · ".join(codes),
        about_words=deepest,
        kind=item.kind.label if len(shape.kinds) > 1 else "",
        key=item.key,
        faults=tuple(row_faults(item, shape)),
    )
