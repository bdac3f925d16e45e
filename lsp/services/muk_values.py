"""What a row of an instrument says, as plain values: compared, copied and typed without the row itself."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from lsp.models import InstrumentItem
from lsp.vocabulary import ItemKind


@dataclass(frozen=True, slots=True)
class RowValues:
    kind: ItemKind
    text: str
    key: str = ""
    options: tuple[str, ...] = ()
    unit_id: int | None = None
    elemen_id: int | None = None
    kuk_id: int | None = None

    def columns(self) -> dict[str, Any]:
        """For a row of the table, and as JSON."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return found | {"options": list(self.options)}


def values_of(item: InstrumentItem) -> RowValues:
    return RowValues(
        item.kind, item.text, item.key, tuple(item.options), item.unit_id, item.elemen_id, item.kuk_id
    )  # fmt: skip


def item_of(position: int, values: RowValues) -> InstrumentItem:
    """A new row at this position."""
    return InstrumentItem(position=position, **values.columns())
