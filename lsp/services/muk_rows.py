"""Rows of a draft of an instrument: adding, changing, moving, taking out and bringing back. Each is one small save."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Instrument, InstrumentItem
from lsp.services import audit
from lsp.services.muk_values import RowValues, item_of, values_of
from lsp.services.muk_versions import refuse_published
from lsp.vocabulary import ItemKind

#: Of one instrument; a kelompok with more is no interview any more, and a page must hold them.
MOST_ROWS = 300
#: Rows taken out that are remembered.
MOST_REMOVED = 300
STEPS = ("naik", "turun", "hapus")


def all_values(instrument: Instrument) -> list[Any]:
    """The rows in their order, for an edition of them."""
    return [[item.id, values_of(item).columns()] for item in instrument.items]


def one(instrument: Instrument, item_id: int) -> InstrumentItem | None:
    return next((item for item in instrument.items if item.id == item_id), None)


def add(actor: Actor, instrument: Instrument, rows: Sequence[RowValues]) -> int:
    """Add rows at the end; one that stands already, word for word, is not doubled. Returns how many came.

    Raises DomainError for a version in force, and for more rows than an instrument may have.
    """
    refuse_published(instrument)
    standing = {values_of(item) for item in instrument.items}
    new = [row for row in dict.fromkeys(rows) if row not in standing]
    _refuse_too_many(len(instrument.items) + len(new))
    _append(instrument, new)
    if new:
        _note(actor, instrument, "muk.rows_added", len(new))
    return len(new)


def replace(actor: Actor, instrument: Instrument, rows: Sequence[RowValues]) -> int:
    """Put these rows in the place of all; what is taken out can come back. Raises DomainError."""
    refuse_published(instrument)
    wanted = list(dict.fromkeys(rows))
    if says(instrument, wanted):
        return 0
    _refuse_too_many(len(wanted))
    _take_out(instrument, list(instrument.items))
    _append(instrument, wanted)
    _note(actor, instrument, "muk.rows_replaced", len(wanted))
    return len(wanted)


def says(instrument: Instrument, rows: Sequence[RowValues]) -> bool:
    """Whether these are its rows already, in this order."""
    return list(dict.fromkeys(rows)) == [values_of(item) for item in instrument.items]


def change(actor: Actor, instrument: Instrument, item: InstrumentItem, wanted: RowValues) -> None:
    """Raises DomainError for a version in force."""
    refuse_published(instrument)
    if values_of(item) == wanted:
        return
    for name, value in wanted.columns().items():
        setattr(item, name, value)
    db.session.flush()
    _note(actor, instrument, "muk.row_changed", 1)


def step(actor: Actor, instrument: Instrument, item: InstrumentItem, name: str) -> None:
    """Move a row up or down, or take it out. At the edge nothing moves. Raises DomainError."""
    refuse_published(instrument)
    if name == "hapus":
        _take_out(instrument, [item])
        _note(actor, instrument, "muk.rows_removed", 1)
        return
    place = instrument.items.index(item)
    other = place + (-1 if name == "naik" else 1)
    if not 0 <= other < len(instrument.items):
        return
    ordered = list(instrument.items)
    ordered[place], ordered[other] = ordered[other], ordered[place]
    _order(instrument, ordered)
    _note(actor, instrument, "muk.row_moved", 1)


def restore(actor: Actor, instrument: Instrument) -> int:
    """Bring back what was taken out last, to where it stood. Returns how many rows. Raises DomainError."""
    refuse_published(instrument)
    if not instrument.removed:
        raise DomainError("Tidak ada baris yang dapat dikembalikan. Baris itu sudah kembali.")
    last = instrument.removed[-1]["at"]
    back = [row for row in instrument.removed if row["at"] == last]
    _refuse_too_many(len(instrument.items) + len(back))
    instrument.removed = [row for row in instrument.removed if row["at"] != last]
    ordered = list(instrument.items)
    for row in back:
        item = item_of(_last_position(instrument) + 1, _values(row))
        instrument.items.append(item)
        db.session.flush()
        ordered.insert(min(row["place"], len(ordered)), item)
    _order(instrument, ordered)
    _note(actor, instrument, "muk.rows_restored", len(back))
    return len(back)


def _values(row: dict[str, Any]) -> RowValues:
    """Of a remembered row."""
    said = {name: row[name] for name in row if name not in ("at", "place")}
    return RowValues(**said | {"kind": ItemKind(row["kind"]), "options": tuple(row["options"])})


def _take_out(instrument: Instrument, items: Iterable[InstrumentItem]) -> None:
    """Remember the rows and delete them; what goes out together comes back together."""
    at = max((row["at"] for row in instrument.removed), default=0) + 1
    remembered = [
        {"at": at, "place": instrument.items.index(item)}
        | values_of(item).columns()
        | {"kind": item.kind.value}
        for item in items
    ]
    instrument.removed = [*instrument.removed, *remembered][-MOST_REMOVED:]
    for item in list(items):
        instrument.items.remove(item)
    db.session.flush()


def _append(instrument: Instrument, rows: Sequence[RowValues]) -> None:
    begin = _last_position(instrument)
    for number, row in enumerate(rows, begin + 1):
        instrument.items.append(item_of(number, row))
    db.session.flush()


def _last_position(instrument: Instrument) -> int:
    return max((item.position for item in instrument.items), default=0)


def _order(instrument: Instrument, ordered: Sequence[InstrumentItem]) -> None:
    """Number the rows anew. Out of the way first: no two may have one position, not even for a moment."""
    for number, item in enumerate(ordered, 1):
        item.position = -number
    db.session.flush()
    for number, item in enumerate(ordered, 1):
        item.position = number
    db.session.flush()
    db.session.expire(instrument, ["items"])


def _refuse_too_many(count: int) -> None:
    if count > MOST_ROWS:
        raise DomainError(
            f"Satu instrumen paling banyak {MOST_ROWS} baris, ini akan menjadi {count}. Tidak ada yang disimpan. "
            "Bagi menurut kelompok pekerjaan.",
        )


def _note(actor: Actor, instrument: Instrument, action: str, count: int) -> None:
    audit.note(actor, action, "instrument", instrument.public_id, rows=count)
