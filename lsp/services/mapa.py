"""MAPA of a skema version: which stand, beginning one, copying it, and putting a draft in force.

A MAPA in force is never edited (the database refuses it too); a change is a new version that starts as its copy.
What a draft holds is saved by mapa_sections.py and judged by mapa_check.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from lsp import clock
from lsp.actor import SYSTEM, Actor
from lsp.database import db, is_writing
from lsp.errors import DomainError
from lsp.models import AssessmentPlan, Mapa, Skema, SkemaVersion, UnitKompetensi
from lsp.services import audit
from lsp.services.mapa_check import gaps_of
from lsp.vocabulary.dates import day_words
from lsp.workflow.mapa import MAPA_01, MAPA_02, template

#: What a new version begins with as it stands; its people date each version anew.
CONTENTS = ("choices", "matrix", "changes", "instrument_map")
SECTIONS = (*CONTENTS, "people")


@dataclass(frozen=True, slots=True)
class State:
    """How a version stands, in words and with the tone of its badge."""

    label: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class MapaLine:
    """A version in a list."""

    public_id: str
    name: str
    approach: str
    version_number: int
    effective_from: date | None
    made_by_portal: bool
    state: State


@dataclass(frozen=True, slots=True)
class SkemaLine:
    """A skema version with its MAPA, those in force first. `lacks`: open, and nobody can plan an assessment."""

    public_id: str
    number: str
    title: str
    version_number: int
    is_open: bool
    mapa: tuple[MapaLine, ...]
    lacks: bool


def overview() -> list[SkemaLine]:
    """Every skema version by title, with the MAPA of each; two queries, no contents."""
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
    lines = _lines()
    return [_skema_line(row, lines.get(row.id, [])) for row in versions]


def _skema_line(row: Any, lines: list[MapaLine]) -> SkemaLine:
    is_open = row.opened_at is not None
    lacks = is_open and not any(line.state is IN_FORCE for line in lines)
    return SkemaLine(
        row.public_id, row.number, row.title, row.version_number, is_open, tuple(lines), lacks
    )


DRAFT = State("Draf", "wait")
IN_FORCE = State("Berlaku", "ok")
COMING = State("Akan datang", "wait")
REPLACED = State("Diganti")
_ORDER = (IN_FORCE, COMING, DRAFT, REPLACED)


def _lines() -> dict[int, list[MapaLine]]:
    """Every version by skema version."""
    rows = db.session.execute(
        select(
            Mapa.skema_version_id,
            Mapa.series,
            Mapa.public_id,
            Mapa.name,
            Mapa.approach,
            Mapa.version_number,
            Mapa.effective_from,
            Mapa.made_by_portal,
        ).order_by(Mapa.skema_version_id, Mapa.series, Mapa.version_number.desc())
    ).all()
    standing = _standing_numbers(rows)
    found: dict[int, list[MapaLine]] = {}
    for row in rows:
        number = standing.get((row.skema_version_id, row.series), 0)
        state = state_among(row.effective_from, row.version_number, number)
        line = MapaLine(*row[2:], state)
        found.setdefault(row.skema_version_id, []).append(line)
    for lines in found.values():
        lines.sort(key=lambda line: _ORDER.index(line.state))
    return found


def _standing_numbers(rows: Iterable[Any]) -> dict[tuple[int, int], int]:
    today = clock.today_wib()
    found: dict[tuple[int, int], int] = {}
    for row in rows:
        if row.effective_from is not None and row.effective_from <= today:
            key = row.skema_version_id, row.series
            found[key] = max(found.get(key, 0), row.version_number)
    return found


def state_among(effective_from: date | None, number: int, standing: int) -> State:
    if effective_from is None:
        return DRAFT
    if number == standing:
        return IN_FORCE
    return COMING if number > standing else REPLACED


def state_of(mapa: Mapa) -> State:
    standing = db.session.scalar(
        select(func.max(Mapa.version_number)).where(
            _same_series(mapa), Mapa.effective_from <= clock.today_wib()
        )
    )
    return state_among(mapa.effective_from, mapa.version_number, standing or 0)


def in_force(skema_version_id: int, on: date | None = None) -> Sequence[Mapa]:
    """The MAPA an asesor may choose on a day: of each the newest version that holds. One query."""
    newest = (
        select(Mapa.series, func.max(Mapa.version_number).label("number"))
        .where(
            Mapa.skema_version_id == skema_version_id,
            Mapa.effective_from <= (on or clock.today_wib()),
        )
        .group_by(Mapa.series)
        .subquery()
    )
    return db.session.scalars(
        select(Mapa)
        .join(newest, (newest.c.series == Mapa.series) & (newest.c.number == Mapa.version_number))
        .where(Mapa.skema_version_id == skema_version_id)
        .order_by(Mapa.series)
    ).all()


def one(public_id: str) -> Mapa | None:
    """A version with its skema version and units; locked where the request writes."""
    query = (
        select(Mapa)
        .where(Mapa.public_id == public_id)
        .options(
            joinedload(Mapa.skema_version).joinedload(SkemaVersion.skema),
            joinedload(Mapa.skema_version).selectinload(SkemaVersion.units),
        )
    )
    return db.session.scalar(query.with_for_update(of=Mapa) if is_writing() else query)


def versions_of(mapa: Mapa) -> Sequence[Mapa]:
    """All versions of the same MAPA, newest first."""
    return db.session.scalars(
        select(Mapa).where(_same_series(mapa)).order_by(Mapa.version_number.desc())
    ).all()


def sources_for(version: SkemaVersion) -> list[tuple[str, str]]:
    """(public id, words) of what a new MAPA may start from: any MAPA of any skema version, its own skema first."""
    rows = db.session.execute(
        select(
            Mapa.public_id,
            Mapa.name,
            Mapa.version_number,
            SkemaVersion.title,
            SkemaVersion.version_number,
        )
        .join(SkemaVersion, SkemaVersion.id == Mapa.skema_version_id)
        .order_by(SkemaVersion.skema_id != version.skema_id, SkemaVersion.title, Mapa.id.desc())
    )
    return [
        (public_id, f"{name}, versi {number} · {title} (skema versi {of})")
        for public_id, name, number, title, of in rows
    ]


# --- Beginning one -----------------------------------------------------------------------------------------------


def begin(
    actor: Actor, version: SkemaVersion, *, name: str, approach: str, source: Mapa | None = None
) -> Mapa:
    """A new MAPA as a draft: a copy of `source`, else the instruments its approach cannot do without, in every unit.

    Raises DomainError with the field to mend.
    """
    if approach not in template().approaches:
        raise DomainError("Pilih pendekatan asesmen.", field="approach")
    standing = db.session.execute(
        select(Mapa.name, Mapa.series).where(Mapa.skema_version_id == version.id)
    ).all()
    if name.casefold() in {row.name.casefold() for row in standing}:
        raise DomainError(
            "Skema ini sudah punya MAPA dengan nama itu. Pakai nama lain, atau buat versi barunya.",
            field="name",
        )
    made = Mapa(
        skema_version=version,
        series=max((row.series for row in standing), default=0) + 1,
        version_number=1,
        name=name,
        approach=approach,
        mapa_01_version=MAPA_01,
        mapa_02_version=MAPA_02,
        **(_copied(source, version.units) if source else _started(approach, version.units)),
    )
    db.session.add(made)
    db.session.flush()
    _note(actor, "mapa.begin", made)
    return made


def _started(approach: str, units: Sequence[UnitKompetensi]) -> dict[str, Any]:
    known = template()
    codes = [code for code in known.codes if code in known.approaches[approach].codes]
    papers = [paper for code in codes for paper in known.codes[code].must]
    return {
        "choices": {},
        "matrix": {str(unit.id): {"evidence": "", "types": [], "codes": codes} for unit in units},
        "changes": {},
        "instrument_map": {
            unit.kelompok: {paper: list(known.potensi) for paper in papers} for unit in units
        },
        "people": {},
    }


def _copied(source: Mapa, units: Sequence[UnitKompetensi]) -> dict[str, Any]:
    """The contents of another MAPA; its units are found again by code, else by title. Its signatories are not copied:
    whoever drew up the old one has not seen this one."""
    rows: dict[str, Any] = {}
    for unit in source.skema_version.units:
        if str(unit.id) in source.matrix:
            rows[_name_of(unit)] = source.matrix[str(unit.id)]
    found = {str(unit.id): rows[_name_of(unit)] for unit in units if _name_of(unit) in rows}
    groups = {unit.kelompok for unit in units}
    return {
        "choices": dict(source.choices),
        "matrix": found,
        "changes": dict(source.changes),
        "instrument_map": {
            group: ticked for group, ticked in source.instrument_map.items() if group in groups
        },
        "people": {},
    }


def _name_of(unit: UnitKompetensi) -> str:
    return (unit.code or unit.title).casefold()


def new_version(actor: Actor, mapa: Mapa) -> Mapa:
    """The next version as a draft that begins as a copy; the draft that stands where there is one already."""
    standing = versions_of(mapa)
    newest = standing[0]
    if newest.published_at is None:
        return newest
    made = Mapa(
        skema_version=mapa.skema_version,
        series=mapa.series,
        version_number=newest.version_number + 1,
        name=newest.name,
        approach=newest.approach,
        mapa_01_version=MAPA_01,
        mapa_02_version=MAPA_02,
        **{section: getattr(newest, section) for section in CONTENTS},
        people=_undated(newest.people),
    )
    db.session.add(made)
    db.session.flush()
    _note(actor, "mapa.begin", made)
    return made


def _undated(people: dict[str, Any]) -> dict[str, Any]:
    """The same people, who have not yet put a date to the new version."""
    return {
        "relevant": {key: row | {"date": ""} for key, row in people.get("relevant", {}).items()},
        **{
            key: [row | {"date": ""} for row in people.get(key, ())]
            for key in ("penyusun", "validator")
        },
    }


def discard(actor: Actor, mapa: Mapa) -> None:
    """Delete a draft. Raises DomainError for a version that was put in force."""
    refuse_published(mapa)
    _note(actor, "mapa.discard", mapa)
    db.session.delete(mapa)
    db.session.flush()


def publish(actor: Actor, mapa: Mapa, effective_from: date) -> None:
    """Put a draft in force from a day on. Raises DomainError with what is missing, or the field to mend."""
    refuse_published(mapa)
    gaps = gaps_of(mapa)
    if gaps:
        raise DomainError(f"MAPA ini belum lengkap: {len(gaps)} hal belum diisi.")
    if effective_from < clock.today_wib():
        raise DomainError(
            "MAPA berlaku paling cepat hari ini: yang sudah lewat tidak diubah.",
            field="effective_from",
        )
    latest = db.session.scalar(select(func.max(Mapa.effective_from)).where(_same_series(mapa)))
    if latest is not None and effective_from < latest:
        raise DomainError(
            f"Versi sebelumnya baru berlaku {day_words(latest)}. Pilih tanggal itu atau sesudahnya.",
            field="effective_from",
        )
    mapa.effective_from, mapa.published_at = effective_from, clock.now()
    db.session.flush()
    _note(actor, "mapa.publish", mapa, since=effective_from.isoformat())


def why_not_taken_back(mapa: Mapa) -> str | None:
    """Why a version cannot become a draft again, in a sentence; None for a coming one that nothing follows yet."""
    if mapa.effective_from is None or mapa.effective_from <= clock.today_wib():
        return "Hanya MAPA yang belum mulai berlaku yang dapat ditarik kembali."
    if versions_of(mapa)[0].id != mapa.id:
        return "Ada versi yang lebih baru. Hapus atau tarik kembali versi itu lebih dulu."
    if db.session.scalar(
        select(AssessmentPlan.id).where(AssessmentPlan.mapa_id == mapa.id).limit(1)
    ):
        return "MAPA ini sudah dipakai sebuah rencana asesmen, jadi tidak dapat ditarik kembali."
    return None


def take_back(actor: Actor, mapa: Mapa) -> None:
    """A coming version is a draft again. Raises DomainError."""
    refusal = why_not_taken_back(mapa)
    if refusal is not None:
        raise DomainError(refusal)
    mapa.effective_from = mapa.published_at = None
    db.session.flush()
    _note(actor, "mapa.take_back", mapa)


def refuse_published(mapa: Mapa) -> None:
    """Raises DomainError: what was put in force stays as it is."""
    if mapa.published_at is not None:
        raise DomainError("MAPA ini sudah diberlakukan dan tidak diubah lagi. Buat versi barunya.")


def draft_for_import(version: SkemaVersion) -> Mapa:
    """A draft for a skema that came in by file: the admin completes it before the first pre-assessment."""
    approach = "observasi" if "observasi" in version.methods else "portofolio"
    return begin(SYSTEM, version, name=template().approaches[approach].label, approach=approach)


def _same_series(mapa: Mapa) -> Any:
    return (Mapa.skema_version_id == mapa.skema_version_id) & (Mapa.series == mapa.series)


def _note(actor: Actor, action: str, mapa: Mapa, **more: Any) -> None:
    audit.note(actor, action, "mapa", mapa.public_id, version=mapa.version_number, **more)
