"""A row of a sheet on its way: what was read of it, and what is to be said about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lsp.services.prefill import Known
from lsp.services.sheet_import_columns import BY_NAME
from lsp.vocabulary import ImportRowState, Mode, RequestKind, Sex


class Weight(StrEnum):
    """FAULT: the row cannot go in. DOUBT: only when a person says so. NOTE: worth knowing."""

    FAULT = "fault"
    DOUBT = "doubt"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Remark:
    """where: the column and the cell as Excel calls it ("NIK, sel C7")."""

    weight: Weight
    where: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A skema open for registration, as plain values."""

    version_id: int
    public_id: str
    skema_id: int
    number: str
    title: str


@dataclass(slots=True)
class SheetRow:
    """cells: by column, as they stood. values: by attribute of FrApl01, in what JSON holds."""

    number: int
    cells: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    id_izin: str = ""
    offer: Offer | None = None
    kind: RequestKind | None = None
    mode: Mode | None = None
    #: Set by the comparison with what stands: the ID Izin is already a permohonan, and what it would gain.
    present: bool = False
    gains: int = 0
    #: By column, its letter; all rows of a sheet share it.
    letters: dict[str, str] = field(default_factory=dict)

    @property
    def email(self) -> str:
        return str(self.values.get("email", "")).lower()

    @property
    def nik(self) -> str:
        return str(self.values.get("nik", ""))

    def say(self, weight: Weight, column: str, sentence: str) -> None:
        title, place = BY_NAME[column].title, self.letters.get(column)
        where = f"{title}, sel {place}{self.number}" if place else title
        self.remarks.append(Remark(weight, where, sentence))

    @property
    def state(self) -> ImportRowState:
        weights = {remark.weight for remark in self.remarks}
        if Weight.FAULT in weights:
            return ImportRowState.FAULTY
        if self.present:
            return ImportRowState.PRESENT
        return ImportRowState.DOUBTFUL if Weight.DOUBT in weights else ImportRowState.READY

    @property
    def chosen(self) -> bool:
        """Ticked when the sheet is first shown: what is sure, and what would gain something."""
        return self.state is ImportRowState.READY or (
            self.state is ImportRowState.PRESENT and self.gains > 0
        )

    def content(self) -> dict[str, Any]:
        """As it is stored (encrypted)."""
        return {
            "cells": self.cells,
            "values": self.values,
            "id_izin": self.id_izin,
            "version_id": self.offer.version_id if self.offer else None,
            "kind": self.kind,
            "mode": self.mode,
            "gains": self.gains,
            "remarks": [[each.weight, each.where, each.sentence] for each in self.remarks],
        }


def remarks_of(content: dict[str, Any]) -> list[Remark]:
    return [Remark(Weight(weight), where, said) for weight, where, said in content["remarks"]]


def known_of(content: dict[str, Any]) -> Known:
    """The stored values in the kinds that the tables hold."""
    values = dict(content["values"])
    if values.get("sex"):
        values["sex"] = Sex(values["sex"])
    return Known(values=values)
