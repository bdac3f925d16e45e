"""Instruments of the skema version before, as drafts: rows are found again by unit code and elemen number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.models import (
    Elemen,
    Instrument,
    InstrumentItem,
    SkemaVersion,
    UnitKompetensi,
)
from lsp.services.muk import is_newest
from lsp.services.muk_values import RowValues, item_of
from lsp.services.muk_versions import groups_of, kelompok_words, note, undated
from lsp.vocabulary import InstrumentPaper


@dataclass(frozen=True, slots=True)
class Copied:
    """What would come of one instrument. unmatched: a sentence for each row whose place was not found again;
    refusal: why it is not taken over at all, or empty."""

    paper: InstrumentPaper
    kelompok: str
    source: Instrument
    rows: tuple[RowValues, ...]
    unmatched: tuple[str, ...]
    refusal: str = ""


def before(version: SkemaVersion) -> SkemaVersion | None:
    """The newest earlier version of the same skema that has instruments in force."""
    return db.session.scalar(
        select(SkemaVersion)
        .where(
            SkemaVersion.skema_id == version.skema_id,
            SkemaVersion.version_number < version.version_number,
            select(Instrument.id)
            .where(
                Instrument.skema_version_id == SkemaVersion.id,
                Instrument.effective_from <= clock.today_wib(),
            )
            .correlate(SkemaVersion)
            .exists(),
        )
        .order_by(SkemaVersion.version_number.desc())
        .limit(1)
    )


def prepared(version: SkemaVersion, earlier: SkemaVersion) -> list[Copied]:
    """What taking over would bring, instrument by instrument; nothing is written."""
    items = selectinload(Instrument.items)
    sources = db.session.scalars(
        select(Instrument)
        .where(
            Instrument.skema_version_id == earlier.id,
            Instrument.effective_from <= clock.today_wib(),
            is_newest(),
        )
        .order_by(Instrument.paper, Instrument.kelompok)
        .options(
            items.joinedload(InstrumentItem.unit),
            items.joinedload(InstrumentItem.elemen),
            items.joinedload(InstrumentItem.kuk),
        )
    ).all()
    units = {_name_of(unit): unit for unit in _units(version)}
    groups, standing = groups_of(version), _standing(version)
    return [
        _prepare(source, units, groups, standing)
        for source in sources
        if source.items or source.head
    ]


def _units(version: SkemaVersion) -> Sequence[UnitKompetensi]:
    return db.session.scalars(
        select(UnitKompetensi)
        .where(UnitKompetensi.skema_version_id == version.id)
        .options(selectinload(UnitKompetensi.elements).selectinload(Elemen.kuk_list))
    ).all()


def _standing(version: SkemaVersion) -> set[tuple[InstrumentPaper, str]]:
    rows = db.session.execute(
        select(Instrument.paper, Instrument.kelompok).where(
            Instrument.skema_version_id == version.id
        )
    )
    return {(row.paper, row.kelompok) for row in rows}


def _name_of(unit: UnitKompetensi) -> str:
    """As a MAPA that is copied: by code, where the source had none by title."""
    return (unit.code or unit.title).casefold()


def _prepare(
    source: Instrument,
    units: dict[str, UnitKompetensi],
    groups: list[str],
    standing: set[tuple[InstrumentPaper, str]],
) -> Copied:
    refusal = ""
    if (source.paper, source.kelompok) in standing:
        refusal = "Sudah ada di versi ini, jadi tidak disalin lagi."
    elif source.kelompok and source.kelompok not in groups:
        refusal = f"Kelompok {source.kelompok} tidak ada di versi ini, jadi tidak disalin."
    rows, unmatched = [], []
    for number, item in enumerate(source.items, 1):
        values, lost = _matched(item, units, source.kelompok)
        if values is not None:
            rows.append(values)
        if lost:
            unmatched.append(f"Baris {number}: {lost}")
    return Copied(source.paper, source.kelompok, source, tuple(rows), tuple(unmatched), refusal)


def _matched(
    item: InstrumentItem, units: dict[str, UnitKompetensi], kelompok: str
) -> tuple[RowValues | None, str]:
    """The row at its place in the new version, and what of that place was not found.

    A row without its unit stays behind: it would be asked of everybody. One without its elemen is kept at its unit.
    """

    def row(*about: int | None) -> RowValues:
        return RowValues(item.kind, item.text, item.key, tuple(item.options), *about)

    if item.unit is None:
        return row(None, None, None), ""
    unit = units.get(_name_of(item.unit))
    named = item.unit.code or item.unit.title
    if unit is None or (kelompok and unit.kelompok != kelompok):
        where = kelompok_words(kelompok).lower()
        return None, f"unit {named} tidak ada di {where} versi ini, baris tidak disalin."
    if item.elemen is None:
        return row(unit.id, None, None), ""
    elemen = next((each for each in unit.elements if each.number == item.elemen.number), None)
    if elemen is None:
        return row(
            unit.id, None, None
        ), f"elemen {item.elemen.number} unit {named} tidak ada, disalin di unitnya."
    if item.kuk is None:
        return row(unit.id, elemen.id, None), ""
    kuk = next((each for each in elemen.kuk_list if each.number == item.kuk.number), None)
    if kuk is None:
        return row(
            unit.id, elemen.id, None
        ), f"KUK {item.kuk.number} unit {named} tidak ada, disalin di elemennya."
    return row(unit.id, elemen.id, kuk.id), ""


def take_over(actor: Actor, version: SkemaVersion, earlier: SkemaVersion) -> int:
    """Make drafts of all that can be taken over; pressed twice nothing more comes. Returns how many."""
    made = 0
    for each in prepared(version, earlier):
        if each.refusal:
            continue
        draft = Instrument(
            skema_version=version,
            paper=each.paper,
            kelompok=each.kelompok,
            version_number=1,
            head=dict(each.source.head),
            people=undated(each.source.people),
        )
        draft.items = [item_of(number, row) for number, row in enumerate(each.rows, 1)]
        db.session.add(draft)
        db.session.flush()
        note(actor, "muk.copy", draft, **{"from": each.source.public_id})
        made += 1
    return made
