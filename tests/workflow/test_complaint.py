"""A keluhan: its table, who may, who is barred from it, its clocks, and what its complainant hears."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError, NotAllowed, StaleCase
from lsp.models import Complaint, ComplaintPerson, Holiday, OutboxMessage, User
from lsp.services import complaint_handling as handling, complaints
from lsp.services.complaints import Told
from lsp.vocabulary import ComplaintStatus, PermohonanStatus, Role
from lsp.workflow.complaint import INVESTIGATORS, KELUHAN, OFFICE, next_step
from tests import factories
from tests.workflow.cases import actor_of, make_cast, make_permohonan
from tests.workflow.test_table import name_of

S = ComplaintStatus
EXAMINERS = "admin ketua asesor tim_teknis"
#: The procedure of a keluhan, written by hand: step, from, to, who, only if.
PROCEDURE = f"""
register | RECEIVED   | REGISTERED | admin ketua |
assign   | REGISTERED | EXAMINED   | admin ketua | investigator_independent
reassign | EXAMINED   | EXAMINED   | admin ketua | investigator_independent note_10
tell     | REGISTERED | REGISTERED | {EXAMINERS} | note_10
tell     | EXAMINED   | EXAMINED   | {EXAMINERS} | note_10
jot      | REGISTERED | REGISTERED | {EXAMINERS} | note_10
jot      | EXAMINED   | EXAMINED   | {EXAMINERS} | note_10
find     | EXAMINED   | EXAMINED   | {EXAMINERS} | note_20
close    | EXAMINED   | CLOSED     | admin ketua | investigator_independent finding_written note_20
"""
NEWS = "Kami sedang meminta keterangan."
FINDING = "Surat memang tidak dijawab selama dua minggu."
LETTER = "Kami minta maaf. Surat Anda sekarang sudah dijawab."


def test_the_table_is_the_procedure():
    assert [
        " | ".join(
            (
                row.name,
                " ".join(source.name for source in row.source),
                row.target.name,
                " ".join(role.value for role in row.roles),
                " ".join(name_of(guard) for guard in row.guards),
            )
        )
        for row in KELUHAN.transitions
    ] == [
        " | ".join(part.strip() for part in line.split("|"))
        for line in PROCEDURE.strip().splitlines()
    ]


def test_every_state_is_reached_and_only_the_last_is_not_left():
    reached = {row.target for row in KELUHAN.transitions} | {S.RECEIVED}
    left = {source for row in KELUHAN.transitions for source in row.source}
    assert reached == set(S)
    assert set(S) - left == {S.CLOSED}


def person(*roles):
    return factories.make_user(*roles)


def sent(**changes):
    values = {
        "sent_key": "K" * 24, "name": "Warga Rekaan", "contact": "warga@contoh.example", "relation": "Pemberi kerja",
        "about": "Pelayanan", "body": "Surat saya tidak dijawab selama dua minggu.",
    }  # fmt: skip
    made = complaints.take_in(Told(**values | changes))
    db.session.commit()
    return made


@pytest.fixture
def admin(app):
    return actor_of(person(Role.ADMIN))


@pytest.fixture
def case(admin):
    return sent()


@pytest.fixture
def asesor(app):
    return person(Role.ASESOR)


def do(work, *args, case, **named):
    db.session.refresh(case)
    work(*args, case, version=case.version, **named)
    db.session.commit()


def registered(admin, case, **named):
    values = {"people": (), "about_case": ""}
    do(handling.register, admin, case=case, **values | named)


def examined(admin, case, asesor):
    registered(admin, case)
    do(handling.name_investigator, admin, case=case, person=asesor.public_id)


def write(actor, case, step, text):
    db.session.refresh(case)
    handling.note(actor, case, step, text=text, version=case.version)
    db.session.commit()


def mails(kind):
    db.session.expire_all()
    return db.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind)).all()


class TestTakingIn:
    def test_it_gets_a_receipt_clocks_and_a_mail(self, case):
        assert case.receipt.startswith("KEL-0001-")
        assert case.status is S.RECEIVED
        mail = mails("complaint_received")[0]
        assert mail.payload["to"] == "warga@contoh.example"
        assert mail.payload["context"]["receipt"] == case.receipt

    def test_the_same_form_twice_is_one_keluhan(self, case):
        assert sent().id == case.id
        assert sent(sent_key="L" * 24).receipt != case.receipt

    def test_the_office_is_told_that_one_came_and_nothing_of_it(self, admin, app):
        ketua, gone = person(Role.KETUA), person(Role.ADMIN)
        gone.disabled_at = clock.now()
        person(Role.ASESOR)
        case = sent()
        told = mails("complaint_arrived")
        office = {each.email for each in db.session.query(User) if each.id in (admin.id, ketua.id)}
        assert {each.payload["to"] for each in told} == office
        written = json.dumps([each.payload["context"] for each in told])
        for secret in (case.name, case.contact, case.about, case.body, case.receipt):
            assert secret not in written

    def test_a_number_as_contact_gets_no_mail(self, app):
        sent(contact="0812 9999 0003")
        assert mails("complaint_received") == []

    def test_the_days_are_working_days_without_holidays(self, app):
        with time_machine.travel("2026-11-26T03:00:00Z"):  # a Thursday
            db.session.add(Holiday(day=date(2026, 11, 27), name="Libur rekaan"))
            db.session.flush()
            assert sent().register_due == date(2026, 12, 1)

    def test_who_complains_and_what_of_is_sealed(self, case):
        raw = db.session.connection().exec_driver_sql("SELECT name, contact, body FROM complaint")
        assert b"Warga" not in b"".join(bytes(each) for each in raw.one())


class TestFollowing:
    def test_by_receipt_and_contact_however_it_is_written(self, case):
        assert complaints.followed(case.receipt.lower(), " WARGA@contoh.example ").id == case.id
        number = sent(sent_key="L" * 24, contact="0812-9999-0003")
        assert complaints.followed(number.receipt, "+62 812 9999 0003").id == number.id

    @pytest.mark.parametrize("contact", ["lain@contoh.example", "", "-"])
    def test_not_with_another_contact(self, case, contact):
        assert complaints.followed(case.receipt, contact) is None

    def test_nor_with_a_receipt_that_is_none(self, case):
        assert complaints.followed("KEL-9999-2026", "-") is None

    def test_what_is_for_the_lsp_alone_is_not_told(self, admin, case, asesor):
        examined(admin, case, asesor)
        write(admin, case, "jot", "Catatan rahasia rekaan.")
        write(admin, case, "tell", NEWS)
        told = [
            each.note
            for each in complaints.told_events(complaints.followed(case.receipt, case.contact))
        ]
        assert NEWS in told
        assert "Catatan rahasia rekaan." not in told


class TestHandling:
    def test_from_the_register_to_the_letter(self, admin, case, asesor):
        examined(admin, case, asesor)
        write(actor_of(asesor), case, "find", FINDING)
        write(admin, case, "close", LETTER)
        assert (case.status, case.finding, case.closing) == (S.CLOSED, FINDING, LETTER)
        assert case.letter_number.startswith("0001/KEL-LSP/")
        assert handling.due_of(case) is None
        assert mails("complaint_closed")[0].payload["context"]["note"] == LETTER
        steps = [each.step for each in case.events]
        assert steps == ["received", "register", "assign", "find", "close"]

    def test_news_moves_the_clock_on_and_a_note_does_not(self, admin, case, asesor):
        examined(admin, case, asesor)
        first = case.progress_due
        with time_machine.travel(clock.now() + timedelta(days=7)):
            write(actor_of(asesor), case, "jot", "Berkas sudah dibaca.")
            assert case.progress_due == first
            write(actor_of(asesor), case, "tell", NEWS)
            assert case.progress_due > first
        assert len(mails("complaint_told")) == 2, "registered, then the news"

    def test_nothing_is_closed_without_a_finding(self, admin, case, asesor):
        examined(admin, case, asesor)
        with pytest.raises(NotAllowed, match="Temuan"):
            write(admin, case, "close", LETTER)

    def test_the_finding_is_the_investigators_alone(self, admin, case, asesor):
        examined(admin, case, asesor)
        for other in (admin, actor_of(person(Role.ASESOR))):
            with pytest.raises(NotAllowed, match="wewenang"):
                write(other, case, "find", FINDING)
            db.session.rollback()

    def test_an_investigator_does_not_close(self, admin, case, asesor):
        examined(admin, case, asesor)
        write(actor_of(asesor), case, "find", FINDING)
        with pytest.raises(NotAllowed, match="wewenang"):
            write(actor_of(asesor), case, "close", LETTER)

    def test_two_at_once_the_second_is_told(self, admin, case):
        seen = case.version
        registered(admin, case)
        with pytest.raises(StaleCase):
            handling.register(admin, case, people=(), about_case="", version=seen)

    def test_each_step_is_in_the_audit_chain_without_a_word_of_it(self, admin, case, asesor):
        from lsp.models import AuditEvent

        examined(admin, case, asesor)
        write(admin, case, "tell", NEWS)
        told = [
            f"{each.action} {json.dumps(each.details)}"
            for each in db.session.scalars(
                select(AuditEvent).where(AuditEvent.object_type == "complaint")
            )
        ]
        assert any(each.startswith("complaint.tell") for each in told)
        assert NEWS not in " ".join(told)


def test_what_brings_it_further_is_read_from_the_table(admin, case, asesor):
    """A word to the complainant, a note, another investigator: none of these is the way on."""
    assert next_step(case) == "register"
    registered(admin, case)
    assert next_step(case) == "assign"
    do(handling.name_investigator, admin, case=case, person=asesor.public_id)
    assert next_step(case) == "find"
    write(actor_of(asesor), case, "find", FINDING)
    assert next_step(case) == "close"
    write(admin, case, "close", LETTER)
    assert next_step(case) is None


class TestWhoIsBarred:
    def test_who_it_is_about_does_not_examine_it(self, admin, case, asesor):
        registered(admin, case, people=(asesor.public_id,))
        assert asesor not in handling.candidates(case)
        with pytest.raises(DomainError, match="Keluhan ini tentang"):
            do(handling.name_investigator, admin, case=case, person=asesor.public_id)

    def test_nor_reads_it_nor_handles_it(self, app, case):
        about, other = person(Role.ADMIN), person(Role.KETUA)
        registered(actor_of(other), case, people=(about.public_id,))
        assert handling.one(actor_of(about), case.public_id) is None
        assert handling.page(actor_of(about), handling.Wanted()).rows == []
        assert handling.one(actor_of(other), case.public_id) is not None
        with pytest.raises(NotAllowed, match="tentang Anda"):
            write(actor_of(about), case, "tell", NEWS)

    def test_who_registers_one_about_himself_is_sent_to_another(self, app, case):
        about = person(Role.ADMIN)
        with pytest.raises(NotAllowed, match="Orang lain"):
            registered(actor_of(about), case, people=(about.public_id,))

    def test_who_had_a_hand_in_the_case_does_not_examine_it(self, admin, case):
        cast = make_cast()
        about = make_permohonan(PermohonanStatus.RECOMMENDED, cast=cast)
        registered(admin, case, about_case=about.id_izin)
        assert case.permohonan_id == about.id
        for involved in (cast.asesor, cast.members[0], cast.admin):
            with pytest.raises(DomainError, match="ikut menangani"):
                do(handling.name_investigator, admin, case=case, person=involved.public_id)
            db.session.rollback()
        free = person(Role.KETUA)
        do(handling.name_investigator, admin, case=case, person=free.public_id)
        assert case.investigator_id == free.id

    def test_a_number_that_is_no_case_is_said(self, admin, case):
        with pytest.raises(DomainError, match="Tidak ada permohonan"):
            registered(admin, case, about_case="I-0000")

    @pytest.mark.parametrize("role", [Role.ASESI, Role.PENYELIA, Role.ANGGOTA_LUAR])
    def test_others_read_nothing(self, case, role):
        assert handling.one(actor_of(person(role)), case.public_id) is None

    def test_the_auditor_reads_and_has_no_step(self, case):
        auditor = actor_of(person(Role.AUDITOR))
        assert handling.one(auditor, case.public_id).id == case.id
        assert KELUHAN.available(case, auditor) == []
        assert set(OFFICE) < set(INVESTIGATORS)


class TestClocks:
    def test_late_ones_are_found_and_reminded_once(self, admin, case, asesor):
        ketua = person(Role.KETUA)
        db.session.commit()
        assert handling.remind() == 0
        with time_machine.travel(clock.now() + timedelta(days=8)):
            rows = handling.page(admin, handling.Wanted(handling.OVERDUE)).rows
            assert [row.late for row in rows] == [True]
            first = handling.remind()
            assert first >= 2
            assert handling.remind() == 0
        assert ketua.email in {each.payload["to"] for each in mails("complaint_due")}

    def test_whom_it_is_about_is_not_reminded(self, app, case, asesor):
        about, ketua = person(Role.ADMIN), person(Role.KETUA)
        registered(actor_of(ketua), case, people=(about.public_id,))
        with time_machine.travel(clock.now() + timedelta(days=40)):
            handling.remind()
        told = {each.payload["to"] for each in mails("complaint_due")}
        assert ketua.email in told
        assert about.email not in told

    def test_the_clock_of_each_state(self, admin, case, asesor):
        assert handling.due_of(case) == case.register_due
        registered(admin, case)
        assert handling.due_of(case) == case.progress_due
        with time_machine.travel(clock.now() + timedelta(days=150)):
            write(admin, case, "tell", NEWS)
            assert handling.due_of(case) == case.close_due

    def test_pages_go_on_where_the_last_ended(self, admin):
        for number in range(handling.PER_PAGE + 2):
            sent(sent_key=f"{number:024d}")
        first = handling.page(admin, handling.Wanted())
        assert (len(first.rows), first.more) == (handling.PER_PAGE, True)
        rest = handling.page(admin, handling.Wanted(after=first.rows[-1].key))
        assert (len(rest.rows), rest.more) == (2, False)


def test_a_person_named_twice_is_kept_once(admin, case, asesor):
    registered(admin, case, people=(asesor.public_id, asesor.public_id))
    assert db.session.scalars(select(ComplaintPerson.user_id)).all() == [asesor.id]
    assert db.session.get_one(Complaint, case.id).permohonan is None
