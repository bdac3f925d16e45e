"""The worker's part of a sheet: ticked rows become permohonan in DRAFT, some at a time, each exactly once.

A row's outcome is written in the transaction that does it. A worker killed in between leaves the rows of that
transaction as if untouched, and the next one begins there.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import joinedload

from lsp import clock, logs
from lsp.actor import SYSTEM, Actor
from lsp.database import DatabaseBusy, db, write_transaction
from lsp.errors import DomainError
from lsp.models import ImportBatch, ImportRow, OutboxMessage, Permohonan, SkemaVersion, User
from lsp.services import intake, prefill, sheet_import
from lsp.services.apl01 import form_of
from lsp.services.sheet_import_check import Standing, missing_in, standing_under
from lsp.services.sheet_import_rows import known_of
from lsp.vocabulary import (
    Channel,
    FieldOrigin,
    ImportOutcome,
    ImportStatus,
    Mode,
    PermohonanStatus,
    RequestKind,
    Role,
)

#: Rows a transaction: the writers' turn is held for about a quarter of a second.
ROWS_AT_ONCE = 25
#: Between two transactions other writers get in: they look for their turn every 2 ms.
BREATH_SECONDS = 0.01
#: Transactions a job: its lease must not run out, and other jobs (a certificate) come between.
PORTIONS = 10
#: Invitations go 25 every ten seconds, from when a sheet of two thousand is nearly done.
FIRST_MAILS_AFTER, MAILS_EVERY = timedelta(seconds=30), timedelta(seconds=10)
#: The portion is tried again as a whole.
_SAYS_NOTHING_OF_A_ROW = (DatabaseBusy, OperationalError)
_BROKEN = (
    "Terjadi gangguan di portal pada baris ini, jadi permohonannya tidak dibuka. Catat ID Izin ini satu per satu, "
    "atau hubungi pengelola portal."
)


def run(batch_id: str) -> None:
    """Take in the next rows of a sheet, and write the job for the rest."""
    for _ in range(PORTIONS):
        with write_transaction():
            going_on = _take_portion(batch_id)
        db.session.remove()
        if not going_on:
            return
        time.sleep(BREATH_SECONDS)
    with write_transaction():
        batch = _batch(batch_id)
        if batch is not None and batch.status is ImportStatus.RUNNING:
            sheet_import.queue(batch)


def _batch(batch_id: str) -> ImportBatch | None:
    return db.session.scalar(
        select(ImportBatch)
        .where(ImportBatch.public_id == batch_id)
        .options(joinedload(ImportBatch.started_by).selectinload(User.roles))
        .with_for_update(of=ImportBatch)
    )


def _take_portion(batch_id: str) -> bool:
    """Whether there is more. A sheet that was stopped or discarded meanwhile has none."""
    batch = _batch(batch_id)
    if batch is None or batch.status is not ImportStatus.RUNNING or batch.started_by is None:
        return False
    rows = db.session.scalars(
        select(ImportRow)
        .where(*sheet_import.waiting(batch.id))
        .order_by(ImportRow.number)
        .limit(ROWS_AT_ONCE)
    ).all()
    if not rows:
        batch.status, batch.finished_at = ImportStatus.DONE, clock.now()
        sheet_import.note(SYSTEM, "import.finish", batch, outcomes(batch.id))
        return False
    actor = _as_actor(batch.started_by)
    newest = db.session.scalar(select(func.max(OutboxMessage.id))) or 0
    standing = standing_under([row.content["id_izin"] for row in rows])
    _held = _versions_of(rows)
    _take_all(actor, [(row, standing.get(row.content["id_izin"], [])) for row in rows])
    _space_out(batch, newest)
    return True


def _versions_of(rows: Sequence[ImportRow]) -> Sequence[SkemaVersion]:
    """The versions that rows name: while the caller holds them, `_taken` finds them without asking."""
    named = {row.content["version_id"] for row in rows}
    return db.session.scalars(select(SkemaVersion).where(SkemaVersion.id.in_(named))).all()


def _space_out(batch: ImportBatch, newest: int) -> None:
    """Let the mails of this portion go in their turn: a new password must not wait behind 2,000 invitations."""
    if batch.started_at is None:
        return
    done = db.session.scalar(
        select(func.count(ImportRow.id)).where(
            ImportRow.batch_id == batch.id, ImportRow.outcome.is_not(None)
        )
    )
    wait = FIRST_MAILS_AFTER + (done or 0) // ROWS_AT_ONCE * MAILS_EVERY
    db.session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id > newest, OutboxMessage.channel == Channel.MAIL)
        .values(run_at=batch.started_at + wait)
        .execution_options(synchronize_session=False)
    )


def outcomes(batch_id: int) -> dict[ImportOutcome, int]:
    """How many rows ended how."""
    found = db.session.execute(
        select(ImportRow.outcome, func.count(ImportRow.id))
        .where(ImportRow.batch_id == batch_id, ImportRow.outcome.is_not(None))
        .group_by(ImportRow.outcome)
    )
    return {outcome: count for outcome, count in found if outcome is not None}


def _as_actor(user: User) -> Actor:
    """Whoever confirmed; he did so as admin, whatever he is now."""
    return Actor(id=user.id, name=user.name, roles=frozenset({Role.ADMIN}))


def _take_all(actor: Actor, rows: list[tuple[ImportRow, list[Standing]]]) -> None:
    """Do a portion in one go; when one of its rows cannot be done, do them one by one."""
    try:
        with db.session.begin_nested():
            for row, standing in rows:
                row.outcome, row.permohonan_id = _taken(actor, row, standing)
    except _SAYS_NOTHING_OF_A_ROW:
        raise
    except Exception:  # whatever it is, it is looked at again, and told apart, row by row
        for row, standing in rows:
            _take(actor, row, standing)


def _take(actor: Actor, row: ImportRow, standing: list[Standing]) -> None:
    """Do one row, or write down why it cannot be done; another's fault is no reason to leave the rest."""
    try:
        with db.session.begin_nested():
            row.outcome, row.permohonan_id = _taken(actor, row, standing)
    except DomainError as refusal:
        row.outcome, row.reason = ImportOutcome.REFUSED, str(refusal)
    except _SAYS_NOTHING_OF_A_ROW:
        raise
    except Exception as problem:  # the rows behind it must not wait for ever
        row.outcome, row.reason = ImportOutcome.REFUSED, _BROKEN
        logs.logger().error("sheet.row", row=row.id, error=type(problem).__name__)


