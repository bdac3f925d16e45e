"""The moment a decision's notice went is the mail server's, because the appeal window hangs on it."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
import time_machine

from lsp import clock, worker
from lsp.database import db, write_transaction
from lsp.models import OutboxMessage, Permohonan
from lsp.services import outbox
from lsp.vocabulary import Answer, Channel, PermohonanStatus, Role
from lsp.workflow.guards.after_decision import appeal_until
from lsp.workflow.permohonan import PERMOHONAN
from tests.workflow.cases import actor_of, make_cast, make_permohonan

S = PermohonanStatus


@pytest.fixture
def cast(app):
    return make_cast()


@pytest.fixture
def decided(cast):
    case = make_permohonan(S.RECOMMENDED, cast=cast, recommendation=Answer.BK)
    PERMOHONAN.perform(case, "decide_not_yet", cast.of(Role.TIM_TEKNIS, case), version=case.version)
    db.session.commit()
    return case


def notice(case):
    query = db.session.query(OutboxMessage).filter_by(permohonan_id=case.id, kind="result_ready")
    return query.one()


def claim_notice():
    """Lease rows until the notice is the one leased."""
    with write_transaction():
        while (message := outbox.claim((Channel.MAIL,))) is not None:
            if message.kind == "result_ready":
                return message.id, message.lease_token
    raise AssertionError("no notice of the result waits")


def fresh(case):
    db.session.expire_all()
    return db.session.get_one(Permohonan, case.id)


def after_the_worker(case):
    """The case once all mails were done; the worker closes the sessions it meets."""
    case_id = case.id
    worker.drain()
    return db.session.get_one(Permohonan, case_id)


class TestNoticeOfADecision:
    def test_a_dead_mail_server_lets_no_window_run(self, decided):
        message_id, token = claim_notice()
        with write_transaction():
            outbox.settle(message_id, token, error="ConnectionRefusedError")
        with time_machine.travel(clock.now() + timedelta(days=60), tick=False):
            case = fresh(decided)
            assert case.result_mailed_at is None
            assert appeal_until(case) is None
            assert PERMOHONAN.choice(case, actor_of(case.asesi), "appeal").reason is None

    def test_it_runs_from_the_moment_the_server_took_it(self, decided):
        version, sent_at = decided.version, clock.now() + timedelta(days=5)
        with time_machine.travel(sent_at, tick=False):
            message_id, token = claim_notice()
            with write_transaction():
                outbox.settle(message_id, token)
        case = fresh(decided)
        assert case.result_mailed_at == notice(case).done_at
        assert abs(case.result_mailed_at - sent_at) < timedelta(seconds=1)
        assert case.version == version, "an open form is not made stale"

    def test_a_mail_that_only_went_to_a_file_lets_no_window_run(self, app, decided):
        case = after_the_worker(decided)
        assert notice(case).done_how == "sent"
        assert case.result_mailed_at is None

    def test_the_worker_starts_it_where_a_server_took_the_mail(self, app, decided, monkeypatch):
        app.config["LSP"] = dataclasses.replace(app.config["LSP"], smtp_url="smtp://127.0.0.1:1")
        monkeypatch.setattr("lsp.gateways.mail.smtp.send", lambda server, message: None)
        case = after_the_worker(decided)
        assert case.result_mailed_at == notice(case).done_at

    def test_a_late_notice_of_an_earlier_decision_starts_nothing(self, decided):
        fresh(decided).decided_at = clock.now() + timedelta(hours=1)
        db.session.commit()
        message_id, token = claim_notice()
        with write_transaction():
            outbox.settle(message_id, token)
        assert notice(decided).done_how == "sent"
        assert fresh(decided).result_mailed_at is None
