"""MUK: the instruments of a skema version as an assessment reads them, keys included. Nothing is written here."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased, joinedload

from lsp import clock
from lsp.database import db
from lsp.models import Instrument, InstrumentItem, UnitKompetensi
from lsp.vocabulary import InstrumentPaper


def instruments_in_force(
    skema_version_id: int,
    paper: InstrumentPaper,
    on: date | None = None,
    *,
    known_at: datetime | None = None,
) -> list[Instrument]:
    """What an instrument asks on a day, with its rows and what they are about, in one query.

    known_at: a moment of that day; what was put in force later on the same day was not there yet.

    One for the whole skema (`kelompok` empty) stands first, then those of the kelompok in the order of the skema;
    one that was ended by an empty version is not among them.
    Its rows carry the keys: for the asesor and the admin only.
    """
    found = db.session.scalars(
        select(Instrument)
        .where(
            Instrument.skema_version_id == skema_version_id,
            Instrument.paper == paper,
            _stands(Instrument, on, known_at),
            is_newest(on, known_at),
        )
        .order_by(_place_of_kelompok(), Instrument.id)
        .options(joinedload(Instrument.items).joinedload(InstrumentItem.kuk))
    )
    return [each for each in found.unique() if each.items or each.head]


def _stands(
    instrument: type[Instrument], on: date | None, known_at: datetime | None
) -> ColumnElement[bool]:
    holds = instrument.effective_from <= (on or clock.today_wib())
    return holds if known_at is None else and_(holds, instrument.published_at <= known_at)


def is_newest(on: date | None = None, known_at: datetime | None = None) -> ColumnElement[bool]:
    """Condition on Instrument: no later version of the same instrument holds on that day."""
    later = aliased(Instrument)
    return ~(
        select(later.id)
        .where(
            later.skema_version_id == Instrument.skema_version_id,
            later.paper == Instrument.paper,
            later.kelompok == Instrument.kelompok,
            later.version_number > Instrument.version_number,
            _stands(later, on, known_at),
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
