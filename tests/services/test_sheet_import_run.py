"""A confirmed sheet becomes permohonan in DRAFT: each row once, whatever happens in between."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import event, func, select

from lsp import clock, worker
from lsp.actor import Actor
from lsp.database import db, write_transaction
from lsp.forms.sheet_cells import Chosen, read_rows
from lsp.gateways.sheets import Cell, Sheet
from lsp.models import (
    AuditEvent,
    FieldSource,
    FrApl01,
    ImportBatch,
    ImportRow,
    OutboxMessage,
    Permohonan,
)
from lsp.services import audit, intake, sheet_import, sheet_import_check, sheet_import_run
from lsp.services.sheet_import_columns import Table, find_table
from lsp.vocabulary import (
    Channel,
    FieldOrigin,
    ImportOutcome,
    ImportRowState,
    ImportStatus,
    Mode,
    PermohonanStatus,
    RequestKind,
    Role,
)
from tests import factories
from tests.support.sheets import person, table

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def actor():
    admin = factories.make_user(Role.ADMIN)
    factories.make_skema()
    return Actor(id=admin.id, name=admin.name, roles=frozenset({Role.ADMIN}))


def as_table(people) -> Table:
    rows = [
        (number, [Cell("" if value is None else str(value)) for value in row])
        for number, row in enumerate(table(people), 1)
    ]
    return find_table([Sheet("", rows, False)], most_rows=5_000)


@dataclass(frozen=True)
class Uploaded:
    """A sheet, known by its numbers: the worker lets go of every session."""

    id: int
    public_id: str

    @property
    def status(self) -> ImportStatus:
        db.session.rollback()
        return db.session.get_one(ImportBatch, self.id).status


def upload(actor, people) -> Uploaded:
    """As the view does it, for rows that a file held."""
    offers = sheet_import.offers()
    found = as_table(people)
    rows = read_rows(found, offers, Chosen(offers[0], RequestKind.BARU, Mode.DARING))
    sheet_import_check.compare(rows, actor)
    with write_transaction():
        batch = sheet_import.store(actor, file_name="asesi.xlsx", table=found, rows=rows)
        return Uploaded(batch.id, batch.public_id)


def begin(actor, batch):
    with write_transaction():
        sheet_import.begin(actor, db.session.get_one(ImportBatch, batch.id))


def confirmed(actor, people) -> Uploaded:
    batch = upload(actor, people)
    begin(actor, batch)
    worker.drain()
    return batch


def outcomes(batch) -> list[tuple[ImportOutcome | None, str | None]]:
    rows = db.session.scalars(
        select(ImportRow).where(ImportRow.batch_id == batch.id).order_by(ImportRow.number)
    )
    return [(row.outcome, row.reason) for row in rows]


def count(model, *conditions):
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions))


def invitations() -> int:
    return count(OutboxMessage, OutboxMessage.kind == "invite")


def test_nothing_is_opened_before_it_is_confirmed(actor):
    batch = upload(actor, [person(1)])
    worker.drain()
    assert batch.status is ImportStatus.PREVIEW
    assert (count(Permohonan), invitations()) == (0, 0)


def test_rows_become_drafts_with_all_that_is_known(actor):
    batch = confirmed(actor, [person(1, position="Pelaksana"), person(2)])
    assert batch.status is ImportStatus.DONE
    assert outcomes(batch) == [(ImportOutcome.OPENED, None)] * 2
    case = db.session.scalars(select(Permohonan).order_by(Permohonan.id)).first()
    form = db.session.get_one(FrApl01, case.id)
    assert (case.status, case.asesi_name) == (PermohonanStatus.DRAFT, "Siti Contoh 1")
    assert (form.nik, form.birth_date, form.position) == (
        "9901014101900001",
        "1990-01-01",
        "Pelaksana",
    )
    origins = set(db.session.scalars(select(FieldSource.origin)))
    assert origins == {FieldOrigin.SHEET}
    assert invitations() == 2


def test_the_same_sheet_again_changes_nothing_twice(actor):
    confirmed(actor, [person(1), person(2)])
    again = upload(actor, [person(1), person(2)])
    states = set(db.session.scalars(select(ImportRow.state).where(ImportRow.batch_id == again.id)))
    assert states == {ImportRowState.PRESENT}
    with write_transaction():
        sheet_import.choose(db.session.get_one(ImportBatch, again.id), shown=[2, 3], ticked=[2, 3])
    begin(actor, again)
    worker.drain()
    assert outcomes(again) == [(ImportOutcome.UNCHANGED, None)] * 2
    assert (count(Permohonan), invitations()) == (2, 2)


@pytest.mark.parametrize("ended", [PermohonanStatus.DROPPED, PermohonanStatus.WITHDRAWN])
def test_a_draft_that_ended_holds_no_id_izin(actor, ended):
    """As where the asesi begins himself (intake.holder_of)."""
    confirmed(actor, [person(1)])
    with write_transaction():
        db.session.scalars(select(Permohonan)).one().status = ended
    again = confirmed(actor, [person(1)])
    assert outcomes(again) == [(ImportOutcome.OPENED, None)]
    assert count(Permohonan, Permohonan.status == PermohonanStatus.DRAFT) == 1


@pytest.mark.parametrize("sent", [False, True])
def test_an_id_izin_that_somebody_else_holds_is_a_fault_from_the_start(actor, sent):
    confirmed(actor, [person(1)])
    if sent:
        with write_transaction():
            db.session.scalars(select(Permohonan)).one().submitted_at = clock.now()
    batch = upload(actor, [person(1, email="lain@contoh.example", nik=None)])
    (row,) = db.session.scalars(select(ImportRow).where(ImportRow.batch_id == batch.id))
    assert row.state is ImportRowState.FAULTY


def test_nobody_fills_his_own_draft_from_a_sheet_that_another_uploaded(actor):
    both = factories.make_user(Role.ADMIN, Role.ASESI)
    case = factories.make_permohonan(both)
    factories.saved(FrApl01(permohonan_id=case.id))
    case_id, me = case.id, Actor(id=both.id, name=both.name, roles=frozenset({Role.ADMIN}))
    mine = person(1, id_izin=case.id_izin, email=both.email, position="Pelaksana")
    batch = upload(actor, [mine, person(2)])
    with write_transaction():
        found = db.session.get_one(ImportBatch, batch.id)
        sheet_import.choose(found, shown=[2, 3], ticked=[2, 3])
    begin(me, batch)
    worker.drain()
    (refused, reason), other = outcomes(batch)
    assert refused is ImportOutcome.REFUSED
    assert "permohonan Anda sendiri" in str(reason)
    assert other == (ImportOutcome.OPENED, None)
    assert count(FieldSource, FieldSource.permohonan_id == case_id) == 0


def test_a_sheet_that_knows_more_fills_what_is_empty_and_nothing_else(actor):
    confirmed(actor, [person(1, position="Pelaksana")])
    batch = confirmed(actor, [person(1, position="Mandor", school="SMK Contoh")])
    form = db.session.scalars(select(FrApl01)).one()
    assert outcomes(batch) == [(ImportOutcome.FILLED, None)]
    assert (form.position, form.school) == ("Pelaksana", "SMK Contoh")
    assert invitations() == 1


def test_two_sheets_confirmed_at_once_open_one_permohonan(actor):
    """What the check saw may be old when the worker comes."""
    one, two = upload(actor, [person(1)]), upload(actor, [person(1)])
    begin(actor, one)
    begin(actor, two)
    worker.drain()
    assert outcomes(one) == [(ImportOutcome.OPENED, None)]
    assert outcomes(two) == [(ImportOutcome.UNCHANGED, None)]
    assert (count(Permohonan), invitations()) == (1, 1)


def test_a_refusal_is_the_rows_sentence_and_the_others_go_in(actor):
    email = "siti1@contoh.example"
    people = [person(number, email=email, nik=None) for number in range(1, intake.MOST_DRAFTS + 2)]
    batch = confirmed(actor, [*people, person(9)])
    found = outcomes(batch)
    assert [each for each, _ in found] == (
        [ImportOutcome.OPENED] * intake.MOST_DRAFTS + [ImportOutcome.REFUSED, ImportOutcome.OPENED]
    )
    assert "belum dikirim" in found[-2][1]


def test_a_row_that_breaks_the_portal_does_not_hold_up_the_rest(actor, monkeypatch):
    take_in = intake.take_in

    def broken(actor, *, email, **more):
        if email == "siti2@contoh.example":
            raise ZeroDivisionError
        return take_in(actor, email=email, **more)

    monkeypatch.setattr(intake, "take_in", broken)
    batch = confirmed(actor, [person(1), person(2), person(3)])
    assert [each for each, _ in outcomes(batch)] == [
        ImportOutcome.OPENED,
        ImportOutcome.REFUSED,
        ImportOutcome.OPENED,
    ]
    assert "gangguan di portal" in outcomes(batch)[1][1]


def test_killed_in_the_middle_it_goes_on_where_it_was(actor, monkeypatch):
    """The second portion dies before its commit: of it nothing stands, and the next worker does it once."""
    monkeypatch.setattr(sheet_import_run, "ROWS_AT_ONCE", 3)
    batch = upload(actor, [person(number) for number in range(1, 9)])
    begin(actor, batch)
    taken = sheet_import_run._taken

    def killed(actor, row, standing):
        if row.number == 7:
            raise KeyboardInterrupt
        return taken(actor, row, standing)

    monkeypatch.setattr(sheet_import_run, "_taken", killed)
    with pytest.raises(KeyboardInterrupt):
        worker.drain()
    db.session.remove()
    assert count(Permohonan) == 3
    monkeypatch.setattr(sheet_import_run, "_taken", taken)
    sheet_import_run.run(batch.public_id)
    assert [each for each, _ in outcomes(batch)] == [ImportOutcome.OPENED] * 8
    assert (count(Permohonan), invitations()) == (8, 8)


def test_long_sheets_are_done_in_several_jobs(actor, monkeypatch):
    monkeypatch.setattr(sheet_import_run, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(sheet_import_run, "PORTIONS", 2)
    batch = confirmed(actor, [person(number) for number in range(1, 11)])
    assert batch.status is ImportStatus.DONE
    assert (
        count(
            OutboxMessage,
            OutboxMessage.channel == Channel.JOB,
            OutboxMessage.kind == sheet_import.JOB,
        )
        == 3
    )
    assert count(Permohonan) == 10


def test_a_stopped_sheet_leaves_the_rest_and_can_be_gone_on_with(actor, monkeypatch):
    monkeypatch.setattr(sheet_import_run, "ROWS_AT_ONCE", 1)
    monkeypatch.setattr(sheet_import_run, "PORTIONS", 1)
    batch = upload(actor, [person(1), person(2)])
    begin(actor, batch)
    worker.go_round(channels=(Channel.JOB,))
    with write_transaction():
        sheet_import.stop(actor, db.session.get_one(ImportBatch, batch.id))
    worker.drain()
    assert count(Permohonan) == 1
    begin(actor, batch)
    worker.drain()
    assert count(Permohonan) == 2
    assert batch.status is ImportStatus.DONE


def test_invitations_go_in_portions_so_that_other_mails_get_between(actor, monkeypatch):
    monkeypatch.setattr(sheet_import_run, "ROWS_AT_ONCE", 2)
    batch = confirmed(actor, [person(number) for number in range(1, 5)])
    started = db.session.get_one(ImportBatch, batch.id).started_at
    times = db.session.scalars(
        select(OutboxMessage.run_at)
        .where(OutboxMessage.kind == "invite")
        .order_by(OutboxMessage.id)
    ).all()
    assert [(each - started).total_seconds() for each in times] == [40, 40, 50, 50]


def test_the_audit_chain_holds_counts_and_no_personal_data(actor):
    batch = confirmed(actor, [person(1), person(2, email="")])
    found = db.session.scalars(
        select(AuditEvent).where(AuditEvent.object_id == batch.public_id).order_by(AuditEvent.seq)
    ).all()
    assert [each.action for each in found] == ["import.upload", "import.begin", "import.finish"]
    assert '"rows_faulty":1' in found[0].details
    assert '"rows_opened":1' in found[2].details
    assert not any("contoh" in each.details.lower() for each in found)
    assert audit.first_fault() is None


def test_rows_are_ciphertext_in_the_database(actor):
    upload(actor, [person(1)])
    stored = db.session.execute(db.text("SELECT content FROM import_row")).scalar_one()
    about = db.session.execute(db.text("SELECT about FROM import_batch")).scalar_one()
    assert b"9901014101900001" not in bytes(stored)
    assert b"asesi.xlsx" not in bytes(about)


def test_a_sheet_is_forgotten_after_its_days(actor):
    old, new = upload(actor, [person(1)]), upload(actor, [person(2)])
    with write_transaction():
        db.session.get_one(ImportBatch, old.id).expires_at = db.session.get_one(
            ImportBatch, old.id
        ).created_at
    assert sheet_import.forget_expired() == 1
    assert list(db.session.scalars(select(ImportBatch.id))) == [new.id]
    assert count(ImportRow) == 1


def test_queries_a_row_do_not_grow_with_the_sheet(actor):
    """A statement more in each row would be two thousand more."""

    def queries(first: int, rows: int) -> int:
        batch = upload(actor, [person(number) for number in range(first, first + rows)])
        begin(actor, batch)
        asked = []
        event.listen(db.engine, "before_cursor_execute", lambda *_: asked.append(1))
        sheet_import_run.run(batch.public_id)
        return len(asked)

    queries(1, 1)  # what is read once a process
    short, long = queries(100, 25), queries(200, 75)
    per_row = (long - short) / 50
    assert per_row <= 23
    assert abs(long / 75 - short / 25) < 1


@pytest.mark.both
def test_on_both_databases(actor):
    batch = confirmed(actor, [person(number) for number in range(1, 31)])
    assert [each for each, _ in outcomes(batch)] == [ImportOutcome.OPENED] * 30
