"""What the database refuses by itself, whoever writes: raw SQL against person rules, append-only tables, frozen papers.

Each refusal is shown by a statement that passes once the trigger is gone; else a misspelt one would count as refused.
"""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from lsp import clock
from lsp.actor import SYSTEM
from lsp.database import db
from lsp.extensions import Model
from lsp.models import (
    Certificate,
    Countersignature,
    Incident,
    MeetingJoin,
    MeetingRecording,
    NumberEntry,
    PaymentAccount,
    StatusCount,
)
from lsp.models.triggers import (
    APPEND_ONLY,
    NEVER_DELETED,
    TRIGGERS,
    drop_triggers,
    install_triggers,
)
from lsp.services import audit
from lsp.vocabulary import DutyRule, PermohonanStatus, RecordingKind
from lsp.workflow.dossier import dossier_of
from tests.factories import make_receipt
from tests.services.raw_sql import installed_triggers, refuses, run, waive
from tests.support.assessment import (
    make_banding,
    make_complaint,
    make_filled,
    make_fr_ak_03,
    make_third_party,
)
from tests.support.certificate_files import make_certificate_files
from tests.support.kept_rows import make_later_rows
from tests.workflow.cases import make_cast, make_permohonan

S = PermohonanStatus


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def full(cast):
    """One row at least in every table that keeps its rows."""
    case = make_permohonan(S.ISSUED, cast=cast)
    booking = dossier_of(case).bookings[-1]
    paper = dossier_of(case).fr_ak_02
    db.session.add_all(
        (
            Incident(
                booking_id=booking.id, at=clock.now(), kind="listrik", action="tunggu", recorded_by_id=cast.asesor.id
            ),
            Countersignature(fr_ak_02_id=paper.id, by_id=cast.second_asesor.id, word="agrees"),
            PaymentAccount(effective_from=clock.today_wib(), bank="Bank Contoh", number="0001", holder="LSP Contoh"),
            make_receipt(dossier_of(case).invoices[-1]),
            MeetingJoin(booking_id=booking.id, user_id=cast.asesor.id, party="asesor"),
            MeetingRecording(
                booking_id=booking.id, kind=RecordingKind.FULL, place="https://arsip.lsp.example/1",
                stored_by_id=cast.asesor.id, keep_until=clock.today_wib(),
            ),
        )
    )  # fmt: skip
    db.session.flush()
    waive(case, DutyRule.VERIFIER_NOT_PLENO, cast.admin, cast.ketua)
    make_filled(case)
    make_third_party(case)
    make_fr_ak_03(case)
    make_banding(case)
    make_complaint()
    make_certificate_files(case, cast.admin, cast.ketua)
    make_later_rows(case, cast.admin, cast.ketua, cast.asesor)
    audit.note(SYSTEM, "test", "permohonan", case.public_id)
    db.session.commit()
    return case


_CLASSES = {inspect(each.class_).local_table: each.class_ for each in Model.registry.mappers}
MODELS = {str(table): kept for table, kept in _CLASSES.items() if str(table) in APPEND_ONLY}
KEY = {"audit_event": "seq"}


@pytest.mark.both
class TestAppendOnly:
    def test_every_such_table_is_tried(self, full):
        assert set(MODELS) == set(APPEND_ONLY)
        for table in (*APPEND_ONLY, *NEVER_DELETED):
            assert db.session.scalar(text(f"SELECT 1 FROM {table}")), f"no row in {table}"

    def test_rows_are_neither_changed_nor_deleted(self, full):
        for table in APPEND_ONLY:
            key = KEY.get(table, "id")
            refuses(f"UPDATE {table} SET {key} = {key}", f"append-only: {table}")
            with (
                pytest.raises(DBAPIError, match=f"append-only: {table}"),
                db.session.begin_nested(),
            ):
                run(f"DELETE FROM {table}")

    def test_nor_through_the_session(self, full):
        for model in MODELS.values():
            row = db.session.scalars(select(model).limit(1)).one()
            db.session.delete(row)
            with pytest.raises(DBAPIError, match="append-only"):
                db.session.flush()
            db.session.rollback()

    def test_rows_that_may_change_are_not_deleted(self, full):
        for table in NEVER_DELETED:
            with (
                pytest.raises(DBAPIError, match=f"never deleted: {table}"),
                db.session.begin_nested(),
            ):
                run(f"DELETE FROM {table}")

    def test_row_with_a_standing_key_is_not_inserted_over_it(self, full):
        for table in (*APPEND_ONLY, *NEVER_DELETED):
            columns = _columns(table)
            statement = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table} LIMIT 1"
            with pytest.raises(DBAPIError, match="append-only"), db.session.begin_nested():
                run(statement)

    def test_empty_tables_at_once_is_refused_on_postgresql(self, full, database):
        if database != "postgresql":
            return  # SQLite has no TRUNCATE; a DELETE without WHERE asks the row triggers
        for table in (*APPEND_ONLY, *NEVER_DELETED):
            with pytest.raises(DBAPIError, match=table), db.session.begin_nested():
                run(f"TRUNCATE {table} CASCADE")


