"""MUK: the instruments of a skema version as an assessment reads them, keys included. Nothing is written here."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased, joinedload

from lsp import clock
from lsp.database import db
from lsp.models import Instrument, InstrumentItem, UnitKompetensi
from lsp.vocabulary import InstrumentPaper


def instruments_in_force(
    skema_version_id: int, paper: InstrumentPaper, on: date | None = None
) -> list[Instrument]:
    """What an instrument asks on a day, with its rows and what they are about, in one query.

    One for the whole skema (`kelompok` empty) stands first, then those of the kelompok in the order of the skema;
    one that was ended by an empty version is not among them.
    Its rows carry the keys: for the asesor and the admin only.
    """
    found = db.session.scalars(
        select(Instrument)
        .where(
            Instrument.skema_version_id == skema_version_id,
            Instrument.paper == paper,
            Instrument.effective_from <= (on or clock.today_wib()),
            is_newest(on),
        )
        .order_by(_place_of_kelompok(), Instrument.id)
        .options(joinedload(Instrument.items).joinedload(InstrumentItem.kuk))
    )
    return [each for each in found.unique() if each.items or each.head]


def is_newest(on: date | None = None) -> ColumnElement[bool]:
    """Condition on Instrument: no later version of the same instrument holds on that day."""
    later = aliased(Instrument)
    return ~(
        select(later.id)
        .where(
            later.skema_version_id == Instrument.skema_version_id,
            later.paper == Instrument.paper,
            later.kelompok == Instrument.kelompok,
            later.version_number > Instrument.version_number,
            later.effective_from <= (on or clock.today_wib()),
        )
        .correlate(Instrument)
        .exists()
    )


def _place_of_kelompok() -> ColumnElement[int]:
    """Where a kelompok stands in its skema; nothing for the whole skema, which so comes first."""
    first = (
        select(func.min(UnitKompetensi.position))
        .where(
            UnitKompetensi.skema_version_id == Instrument.skema_version_id,
            UnitKompetensi.kelompok == Instrument.kelompok,
        )
        .correlate(Instrument)
        .scalar_subquery()
    )
    return func.coalesce(first, 0)
