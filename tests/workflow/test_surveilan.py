"""Surveilan: its table, its clock, sent once and signed, judged by somebody else, a second chance, what is frozen."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError, NotAllowed
from lsp.models import (
    OutboxMessage,
    RenewalReminder,
    Surveilan,
    SurveilanEvent,
    SurveilanReport,
    SurveilanVerdict,
)
from lsp.services import clocks, surveilan, surveilan_clock, surveilan_desk
from lsp.services.surveilan import LinkDead, Superior
from lsp.vocabulary import CertificateStatus, PermohonanStatus, RequestKind, Role, SurveilanStatus
from lsp.vocabulary.dates import add_months
from lsp.workflow import duty
from lsp.workflow.surveilan import (
    SURVEILAN,
    asesor_chosen,
    certificate_alive,
    certificate_over,
    chance_given,
    found_met,
    found_not_met,
    not_the_holder,
    statement_signed,
    why_not_asesor,
)
from tests import factories
from tests.support.surveilan import (
    BODY,
    assign,
    found,
    holder_of,
    make_certificate,
    make_task,
    send,
)
from tests.workflow.cases import actor_of, make_permohonan
from tests.workflow.test_table import name_of

S = SurveilanStatus
#: The procedure, written by hand: step, from, to, who, only if.
PROCEDURE = """
send         | WAITING  | SENT     | asesi  | certificate_alive statement_signed
send         | REPEATED | EXAMINED | asesi  | certificate_alive statement_signed
assign       | SENT     | EXAMINED | admin  | asesor_chosen asesor_independent
reassign     | EXAMINED | EXAMINED | admin  | asesor_chosen asesor_independent note_10
find_met     | EXAMINED | MET      | asesor | asesor_independent found_met
grant_chance | EXAMINED | REPEATED | asesor | asesor_independent chance_given
find_not_met | EXAMINED | NOT_MET  | asesor | asesor_independent found_not_met
drop         | WAITING SENT EXAMINED REPEATED | DROPPED | system | certificate_over
"""


def test_the_table_is_the_procedure():
    assert [
        [
            row.name,
            " ".join(source.name for source in row.source),
            row.target.name,
            " ".join(role.value for role in row.roles),
            " ".join(name_of(guard) for guard in row.guards),
        ]
        for row in SURVEILAN.transitions
    ] == [[part.strip() for part in line.split("|")] for line in PROCEDURE.strip().splitlines()]


def mails(kind):
    return db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)
    ).all()


def sign(task, name, *, agreed=True):
    surveilan.send(holder_of(task), task, typed_name=name, agreed=agreed, version=task.version)


def judge(task, asesor, outcome, **changes):
    actor = actor_of(asesor)
    surveilan_desk.judge(actor, task, found(outcome, **changes), version=task.version)
    db.session.commit()


class TestTheClock:
    def test_a_task_a_year_once_however_often_it_runs(self, app):
        task = make_task()
        assert (task.number, task.status) == (1, S.WAITING)
        assert task.due_on == add_months(task.certificate.valid_from, 12)
        assert clocks.follow_certificates() == 0
        assert len(mails("surveilan_due")) == 1
        assert [each.step for each in task.events] == ["open"]

    def test_whoever_is_told_late_has_his_days_and_missed_years_are_one(self, app):
        task = make_task(days_ago=3 * 365 + 10)
        assert task.number == 3
        assert task.until > clock.today_wib() > task.due_on

    def test_none_before_its_time_none_after_the_end_none_of_a_revoked_one(self, app):
        early, revoked = make_certificate(days_ago=300), make_certificate()
        revoked.status = CertificateStatus.REVOKED
        db.session.commit()
        clocks.follow_certificates()
        assert db.session.scalars(select(Surveilan)).all() == []
        assert surveilan_clock.due_days(early)[-1] <= early.valid_until
        with time_machine.travel(clock.day_begins(early.valid_until + timedelta(days=2))):
            clocks.follow_certificates()
            assert db.session.scalars(select(Surveilan)).all() == []

    def test_reminded_after_its_day_and_warned_at_last(self, app):
        task = make_task(days_ago=360)
        told = []
        for days in (0, 6, 7, 29, 30, 90):
            with time_machine.travel(
                clock.now() + timedelta(days=(task.until - clock.today_wib()).days + days)
            ):
                clocks.follow_certificates()
                told.append(len(mails("surveilan_reminder")))
        assert told == [0, 0, 1, 1, 2, 2]
        assert [each.payload["context"]["last"] for each in mails("surveilan_reminder")] == [False, True]  # fmt: skip

    def test_dropped_with_its_certificate_and_not_reminded_meanwhile(self, app):
        task = make_task()
        task.certificate.status, task.until = (
            CertificateStatus.REVOKED,
            clock.today_wib() - timedelta(days=31),
        )
        db.session.commit()
        assert surveilan_clock.remind(task.id) is False
        clocks.follow_certificates()
        db.session.expire_all()
        assert task.status is S.DROPPED
        assert certificate_alive(task, holder_of(task), "") is not None


class TestTheHolder:
    def test_what_lacks_is_said_and_stops_the_sending(self, app):
        task = make_task()
        words = surveilan.words_of(task).body
        assert set(surveilan.lacking(words, {"bekerja": "ya", "ada_keluhan": "ya"})) == {
            "tempat", "keluhan", "logbook-0-proyek",
        }  # fmt: skip
        surveilan.save(holder_of(task), task, {"bekerja": "ya"})
        with pytest.raises(DomainError, match="belum lengkap"):
            sign(task, task.certificate.holder_name)

    def test_sent_once_signed_with_its_time_and_frozen(self, app):
        task = make_task()
        assert statement_signed(task, holder_of(task), "") is not None
        send(task)
        report = task.reports[0]
        assert task.status is S.SENT
        assert report.sent_at is not None
        assert report.signed_name == task.certificate.holder_name
        assert report.digest == surveilan.digest_of(surveilan.words_of(task), report, [])
        with pytest.raises(DomainError, match="sudah dikirim"):
            surveilan.save(holder_of(task), task, {})
        with pytest.raises(DBAPIError, match="frozen"):
            db.session.execute(text("UPDATE surveilan_report SET signed_name = 'Lain'"))

    def test_what_he_wrote_is_sealed(self, app):
        send(make_task())
        raw = db.session.execute(text("SELECT body FROM surveilan_report")).scalar_one()
        assert b"Rusun Contoh" not in bytes(raw)

    def test_not_by_another_name_nor_without_the_statement(self, app):
        task = make_task()
        surveilan.save(holder_of(task), task, dict(BODY))
        for name, agreed in (("Orang Lain", True), (task.certificate.holder_name, False)):
            with pytest.raises(DomainError):
                sign(task, name, agreed=agreed)

    def test_a_superior_answers_once_by_a_link_the_holder_never_sees(self, app):
        task = make_task()
        person = Superior(
            "Atasan Rekaan", "Site manager", "0812 9999 0002", "atasan@contoh.example"
        )
        surveilan.name_superior(holder_of(task), task, person)
        token = mails("surveilan_superior")[0].payload["context"]["token"]
        row = surveilan.letter_by_token(token, writing=True)
        assert surveilan.answer_letter(row, {"mutu": "Baik."})
        assert not surveilan.answer_letter(row, {"mutu": "Buruk."})
        db.session.commit()
        with pytest.raises(DBAPIError, match="frozen"):
            db.session.execute(text("UPDATE surveilan_letter SET words_version = 9"))

    def test_a_link_that_was_withdrawn_leads_nowhere_and_his_own_address_is_refused(self, app):
        task = make_task()
        person = Superior("Atasan Rekaan", "Mandor", "0812 9999 0002", "atasan@contoh.example")
        row = surveilan.name_superior(holder_of(task), task, person)
        token = mails("surveilan_superior")[0].payload["context"]["token"]
        assert surveilan.withdraw_letter(holder_of(task), task, row.public_id)
        with pytest.raises(LinkDead):
            surveilan.letter_by_token(token)
        assert mails("surveilan_superior")[0].payload["context"]["token"] == ""
        own = Superior("Saya", "Mandor", "0812 9999 0002", task.permohonan.asesi.email)
        with pytest.raises(DomainError, match="e-mail Anda sendiri"):
            surveilan.name_superior(holder_of(task), task, own)


class TestTheAsesor:
    def test_met(self, app):
        task = send(make_task())
        judge(task, assign(task), "met")
        assert task.status is S.MET
        assert mails("surveilan_result")[0].payload["context"]["met"] is True
        with pytest.raises(DBAPIError, match="frozen"):
            db.session.execute(text("UPDATE surveilan SET status = 'waiting'"))

    def test_a_second_chance_with_its_day_then_not_met(self, app):
        task = send(make_task())
        asesor = assign(task)
        with pytest.raises(NotAllowed, match="kesempatan kedua dulu"):
            judge(task, asesor, "not_met")
        db.session.rollback()
        for day in (clock.today_wib(), clock.today_wib() + timedelta(days=31)):
            with pytest.raises(DomainError, match="besok sampai") as refusal:
                judge(task, asesor, "chance", second_until=day)
            assert refusal.value.field == "second_until"
            db.session.rollback()
        judge(task, asesor, "chance")
        assert (task.status, task.attempt, task.reminders) == (S.REPEATED, 2, 0)
        assert task.until == clock.today_wib() + timedelta(days=14)
        assert surveilan.body_of(task) == BODY
        send(task)
        assert task.status is S.EXAMINED
        with pytest.raises(NotAllowed, match="satu kali"):
            judge(task, asesor, "chance")
        db.session.rollback()
        judge(task, asesor, "not_met")
        assert task.status is S.NOT_MET
        assert [each.met for each in db.session.scalars(select(SurveilanVerdict))] == [False, False]
        with pytest.raises(DBAPIError, match="append-only"):
            db.session.execute(text("UPDATE surveilan_verdict SET reason = 'lain'"))

    def test_met_only_when_every_point_is_and_notes_where_one_is_not(self, app):
        task = send(make_task())
        asesor = assign(task)
        with pytest.raises(DomainError) as refusal:
            judge(task, asesor, "met", points=found("chance").points)
        assert refusal.value.field == "outcome"
        db.session.rollback()
        points = dict(found().points) | {"logbook": (False, "")}
        with pytest.raises(DomainError) as refusal:
            judge(task, asesor, "chance", points=points)
        assert refusal.value.field == "c-logbook"

    def test_neither_the_holder_nor_who_decided_judges_it(self, app):
        task = send(make_task())
        holder = task.permohonan.asesi
        assert why_not_asesor(task, holder.id) is not None
        assert not_the_holder(task, actor_of(holder), "") is not None
        decided = next(iter(duty.pleno_ids(task.permohonan)))
        assert "pleno" in why_not_asesor(task, decided)
        assert holder.id not in {each.id for each in surveilan_desk.candidates(task)}
        with pytest.raises(DBAPIError, match="duty: asesor_not_asesi"):
            db.session.execute(text(f"UPDATE surveilan SET asesor_id = {holder.id}"))

    def test_guards_of_a_task_that_nobody_judged(self, app):
        task = send(make_task())
        nobody = actor_of(factories.make_user(Role.ASESOR))
        assert asesor_chosen(task, nobody, "") is not None
        assert found_met(task, nobody, "") is not None
        assert found_not_met(task, nobody, "") is not None
        assert chance_given(task, nobody, "") is not None
        assert certificate_over(task, nobody, "") is not None

    def test_another_asesor_with_a_reason(self, app):
        task = send(make_task())
        first, second = assign(task), factories.make_user(Role.ASESOR)
        admin = actor_of(factories.make_user(Role.ADMIN))
        with pytest.raises(NotAllowed):
            surveilan_desk.assign(admin, task, second.public_id, version=task.version)
        db.session.rollback()
        surveilan_desk.assign(
            admin, task, second.public_id, version=task.version, note="Asesor pertama sakit."
        )
        db.session.commit()
        with pytest.raises(NotAllowed):
            judge(task, first, "met")
        db.session.rollback()
        judge(task, second, "met")
        steps = db.session.scalars(select(SurveilanEvent.step).order_by(SurveilanEvent.id)).all()
        assert steps == ["open", "send", "assign", "reassign", "find_met"]


class TestTheList:
    def test_overdue_with_its_consequence_and_counts(self, app):
        task = make_task(days_ago=360)
        with time_machine.travel(clock.now() + timedelta(days=60)):
            clocks.follow_certificates()
            (row,) = surveilan_desk.page(surveilan_desk.OVERDUE).rows
            assert row.public_id == task.public_id
            assert row.reminders == 2
            assert "Usulkan pembekuan" in surveilan_desk.consequence(row)
            assert surveilan_desk.counts()[surveilan_desk.OVERDUE] == 1

    def test_page_by_page(self, app, monkeypatch):
        monkeypatch.setattr(surveilan_desk, "PER_PAGE", 1)
        tasks = {make_task().public_id, make_task().public_id}
        first = surveilan_desk.page(surveilan_desk.DUE)
        second = surveilan_desk.page(surveilan_desk.DUE, first.next_key)
        assert {first.rows[0].public_id, second.rows[0].public_id} == tasks
        assert second.next_key == ""
        assert surveilan_desk.page(surveilan_desk.DUE, "kacau").rows == first.rows


class TestRenewal:
    def months_before_end(self, certificate, months, days=0):
        day = add_months(certificate.valid_until, -months) + timedelta(days=days)
        return clock.day_begins(day) + timedelta(hours=9)

    def test_once_for_each_month_and_only_the_nearest(self, app):
        certificate = make_certificate(days_ago=10)
        told = []
        for months, days in ((6, -1), (6, 0), (6, 1), (2, 0), (2, 5)):
            with time_machine.travel(self.months_before_end(certificate, months, days)):
                clocks.follow_certificates()
                rows = select(RenewalReminder.months).order_by(RenewalReminder.id)
                told.append(db.session.scalars(rows).all())
        assert told == [[], [6], [6], [6, 2], [6, 2]]
        assert len(mails("renewal_reminder")) == 2

    @pytest.mark.parametrize("ended", [PermohonanStatus.WITHDRAWN, PermohonanStatus.LAPSED])
    def test_not_while_it_is_being_renewed_nor_when_it_was_revoked(self, app, ended):
        certificate, revoked = make_certificate(days_ago=10), make_certificate(days_ago=10)
        revoked.status = CertificateStatus.REVOKED
        case = certificate.permohonan
        renewal = make_permohonan(
            PermohonanStatus.DRAFT, asesi=case.asesi, kind=RequestKind.PERPANJANGAN
        )
        renewal.skema_version_id = case.skema_version_id
        db.session.commit()
        with time_machine.travel(self.months_before_end(certificate, 2)):
            clocks.follow_certificates()
            assert mails("renewal_reminder") == []
            renewal = db.session.get_one(type(renewal), renewal.id)
            renewal.status, renewal.submitted_at = ended, clock.now()
            db.session.commit()
            clocks.follow_certificates()
            assert len(mails("renewal_reminder")) == 1
            # Of two workers that found the same row the second tells nothing more.
            assert surveilan_clock.remind_renewal(certificate.id) is False


def test_a_report_cannot_be_signed_without_its_time(app):
    task = make_task()
    db.session.add(
        SurveilanReport(surveilan_id=task.id, attempt=1, words_version=1, signed_name="X")
    )
    with pytest.raises(DBAPIError):
        db.session.flush()