def _columns(table):
    return ", ".join(f'"{column.name}"' for column in db.metadata.tables[table].columns)


class TestInsertOrReplace:
    """SQLite's way around a DELETE trigger."""

    @pytest.mark.parametrize("recursive", ["on", "off"])
    def test_is_refused_even_where_a_connection_forgot_the_pragma(self, full, recursive):
        db.session.remove()
        # A connection of one's own, with the driver's defaults: no pragma of ours.
        connection = sqlite3.connect(str(db.engine.url.database))
        try:
            connection.execute(f"pragma recursive_triggers={recursive}")
            for table in (*APPEND_ONLY, *NEVER_DELETED):
                columns = _columns(table)
                before = connection.execute(f"SELECT * FROM {table}").fetchall()
                assert before, table
                with pytest.raises(
                    sqlite3.IntegrityError, match=r"append-only|never deleted|duty|frozen"
                ):
                    connection.execute(
                        f"INSERT OR REPLACE INTO {table} ({columns}) SELECT {columns} FROM {table}"
                    )
                assert connection.execute(f"SELECT * FROM {table}").fetchall() == before
        finally:
            connection.close()


PRINTED = (
    "certificate_number", "lsp_registration_number", "lpjk_number", "lpjk_qr", "blanko_number", "holder_name",
    "jabatan_kerja", "jabatan_kerja_en", "kualifikasi", "token", "public_id",
)  # fmt: skip


@pytest.mark.both
class TestFrozen:
    def test_signed_fr_ak_02_keeps_its_content(self, cast):
        case = make_permohonan(S.RECOMMENDED, cast=cast)
        paper = dossier_of(case).fr_ak_02
        for assignment in (
            "recommendation = 'BK'",
            "frozen_at = NULL",
            "written_feedback = 'lain'",
        ):
            refuses(f"UPDATE fr_ak_02 SET {assignment} WHERE id = {paper.id}", "frozen: fr_ak_02")
        refuses(
            f"UPDATE fr_ak_02_unit SET failed = true WHERE fr_ak_02_id = {paper.id}",
            "frozen: fr_ak_02_unit",
        )
        refuses(
            f"DELETE FROM fr_ak_02_unit WHERE fr_ak_02_id = {paper.id}", "frozen: fr_ak_02_unit"
        )

    def test_unit_is_not_slipped_into_a_frozen_paper(self, cast):
        case = make_permohonan(S.RECOMMENDED, cast=cast)
        open_case = make_permohonan(S.IN_ASSESSMENT, cast=make_cast())
        frozen, open_ = dossier_of(case).fr_ak_02, dossier_of(open_case).fr_ak_02
        move = f"UPDATE fr_ak_02_unit SET fr_ak_02_id = {frozen.id} WHERE fr_ak_02_id = {open_.id}"
        refuses(move, "frozen: fr_ak_02_unit")

    def test_open_paper_is_edited_freely(self, cast):
        case = make_permohonan(S.IN_ASSESSMENT, cast=cast)
        run("UPDATE fr_ak_02 SET comment = 'lagi' WHERE permohonan_id = :id", id=case.id)
        run("UPDATE fr_ak_02_unit SET reason = 'lagi'")

    def test_printed_facts_of_a_certificate_stay(self, cast):
        make_permohonan(S.ISSUED, cast=cast)
        for column in PRINTED:
            refuses(f"UPDATE certificate SET {column} = 'lain'", "frozen: certificate")
        refuses("UPDATE certificate SET jenjang = jenjang + 1", "frozen: certificate")
        refuses("UPDATE certificate SET valid_until = '2099-01-01'", "frozen: certificate")
        refuses(f"UPDATE certificate SET signed_by_id = {cast.admin.id}", "frozen: certificate")

    def test_state_of_a_certificate_changes_and_its_paper_is_made_once(self, cast):
        case = make_permohonan(S.ISSUED, cast=cast)
        certificate = db.session.scalars(select(Certificate)).one()
        certificate.status_at = clock.now()
        certificate.pdf_key, certificate.pdf_sha256 = "k" * 32, "a" * 64
        db.session.commit()
        refuses("UPDATE certificate SET pdf_sha256 = 'b'", "frozen: certificate pdf")
        refuses("UPDATE certificate SET pdf_key = 'other'", "frozen: certificate pdf")
        refuses(
            "UPDATE certificate SET pdf_key = NULL, pdf_sha256 = NULL", "frozen: certificate pdf"
        )
        assert case.status is S.ISSUED

    def test_taken_number_stays_and_a_voided_one_never_comes_back(self, cast):
        make_permohonan(S.COMPETENT, cast=cast)
        entry = db.session.scalars(
            select(NumberEntry).where(NumberEntry.series_code == "certificate")
        ).one()
        refuses(f"UPDATE number_entry SET text = 'X' WHERE id = {entry.id}", "frozen: number_entry")
        refuses(
            f"UPDATE number_entry SET serial = 99 WHERE id = {entry.id}", "frozen: number_entry"
        )
        run(
            f"UPDATE number_entry SET state = 'voided', void_reason = 'salah' WHERE id = {entry.id}"
        )
        refuses(
            f"UPDATE number_entry SET state = 'taken' WHERE id = {entry.id}", "frozen: number_entry"
        )

    def test_head_of_the_chain_goes_forward_one_by_one(self, app):
        refuses("UPDATE audit_head SET hash = 'x'", "append-only: audit_head")
        refuses("UPDATE audit_head SET seq = seq - 1", "append-only: audit_head")
        refuses("UPDATE audit_head SET seq = seq + 2", "append-only: audit_head")
        run("UPDATE audit_head SET seq = seq + 1")


