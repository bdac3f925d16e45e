"""The work list as a file: asked for by an admin, made by the worker in batches, kept sealed for a day.

Of a NIK only the last four digits go in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from lsp import clock
from lsp.actor import Actor
from lsp.database import db, write_transaction
from lsp.errors import DomainError
from lsp.gateways import storage
from lsp.models import (
    FrApl01,
    ListExport,
    OutboxMessage,
    Permohonan,
    SkemaVersion,
    User,
    name_search,
)
from lsp.services import audit, bulk, outbox
from lsp.services.sheets import CsvSheet, Sheet, XlsxSheet
from lsp.services.work_kinds import limits_in_force
from lsp.services.worklist_rows import Wanted, encode, places, values_for
from lsp.vocabulary import Channel, PermohonanStatus, Role

JOB = "list_export"
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
KEPT = timedelta(days=1)
#: Rows read at a time, and in a file at most.
BATCH, MOST = 1_000, 100_000
HEADER = (
    "ID Izin", "Nama", "NIK", "Skema", "Jenjang", "Jenis", "Cara", "Keadaan", "Sejak (WIB)", "Umur (hari)",
    "Dikirim (WIB)", "Verifikator", "Nomor permohonan",
)  # fmt: skip
_WIDTHS = (24, 28, 18, 40, 8, 14, 12, 26, 17, 11, 17, 24, 20)
_assigned = aliased(User)
_DETAILS = (
    select(
        Permohonan.id,
        Permohonan.id_izin,
        Permohonan.asesi_name,
        FrApl01.nik_last4,
        SkemaVersion.title,
        SkemaVersion.jenjang,
        Permohonan.kind,
        Permohonan.mode,
        Permohonan.status,
        Permohonan.status_at,
        Permohonan.submitted_at,
        _assigned.name.label("verifier"),
        Permohonan.public_id,
    )
    .join(SkemaVersion, SkemaVersion.id == Permohonan.skema_version_id)
    .outerjoin(FrApl01, FrApl01.permohonan_id == Permohonan.id)
    .outerjoin(_assigned, _assigned.id == Permohonan.assigned_verifier_id)
)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a list stands: `ready`, `gone` (swept after a day), `failed` (tried again by itself), or none yet."""

    ready: bool
    gone: bool
    failed: bool


def own_export(actor: Actor, export_id: str) -> ListExport | None:
    """A list this person asked for; a colleague's is not found."""
    return db.session.scalar(
        select(ListExport).where(
            ListExport.public_id == export_id, ListExport.asked_by_id == actor.id
        )
    )


def ask(actor: Actor, wanted: Wanted, *, format: str) -> ListExport:
    """Have the worker make the list as it is narrowed now. Raises DomainError for an unknown format."""
    if format not in FORMATS:
        raise DomainError("Pilih CSV atau Excel.")
    narrowed = replace(wanted, cursor="")
    made = ListExport(asked_by_id=actor.id, format=format, filter=json.dumps(asdict(narrowed)))
    db.session.add(made)
    db.session.flush()
    outbox.add(
        Channel.JOB, JOB, dedupe=f"{JOB}:{made.public_id}", payload={"export": made.public_id}
    )
    return made


def progress(made: ListExport) -> Progress:
    error = db.session.scalar(
        select(OutboxMessage.error).where(OutboxMessage.dedupe == f"{JOB}:{made.public_id}")
    )
    is_ready = made.storage_key is not None
    return Progress(
        ready=is_ready, gone=made.made_at is not None and not is_ready, failed=bool(error)
    )


def make(export_id: str) -> None:
    """Make the file of a list; harmless when repeated. Nothing is made for who is admin no more."""
    made = db.session.scalar(select(ListExport).where(ListExport.public_id == export_id))
    if made is None or made.made_at is not None or bulk.admin_of(made.asked_by.public_id) is None:
        return
    actor = Actor(id=made.asked_by_id, name="", roles=frozenset({Role.ADMIN}))
    wanted, sheet = _read(made.filter), _sheet(made.format)
    db.session.rollback()
    count = 0
    for row in rows(actor, wanted):
        sheet.add(row)
        count += 1
    stored = storage.store().put(sheet.finish())
    with write_transaction():
        row_made = db.session.scalars(
            select(ListExport).where(ListExport.public_id == export_id)
        ).one()
        row_made.storage_key, row_made.row_count, row_made.made_at = stored.key, count, clock.now()
        audit.note(
            actor, "list.export", "list_export", export_id, rows=count, filter=_without_names(wanted)
        )  # fmt: skip


def _sheet(format: str) -> Sheet:
    if format == "csv":
        return CsvSheet(HEADER)
    return XlsxSheet(HEADER, title="Permohonan", widths=_WIDTHS)


def note_download(actor: Actor, made: ListExport) -> None:
    audit.note(actor, "list.download", "list_export", made.public_id, rows=made.row_count or 0)


def sweep() -> int:
    """Delete the files of lists older than a day; returns how many. The rows stay: who asked for what."""
    old = db.session.execute(
        select(ListExport.id, ListExport.storage_key).where(
            ListExport.storage_key.is_not(None), ListExport.created_at < clock.now() - KEPT
        )
    ).all()
    db.session.rollback()
    for key, storage_key in old:
        storage.store().delete(str(storage_key))
        with write_transaction():
            db.session.get_one(ListExport, key).storage_key = None
    return len(old)


def _read(text: str) -> Wanted:
    values = json.loads(text)
    status = values.pop("status")
    return Wanted(**values, status=PermohonanStatus(status) if status else None)


def _without_names(wanted: Wanted) -> dict[str, str]:
    """The filter as it may stand in the audit chain: that a name was searched for, not which."""
    found = {name: str(value) for name, value in asdict(wanted).items() if value}
    return found | ({"search": "ya"} if wanted.search else {})


def rows(actor: Actor, wanted: Wanted) -> Iterator[tuple[str | int, ...]]:
    """The list in its order, a batch at a time along the same indexes as on the screen."""
    limits, hits, left = limits_in_force(), _hits(wanted), MOST
    while left > 0:
        first = places(actor, wanted, limits=limits, hits=hits, size=min(BATCH, left))
        moment, key = first.c.status_at, first.c.id
        order = (moment, key) if wanted.oldest_first else (moment.desc(), key.desc())
        statement = _DETAILS.join(first, key == Permohonan.id).order_by(*order)
        found = db.session.execute(statement, values_for(actor, wanted)).all()
        db.session.rollback()
        yield from (_cells(row) for row in found)
        left -= len(found)
        if len(found) < BATCH:
            return
        wanted = replace(wanted, cursor=encode(found[-1].status_at, found[-1].id))


def _hits(wanted: Wanted) -> int | None:
    if not wanted.name or db.engine.dialect.name != "sqlite":
        return None
    return db.session.scalar(select(name_search.count_up_to_many(wanted.name)))


def _cells(row: Any) -> tuple[str | int, ...]:
    return (
        row.id_izin,
        row.asesi_name,
        "*" * 12 + row.nik_last4 if row.nik_last4 else "",
        row.title,
        row.jenjang,
        row.kind.label,
        row.mode.label,
        row.status.label,
        _moment(row.status_at),
        (clock.now() - row.status_at).days,
        _moment(row.submitted_at),
        row.verifier or "",
        row.public_id,
    )


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(clock.WIB):%Y-%m-%d %H.%M}" if moment is not None else ""
