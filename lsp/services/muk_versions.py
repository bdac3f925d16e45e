"""Instruments of the MUK in versions: beginning one, its head and people, putting a draft in force, discarding it.

A version in force is never edited (the database refuses it too); a change is a new version that starts as its copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload, selectinload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db, is_writing
from lsp.errors import DomainError
from lsp.models import Elemen, Instrument, InstrumentItem, SkemaVersion, UnitKompetensi
from lsp.services import audit
from lsp.services.mapa import State, state_among
from lsp.services.muk_check import gaps_of
from lsp.services.muk_values import item_of, values_of
from lsp.vocabulary import InstrumentPaper
from lsp.vocabulary.dates import day_words
from lsp.workflow.muk import SHAPES

#: Parts of a draft that are saved as a whole; its rows are saved one by one (muk_rows.py).
PARTS = ("head", "people")
WHOLE = "Seluruh skema"


def kelompok_words(kelompok: str) -> str:
    return kelompok or WHOLE


def one(public_id: str) -> Instrument | None:
    """A version with its rows and what they are about; locked where the request writes."""
    items = selectinload(Instrument.items)
    query = (
        select(Instrument)
        .where(Instrument.public_id == public_id)
        .options(
            joinedload(Instrument.skema_version).joinedload(SkemaVersion.skema),
            items.joinedload(InstrumentItem.unit),
            items.joinedload(InstrumentItem.elemen),
            items.joinedload(InstrumentItem.kuk),
        )
    )
    return db.session.scalar(query.with_for_update(of=Instrument) if is_writing() else query)


def units_of(instrument: Instrument) -> Sequence[UnitKompetensi]:
    """The units it may ask about, down to the KUK: those of its kelompok, or all."""
    query = (
        select(UnitKompetensi)
        .where(UnitKompetensi.skema_version_id == instrument.skema_version_id)
        .order_by(UnitKompetensi.position)
        .options(selectinload(UnitKompetensi.elements).selectinload(Elemen.kuk_list))
    )
    if instrument.kelompok:
        query = query.where(UnitKompetensi.kelompok == instrument.kelompok)
    return db.session.scalars(query).all()


def groups_of(version: SkemaVersion) -> list[str]:
    """The kelompok pekerjaan of a skema version, in their order."""
    rows = db.session.scalars(
        select(UnitKompetensi.kelompok)
        .where(UnitKompetensi.skema_version_id == version.id)
        .group_by(UnitKompetensi.kelompok)
        .order_by(func.min(UnitKompetensi.position))
    )
    return list(rows)


def versions_of(instrument: Instrument) -> Sequence[Any]:
    """Rows of all versions of the same instrument, newest first: public_id, version_number, effective_from."""
    return db.session.execute(
        select(Instrument.public_id, Instrument.version_number, Instrument.effective_from)
        .where(_same(instrument))
        .order_by(Instrument.version_number.desc())
    ).all()


def states_of(instrument: Instrument, versions: Sequence[Any]) -> list[State]:
    """How each of its versions stands today."""
    today = clock.today_wib()
    standing = max(
        (
            row.version_number
            for row in versions
            if row.effective_from is not None and row.effective_from <= today
        ),
        default=0,
    )
    return [state_among(row.effective_from, row.version_number, standing) for row in versions]


def draft_of(version: SkemaVersion, paper: InstrumentPaper, kelompok: str) -> Instrument | None:
    return db.session.scalar(
        select(Instrument).where(
            _of(version.id, paper, kelompok),
            Instrument.published_at.is_(None),
        )
    )


def newest(version: SkemaVersion, paper: InstrumentPaper, kelompok: str) -> Instrument | None:
    """The newest version that was put in force, also one still to come: what a new version starts from."""
    return db.session.scalar(
        select(Instrument)
        .where(_of(version.id, paper, kelompok), Instrument.published_at.is_not(None))
        .order_by(Instrument.version_number.desc())
        .limit(1)
        .options(selectinload(Instrument.items))
    )


def begin(
    actor: Actor,
    version: SkemaVersion,
    paper: InstrumentPaper,
    kelompok: str,
    *,
    copied: bool = False,
) -> Instrument:
    """The draft that stands, else a new one: empty, or a copy of what is in force. Raises DomainError."""
    if paper not in SHAPES:
        raise DomainError("Instrumen ini tidak punya isi sendiri. Pilih yang lain.", field="paper")
    if kelompok and kelompok not in groups_of(version):
        raise DomainError("Kelompok pekerjaan itu tidak ada di skema ini.", field="kelompok")
    standing = draft_of(version, paper, kelompok)
    if standing is not None:
        return standing
    source = newest(version, paper, kelompok)
    made = Instrument(
        skema_version=version,
        paper=paper,
        kelompok=kelompok,
        version_number=source.version_number + 1 if source is not None else 1,
        head=dict(source.head) if source is not None and copied else {},
        people=undated(source.people) if source is not None and copied else {},
    )
    if source is not None and copied:
        made.items = [item_of(item.position, values_of(item)) for item in source.items]
    db.session.add(made)
    db.session.flush()
    note(actor, "muk.begin", made)
    return made


def undated(people: dict[str, Any]) -> dict[str, Any]:
    """The same people, who have not yet put a date to the new version."""
    return {role: [row | {"date": ""} for row in rows] for role, rows in people.items()}


def save(actor: Actor, instrument: Instrument, part: str, value: dict[str, Any]) -> None:
    """Store a part as a form read it. Raises DomainError for a version in force."""
    refuse_published(instrument)
    if part not in PARTS:
        raise ValueError(f"no part of an instrument: {part!r}")
    if getattr(instrument, part) == value:
        return
    setattr(instrument, part, value)
    db.session.flush()
    note(actor, "muk.edit", instrument, item=part)


def discard(actor: Actor, instrument: Instrument) -> None:
    """Delete a draft with its rows. Raises DomainError for a version that was put in force."""
    refuse_published(instrument)
    note(actor, "muk.discard", instrument)
    db.session.delete(instrument)
    db.session.flush()


def publish(actor: Actor, instrument: Instrument, effective_from: date) -> None:
    """Put a draft in force from a day on. Raises DomainError with what is missing, or the field to mend."""
    refuse_published(instrument)
    gaps = gaps_of(instrument)
    if gaps:
        raise DomainError(f"Instrumen ini belum lengkap: {len(gaps)} hal belum diisi.")
    if effective_from < clock.today_wib():
        raise DomainError(
            "Instrumen berlaku paling cepat hari ini: yang sudah lewat tidak diubah.",
            field="effective_from",
        )
    latest = db.session.scalar(select(func.max(Instrument.effective_from)).where(_same(instrument)))
    if latest is not None and effective_from < latest:
        raise DomainError(
            f"Versi sebelumnya baru berlaku {day_words(latest)}. Pilih tanggal itu atau sesudahnya.",
            field="effective_from",
        )
    instrument.removed = []
    instrument.effective_from, instrument.published_at = effective_from, clock.now()
    db.session.flush()
    note(actor, "muk.publish", instrument, since=effective_from.isoformat())


def refuse_published(instrument: Instrument) -> None:
    """Raises DomainError: what was put in force stays as it is."""
    if instrument.published_at is not None:
        raise DomainError("Versi ini sudah diberlakukan dan tidak diubah lagi. Buat versi barunya.")


def _of(version_id: int, paper: InstrumentPaper, kelompok: str) -> ColumnElement[bool]:
    return (
        (Instrument.skema_version_id == version_id)
        & (Instrument.paper == paper)
        & (Instrument.kelompok == kelompok)
    )


def _same(instrument: Instrument) -> ColumnElement[bool]:
    return _of(instrument.skema_version_id, instrument.paper, instrument.kelompok)


def note(actor: Actor, action: str, instrument: Instrument, **more: Any) -> None:
    audit.note(
        actor, action, "instrument", instrument.public_id, form=instrument.paper.value,
        version=instrument.version_number, **more,
    )  # fmt: skip
