"""A sheet of asesi from upload to confirmation. Nothing is written to a permohonan here: sheet_import_run.py does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, exists, func, select, update

from lsp import clock
from lsp.actor import Actor
from lsp.database import db, write_transaction
from lsp.errors import DomainError
from lsp.gateways import sheets, storage
from lsp.models import ImportBatch, ImportRow, Skema
from lsp.models.inforce import setting
from lsp.models.queue import add
from lsp.services import audit, intake
from lsp.services.sheet_import_columns import Table, find_table
from lsp.services.sheet_import_rows import Offer, SheetRow
from lsp.vocabulary import Channel, ImportOutcome, ImportRowState, ImportStatus, Role

#: Kind of the worker's job.
JOB = "sheet_import"
LONGEST_NAME = 80
#: States whose rows a person may tick.
MAY_GO = (ImportRowState.READY, ImportRowState.DOUBTFUL, ImportRowState.PRESENT)


def offers() -> list[Offer]:
    """The skema open for registration, as plain values that outlive their connection."""
    versions = intake.open_skema_versions()
    numbers = {skema.id: skema.number for skema in db.session.scalars(select(Skema))}
    return [
        Offer(each.id, each.public_id, each.skema_id, numbers[each.skema_id], each.title)
        for each in versions
    ]


def read(content: bytes, *, most_rows: int) -> Table:
    """The rows of a file, in a child process: hold no connection meanwhile. Raises DomainError with a sentence."""
    found = sheets.read_sheets(content, most_rows=most_rows, lock_path=storage.heavy_lock())
    return find_table(found, most_rows=most_rows)


def store(actor: Actor, *, file_name: str, table: Table, rows: list[SheetRow]) -> ImportBatch:
    """Keep the rows until they are confirmed or expire."""
    batch = ImportBatch(
        about={"file_name": file_name[-LONGEST_NAME:], "remarks": table.remarks},
        created_by_id=actor.id,
        expires_at=clock.now() + timedelta(days=int(setting("sheet_days"))),
    )
    db.session.add(batch)
    db.session.flush()
    db.session.add_all(
        ImportRow(
            batch_id=batch.id,
            number=row.number,
            state=row.state,
            chosen=row.chosen,
            content=row.content(),
        )
        for row in rows
    )
    db.session.flush()
    note(actor, "import.upload", batch, Counter(row.state for row in rows))
    return batch


def note(
    actor: Actor,
    action: str,
    batch: ImportBatch,
    counts: Mapping[ImportRowState, int] | Mapping[ImportOutcome, int] | None = None,
) -> None:
    """Seal what was done to a sheet, with numbers of rows and nothing of what they say."""
    details = {f"rows_{kind.value}": count for kind, count in (counts or {}).items()}
    audit.note(actor, action, "import_batch", batch.public_id, role=Role.ADMIN, **details)


def choose(batch: ImportBatch, *, shown: list[int], ticked: list[int]) -> None:
    """Remember the ticks of the rows that a page showed. Raises DomainError once the work has begun."""
    _still_open(batch)
    for chosen, numbers in ((True, set(shown) & set(ticked)), (False, set(shown) - set(ticked))):
        _tick(batch, chosen, ImportRow.number.in_(numbers))


def choose_all(batch: ImportBatch, *, chosen: bool) -> None:
    """Tick every row that is sure, or untick all."""
    _still_open(batch)
    _tick(batch, chosen, ImportRow.state == ImportRowState.READY if chosen else ImportRow.id > 0)


def _tick(batch: ImportBatch, chosen: bool, which: ColumnElement[bool]) -> None:
    db.session.execute(
        update(ImportRow)
        .where(
            ImportRow.batch_id == batch.id,
            ImportRow.state.in_(MAY_GO),
            ImportRow.outcome.is_(None),
            which,
        )
        .values(chosen=chosen)
        .execution_options(synchronize_session=False)
    )


def _still_open(batch: ImportBatch) -> None:
    if batch.status is ImportStatus.RUNNING:
        raise DomainError("Lembar ini sedang dikerjakan. Pilihannya dapat diubah setelah selesai.")


def begin(actor: Actor, batch: ImportBatch) -> None:
    """The admin confirms: the worker takes the ticked rows in. Goes on, too, after a stop. Raises DomainError."""
    if batch.status is ImportStatus.RUNNING:
        raise DomainError("Lembar ini sudah dikerjakan sejak tadi.")
    if not db.session.scalar(select(exists().where(*waiting(batch.id)))):
        raise DomainError("Belum ada baris yang dicentang. Centang dulu barisnya.")
    batch.status = ImportStatus.RUNNING
    batch.started_by_id, batch.started_at, batch.finished_at = actor.id, clock.now(), None
    queue(batch)
    note(actor, "import.begin", batch)


def queue(batch: ImportBatch) -> None:
    """Write the worker's job for what still waits; each portion has one of its own."""
    done = db.session.scalar(
        select(func.count(ImportRow.id)).where(
            ImportRow.batch_id == batch.id, ImportRow.outcome.is_not(None)
        )
    )
    since = batch.started_at.isoformat() if batch.started_at else ""
    add(
        Channel.JOB,
        JOB,
        dedupe=f"{JOB}:{batch.public_id}:{since}:{done}",
        payload={"batch": batch.public_id},
    )


def waiting(batch_id: int) -> tuple[ColumnElement[bool], ...]:
    """Condition on ImportRow: ticked and not done yet."""
    return (
        ImportRow.batch_id == batch_id,
        ImportRow.outcome.is_(None),
        ImportRow.chosen.is_(True),
    )


def stop(actor: Actor, batch: ImportBatch) -> None:
    """No further row is taken in; those that are stay. Raises DomainError when nothing is under way."""
    if batch.status is not ImportStatus.RUNNING:
        raise DomainError("Lembar ini tidak sedang dikerjakan.")
    batch.status = ImportStatus.STOPPED
    note(actor, "import.stop", batch)


def discard(actor: Actor, batch: ImportBatch) -> None:
    """Forget a sheet and its rows; permohonan made of it stay. Raises DomainError while it is worked on."""
    if batch.status is ImportStatus.RUNNING:
        raise DomainError("Lembar ini sedang dikerjakan. Hentikan dulu, baru hapus.")
    note(actor, "import.discard", batch)
    _delete(batch.id)


def _delete(batch_id: int) -> None:
    db.session.execute(delete(ImportRow).where(ImportRow.batch_id == batch_id))
    db.session.execute(delete(ImportBatch).where(ImportBatch.id == batch_id))


def forget_expired() -> int:
    """Delete sheets whose days are over, one at a time; returns how many. One that is worked on waits."""
    expired = db.session.scalars(
        select(ImportBatch.id).where(
            ImportBatch.expires_at < clock.now(), ImportBatch.status != ImportStatus.RUNNING
        )
    ).all()
    for batch_id in expired:
        with write_transaction():
            _delete(batch_id)
    return len(expired)