@pytest.mark.both
class TestStatusCount:
    def counted(self):
        rows = db.session.execute(
            text("SELECT status, count(*) FROM permohonan GROUP BY status")
        ).all()
        kept = db.session.execute(select(StatusCount.status, StatusCount.count)).all()
        assert {status: count for status, count in kept if count} == dict(rows)
        return dict(kept)

    def test_follows_inserts_and_moves(self, cast):
        case = make_permohonan(S.DRAFT, cast=cast, work_done=False)
        make_permohonan(S.DRAFT, cast=cast, work_done=False)
        assert self.counted() == {"draft": 2}
        run("UPDATE permohonan SET status = 'withdrawn' WHERE id = :id", id=case.id)
        assert self.counted() == {"draft": 1, "withdrawn": 1}
        run("UPDATE permohonan SET status = 'dropped'")
        assert self.counted() == {"draft": 0, "withdrawn": 0, "dropped": 2}

    def test_stays_when_the_state_stays(self, cast):
        make_permohonan(S.DRAFT, cast=cast, work_done=False)
        run("UPDATE permohonan SET idle_reminders = 1, status = status")
        assert self.counted() == {"draft": 1}

    def test_goes_back_with_the_transaction(self, cast):
        make_permohonan(S.DRAFT, cast=cast, work_done=False)
        run("UPDATE permohonan SET status = 'withdrawn'")
        db.session.rollback()
        assert self.counted() == {"draft": 1}


@pytest.mark.both
class TestInstalling:
    def test_is_repeatable(self, app):
        connection = db.session.connection()
        install_triggers(connection)
        install_triggers(connection)
        assert installed_triggers(connection) == {trigger.name for trigger in TRIGGERS}

    def test_names_are_distinct(self):
        assert len({trigger.name for trigger in TRIGGERS}) == len(TRIGGERS)

    def test_dropping_takes_those_of_an_older_list_too(self, app, database):
        connection = db.session.connection()
        if database == "sqlite":
            run(
                "CREATE TRIGGER of_last_year BEFORE DELETE ON vote BEGIN SELECT RAISE(ABORT, 'x'); END"
            )
        else:
            run(
                "CREATE FUNCTION of_last_year() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$"
            )
            run(
                "CREATE TRIGGER of_last_year BEFORE DELETE ON vote FOR EACH ROW EXECUTE FUNCTION of_last_year()"
            )
        drop_triggers(connection)
        count = (
            "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"
            if database == "sqlite"
            else "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"
        )
        assert db.session.execute(text(count)).scalar() == 0
        install_triggers(connection)


def test_constraint_ties_state_to_its_columns(cast):
    case = make_permohonan(S.SUBMITTED, cast=cast)
    for statement, name in (
        ("UPDATE permohonan SET status = 'verified'", "verified_has_verifier_and_time"),
        ("UPDATE permohonan SET status = 'competent', verifier_id = :admin, verified_at = '2026-01-01'",
         "decided_has_decision_and_time"),
        ("UPDATE permohonan SET submitted_at = NULL", "past_draft_was_submitted"),
        ("UPDATE permohonan SET status = 'approved'", "status_known"),
        ("UPDATE permohonan SET verifier_id = asesi_id", "verifier_is_not_asesi"),
    ):  # fmt: skip
        values = {"admin": cast.admin.id} if ":admin" in statement else {}
        with pytest.raises(IntegrityError, match=name), db.session.begin_nested():
            run(statement, **values)
    assert case.status is S.SUBMITTED
