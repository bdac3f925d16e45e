"""A worker killed with SIGKILL in the middle of a sheet: every row is done once when another goes on."""

from __future__ import annotations

import os
import signal
import time

import pytest
from sqlalchemy import func, select

from lsp.actor import Actor
from lsp.database import db, write_transaction
from lsp.forms.sheet_cells import Chosen, read_rows
from lsp.gateways.sheets import Cell, Sheet
from lsp.models import ImportBatch, ImportRow, OutboxMessage, Permohonan
from lsp.services import audit, sheet_import, sheet_import_check, sheet_import_run
from lsp.services.sheet_import_columns import find_table
from lsp.vocabulary import ImportStatus, Mode, RequestKind, Role
from tests import factories
from tests.support.sheets import person, table

pytestmark = pytest.mark.usefixtures("app")
ROWS = 60


def confirmed_sheet() -> str:
    admin = factories.make_user(Role.ADMIN)
    factories.make_skema()
    actor = Actor(id=admin.id, name=admin.name, roles=frozenset({Role.ADMIN}))
    lines = table([person(number) for number in range(1, ROWS + 1)])
    cells = [(number, [Cell(value) for value in line]) for number, line in enumerate(lines, 1)]
    found = find_table([Sheet("", cells, False)], most_rows=ROWS)
    offers = sheet_import.offers()
    rows = read_rows(found, offers, Chosen(offers[0], RequestKind.BARU, Mode.DARING))
    sheet_import_check.compare(rows, actor)
    with write_transaction():
        batch = sheet_import.store(actor, file_name="a.csv", table=found, rows=rows)
        sheet_import.begin(actor, batch)
        return batch.public_id


def worker_that_dies(batch_id: str, after: int) -> None:
    """Another process takes rows in until so many are done, and is killed while it is at the next ones."""
    db.session.remove()
    db.engine.dispose()
    child = os.fork()
    if child == 0:
        try:
            sheet_import_run.run(batch_id)
        finally:
            os._exit(0)
    deadline = time.monotonic() + 60
    while done() < after and time.monotonic() < deadline:
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def done() -> int:
    db.session.rollback()
    return count(ImportRow, ImportRow.outcome.is_not(None))


def count(model, *conditions):
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions))


def test_each_row_is_done_once(monkeypatch):
    monkeypatch.setattr(sheet_import_run, "ROWS_AT_ONCE", 4)
    monkeypatch.setattr(sheet_import_run, "PORTIONS", ROWS)
    batch_id = confirmed_sheet()
    worker_that_dies(batch_id, after=8)
    stopped_at = done()
    assert 8 <= stopped_at < ROWS, "the kill came too early or too late to prove anything"
    assert count(Permohonan) == stopped_at
    worker_that_dies(batch_id, after=stopped_at + 8)
    sheet_import_run.run(batch_id)
    batch = db.session.scalars(select(ImportBatch)).one()
    assert (batch.status, done()) == (ImportStatus.DONE, ROWS)
    assert count(Permohonan) == count(OutboxMessage, OutboxMessage.kind == "invite") == ROWS
    assert audit.first_fault() is None
