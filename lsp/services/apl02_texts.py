"""What FR.APL.02 asks: units, elemen and KUK of a skema version, read once a process.

A version that is open for registration is never edited (models/skema.py), so its texts are kept; of others nothing is.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from lsp.database import db
from lsp.models import Elemen, Kuk, SkemaVersion, UnitKompetensi

#: Versions kept; one of nine units takes some 40 kB.
MOST_KEPT = 32
_kept: OrderedDict[str, tuple[UnitText, ...]] = OrderedDict()


@dataclass(frozen=True, slots=True)
class ElemenText:
    """kuk: (number, text) in order."""

    id: int
    number: str
    title: str
    kuk: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class UnitText:
    id: int
    position: int
    code: str
    title: str
    standard: str
    elements: tuple[ElemenText, ...]


_TEXTS = (
    select(
        UnitKompetensi.id,
        UnitKompetensi.position,
        UnitKompetensi.code,
        UnitKompetensi.title,
        UnitKompetensi.standard,
        Elemen.id,
        Elemen.number,
        Elemen.title,
        Kuk.number,
        Kuk.text,
    )
    .join(Elemen, Elemen.unit_id == UnitKompetensi.id)
    .outerjoin(Kuk, Kuk.elemen_id == Elemen.id)
    .where(UnitKompetensi.skema_version_id == bindparam("version"))
    .order_by(UnitKompetensi.position, Elemen.position, Kuk.position)
)


def texts_of(version: SkemaVersion) -> tuple[UnitText, ...]:
    """The units of a version in order; one query, and none when it was read before."""
    key = version.public_id
    found = _kept.get(key)
    if found is None:
        found = _read(version.id)
        if version.opened_at is not None:
            _kept[key] = found
            while len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
    return found


def _read(version_id: int) -> tuple[UnitText, ...]:
    units: dict[int, tuple[int, str, str, str]] = {}
    elements: dict[int, dict[int, tuple[str, str]]] = {}
    kuk: dict[int, list[tuple[str, str]]] = {}
    for unit_id, position, code, title, standard, *rest in db.session.execute(
        _TEXTS, {"version": version_id}
    ):
        elemen_id, number, words, kuk_number, kuk_text = rest
        units.setdefault(unit_id, (position, code, title, standard))
        elements.setdefault(unit_id, {}).setdefault(elemen_id, (number, words))
        here = kuk.setdefault(elemen_id, [])
        if kuk_text is not None:
            here.append((kuk_number, kuk_text))
    return tuple(
        UnitText(
            unit_id,
            *head,
            tuple(
                ElemenText(elemen_id, *words, tuple(kuk[elemen_id]))
                for elemen_id, words in elements[unit_id].items()
            ),
        )
        for unit_id, head in units.items()
    )