def _taken(actor: Actor, row: ImportRow, standing: list[Standing]) -> tuple[ImportOutcome, int]:
    content = row.content
    own = [each for each in standing if each.email == content["values"]["email"]]
    if own:
        return _complete(actor, own, content)
    permohonan = intake.take_in(
        actor,
        email=content["values"]["email"],
        name=content["values"]["full_name"],
        id_izin=content["id_izin"],
        version=db.session.get_one(SkemaVersion, content["version_id"]),
        kind=RequestKind(content["kind"]),
        mode=Mode(content["mode"]),
        known=known_of(content),
        origin=FieldOrigin.SHEET,
    )
    return ImportOutcome.OPENED, permohonan.id


def _complete(
    actor: Actor, own: list[Standing], content: dict[str, object]
) -> tuple[ImportOutcome, int]:
    """The permohonan stands: only what is empty in its draft is filled, and nobody is written to again.

    Raises DomainError for the actor's own: another admin may have uploaded the sheet that he confirms.
    """
    draft = next((each for each in own if each.status is PermohonanStatus.DRAFT), None)
    if draft is None:
        return ImportOutcome.UNCHANGED, own[0].permohonan_id
    permohonan = db.session.get_one(Permohonan, draft.permohonan_id)
    if permohonan.asesi_id == actor.id:
        raise DomainError(intake.OWN_CASE)
    known = known_of(content)
    known.values = missing_in(form_of(permohonan), known.values)
    if not known.values:
        return ImportOutcome.UNCHANGED, permohonan.id
    prefill.fill(permohonan, known, FieldOrigin.SHEET)
    return ImportOutcome.FILLED, permohonan.id
