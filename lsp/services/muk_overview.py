"""Which instruments stand for which skema version, and which the MAPA in force asks for without content.

Two lists for the admin; no rows are read, and the number of queries does not grow with them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.database import db
from lsp.models import Instrument, InstrumentItem, Mapa, Skema, SkemaVersion
from lsp.services.mapa_check import jenjang_warning
from lsp.services.muk import is_newest
from lsp.services.muk_check import Lack, lacks_of
from lsp.services.muk_versions import groups_of
from lsp.vocabulary import InstrumentPaper
from lsp.workflow.muk import SHAPES


@dataclass(frozen=True, slots=True)
class SkemaLine:
    """A skema version with how many of its instruments are in force or drafts, and what its MAPA lacks."""

    public_id: str
    number: str
    title: str
    version_number: int
    is_open: bool
    in_force: int
    drafts: int
    lacks: tuple[Lack, ...]


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version of an instrument in the list of its skema."""

    public_id: str
    version_number: int
    effective_from: date | None
    rows: int
    #: It says nothing: what stood before it is not asked any more.
    is_empty: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A paper for a kelompok (or the whole skema): what holds, what comes, what is being written."""

    paper: InstrumentPaper
    kelompok: str
    in_force: VersionLine | None
    coming: VersionLine | None
    draft: VersionLine | None
    lack: Lack | None


def overview() -> list[SkemaLine]:
    """Every skema version by title."""
    versions = db.session.execute(
        select(
            SkemaVersion.id,
            SkemaVersion.public_id,
            Skema.number,
            SkemaVersion.title,
            SkemaVersion.version_number,
            SkemaVersion.opened_at,
        )
        .join(Skema, Skema.id == SkemaVersion.skema_id)
        .order_by(SkemaVersion.title, SkemaVersion.version_number.desc())
    ).all()
    drafts = _draft_counts()
    content, plans = content_in_force(), _mapa_in_force()
    return [
        SkemaLine(
            row.public_id, row.number, row.title, row.version_number, row.opened_at is not None,
            len(content.get(row.id, ())), drafts.get(row.id, 0),
            tuple(_lacks(plans.get(row.id, ()), content.get(row.id, set()))),
        )
        for row in versions
    ]  # fmt: skip


def _draft_counts() -> dict[int, int]:
    rows = db.session.execute(
        select(Instrument.skema_version_id, func.count(Instrument.id).label("number"))
        .where(Instrument.published_at.is_(None))
        .group_by(Instrument.skema_version_id)
    )
    return {row.skema_version_id: row.number for row in rows}


def content_in_force(
    version_id: int | None = None,
) -> dict[int, set[tuple[InstrumentPaper, str]]]:
    """(paper, kelompok) with something in force today, by skema version."""
    has_rows = (
        select(InstrumentItem.id).where(InstrumentItem.instrument_id == Instrument.id).exists()
    )
    query = select(
        Instrument.skema_version_id,
        Instrument.paper,
        Instrument.kelompok,
        Instrument.head,
        has_rows.label("has_rows"),
    ).where(Instrument.effective_from <= clock.today_wib(), is_newest())
    if version_id is not None:
        query = query.where(Instrument.skema_version_id == version_id)
    found: dict[int, set[tuple[InstrumentPaper, str]]] = {}
    for row in db.session.execute(query):
        if row.has_rows or row.head:
            found.setdefault(row.skema_version_id, set()).add((row.paper, row.kelompok))
    return found


def _mapa_in_force(version_id: int | None = None) -> dict[int, list[Mapa]]:
    """The MAPA an asesor may choose today, with the units of their skema."""
    newest = (
        select(Mapa.skema_version_id, Mapa.series, func.max(Mapa.version_number).label("number"))
        .where(Mapa.effective_from <= clock.today_wib())
        .group_by(Mapa.skema_version_id, Mapa.series)
        .subquery()
    )
    query = (
        select(Mapa)
        .join(
            newest,
            and_(
                newest.c.skema_version_id == Mapa.skema_version_id,
                newest.c.series == Mapa.series,
                newest.c.number == Mapa.version_number,
            ),
        )
        .order_by(Mapa.skema_version_id, Mapa.series)
        .options(joinedload(Mapa.skema_version).selectinload(SkemaVersion.units))
    )
    if version_id is not None:
        query = query.where(Mapa.skema_version_id == version_id)
    found: dict[int, list[Mapa]] = {}
    for mapa in db.session.scalars(query):
        found.setdefault(mapa.skema_version_id, []).append(mapa)
    return found


def _lacks(plans: Iterable[Mapa], content: Collection[tuple[InstrumentPaper, str]]) -> list[Lack]:
    """Of all its MAPA, each once, the hints last."""
    found = {lack for mapa in plans for lack in lacks_of(mapa, content)}
    order = {paper: number for number, paper in enumerate(SHAPES)}
    return sorted(found, key=lambda lack: (lack.is_hint, order[lack.paper], lack.kelompok))


def warnings_of(mapa: Mapa) -> tuple[list[str], list[str]]:
    """(warnings, hints) for whoever puts a MAPA in force: neither bars it."""
    content = content_in_force(mapa.skema_version_id).get(mapa.skema_version_id, set())
    lacks = _lacks([mapa], content)
    warnings = [lack.sentence for lack in lacks if not lack.is_hint]
    if jenjang := jenjang_warning(mapa):
        warnings.insert(0, jenjang)
    return warnings, [lack.sentence for lack in lacks if lack.is_hint]


def of_skema(version: SkemaVersion) -> list[Place]:
    """Every paper for which something stands or is asked for, what lacks content first."""
    content = content_in_force(version.id).get(version.id, set())
    lacks = {
        (lack.paper, lack.kelompok): lack
        for lack in _lacks(_mapa_in_force(version.id).get(version.id, ()), content)
    }
    rows: dict[tuple[InstrumentPaper, str], list[VersionLine]] = {}
    for row in _version_rows(version.id):
        rows.setdefault((row.paper, row.kelompok), []).append(
            VersionLine(
                row.public_id,
                row.version_number,
                row.effective_from,
                row.rows,
                not (row.rows or row.head),
            )
        )
    groups = ["", *groups_of(version)]
    papers = list(SHAPES)
    places = [
        _place(paper, kelompok, rows.get((paper, kelompok), []), lacks.get((paper, kelompok)))
        for paper, kelompok in {*rows, *lacks}
    ]
    return sorted(
        places,
        key=lambda place: (
            place.lack is None,
            place.lack is not None and place.lack.is_hint,
            papers.index(place.paper),
            groups.index(place.kelompok) if place.kelompok in groups else len(groups),
        ),
    )


def _version_rows(version_id: int) -> Iterable[Any]:
    """Drafts, and of each instrument the versions that hold or come; older ones stand on its own page."""
    counted = (
        select(InstrumentItem.instrument_id, func.count(InstrumentItem.id).label("rows"))
        .group_by(InstrumentItem.instrument_id)
        .subquery()
    )
    return db.session.execute(
        select(
            Instrument.public_id,
            Instrument.paper,
            Instrument.kelompok,
            Instrument.version_number,
            Instrument.effective_from,
            Instrument.head,
            func.coalesce(counted.c.rows, 0).label("rows"),
        )
        .outerjoin(counted, counted.c.instrument_id == Instrument.id)
        .where(Instrument.skema_version_id == version_id)
        .order_by(Instrument.version_number)
    ).all()


def _place(
    paper: InstrumentPaper, kelompok: str, rows: list[VersionLine], lack: Lack | None
) -> Place:
    today = clock.today_wib()
    published = [row for row in rows if row.effective_from is not None]
    holding = [row for row in published if row.effective_from and row.effective_from <= today]
    coming = [row for row in published if row not in holding]
    drafts = [row for row in rows if row.effective_from is None]
    return Place(
        paper,
        kelompok,
        holding[-1] if holding else None,
        coming[-1] if coming else None,
        drafts[-1] if drafts else None,
        lack,
    )
