"""What happens because time passed, each case moved by the system through the workflow table."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from lsp import clock
from lsp.database import DatabaseBusy, db
from lsp.models import (
    FrApl01,
    FrApl02Answer,
    Invoice,
    OutboxMessage,
    Permohonan,
    SignIn,
)
from lsp.models.inforce import setting
from lsp.services import clocks
from lsp.vocabulary import InvoiceStatus, PermohonanStatus, Role
from lsp.workflow.permohonan import PERMOHONAN
from tests import factories
from tests.workflow.cases import make_cast, make_permohonan, upload

S = PermohonanStatus


def status_of(case):
    return db.session.get_one(Permohonan, case.id, populate_existing=True).status


def _act(case, sign):
    """What an asesi does in the middle of filling."""
    if sign == "fr_apl_01":
        db.session.get_one(FrApl01, case.id).updated_at = clock.now()
    elif sign == "fr_apl_02":
        answer = db.session.query(FrApl02Answer).filter_by(permohonan_id=case.id).first()
        answer.updated_at = clock.now()
    else:
        upload(case, "Sertifikat pelatihan", created_at=clock.now())
    db.session.commit()


def later(days):
    return time_machine.travel(clock.now() + timedelta(days=days), tick=False)


class TestMoving:
    def test_an_unpaid_invoice_lapses_after_its_day(self, app):
        case = make_permohonan(S.INVOICED, work_done=False)
        assert clocks.move_what_is_due() == 0
        with later(int(setting("invoice_days")) + 2):
            assert clocks.move_what_is_due() == 1
        assert status_of(case) is S.LAPSED

    def test_one_with_a_proof_waits_for_the_admin(self, app):
        case = make_permohonan(S.INVOICED)
        with later(60):
            clocks.move_what_is_due()
        assert status_of(case) is S.INVOICED

    def test_a_zero_invoice_is_confirmed_by_itself(self, app):
        case = make_permohonan(S.INVOICED, work_done=False)
        for invoice in db.session.query(Invoice).filter_by(
            permohonan_id=case.id, status=InvoiceStatus.OPEN
        ):
            invoice.amount = 0
        db.session.commit()
        assert clocks.move_what_is_due() == 1
        assert status_of(case) is S.PAID

    def test_a_silent_case_drops_only_after_its_reminders(self, app):
        case = make_permohonan(S.DRAFT)
        days = int(setting("idle_days")["draft"])
        with later(days + 1):
            assert clocks.move_what_is_due() == 0
            while clocks.remind_idle():
                pass
            assert clocks.move_what_is_due() == 1
        assert status_of(case) is S.DROPPED

    def test_a_reminder_goes_once_each_time(self, app):
        case = make_permohonan(S.DRAFT)
        days = int(setting("idle_days")["draft"])
        with later(days * 0.6):
            assert clocks.remind_idle() == 1
            assert clocks.remind_idle() == 0
        with later(days * 0.8):
            assert clocks.remind_idle() == 1
        kinds = [
            row.kind for row in db.session.query(OutboxMessage).filter_by(permohonan_id=case.id)
        ]
        assert kinds.count("idle_reminder") == 2

    def test_reminders_of_an_earlier_state_do_not_count_in_a_later_one(self, app):
        cast = make_cast()
        case = make_permohonan(S.PAID, cast=cast, idle_reminders=2)
        case.mode_agreed_at = clock.now()
        db.session.flush()
        PERMOHONAN.perform(case, "change_mode", cast.of(Role.ADMIN, case), version=case.version)
        db.session.commit()
        assert case.idle_reminders == 0

    @pytest.mark.parametrize("sign", ["fr_apl_01", "fr_apl_02", "document"])
    def test_whatever_an_asesi_does_ends_his_silence(self, app, sign):
        case = make_permohonan(S.DRAFT)
        days = int(setting("idle_days")["draft"])
        with later(days * 0.6):
            assert clocks.remind_idle() == 1
        with later(days * 0.8):
            assert clocks.remind_idle() == 1
        with later(days - 1):
            _act(case, sign)
        with later(days + 1):
            clocks.remind_idle()
            assert clocks.move_what_is_due() == 0, "it is not idle"
        assert status_of(case) is S.DRAFT
        with later(2 * days + 1):
            assert clocks.move_what_is_due() == 0, "its reminders began anew"
            assert clocks.remind_idle() + clocks.remind_idle() == 2
            assert clocks.move_what_is_due() == 1

    def test_a_reminder_leaves_open_forms_fresh(self, app):
        case = make_permohonan(S.DRAFT)
        version = case.version
        with later(int(setting("idle_days")["draft"]) * 0.6):
            assert clocks.remind_idle() == 1
        assert db.session.get_one(Permohonan, case.id, populate_existing=True).version == version

    def test_one_odd_case_stops_none_of_the_others(self, app, monkeypatch):
        first, second = (make_permohonan(S.INVOICED, work_done=False) for _ in range(2))
        odd = make_permohonan(S.DRAFT)
        ids = [odd.id, first.id, second.id]
        monkeypatch.setattr(clocks, "_overdue_invoices", lambda: ids)
        with later(60):
            clocks.move_what_is_due()
        assert {status_of(first), status_of(second)} == {S.LAPSED}
        assert status_of(odd) is S.DRAFT

    def test_nor_does_one_that_breaks(self, app, monkeypatch):
        """It stands first at the next try too, so it would hold up the others for ever."""
        broken, sound = (make_permohonan(S.INVOICED, work_done=False) for _ in range(2))
        perform = clocks.PERMOHONAN.perform

        def breaks(case, *rest, **named):
            if case.id == broken.id:
                raise LookupError("an invoice without a number series")
            return perform(case, *rest, **named)

        monkeypatch.setattr(type(clocks.PERMOHONAN), "perform", lambda _, *a, **k: breaks(*a, **k))
        with later(60):
            assert clocks.move_what_is_due() == 1
        assert (status_of(broken), status_of(sound)) == (S.INVOICED, S.LAPSED)

    def test_a_database_that_does_not_answer_is_the_worker_s_to_wait_for(self, app, monkeypatch):
        make_permohonan(S.INVOICED, work_done=False)

        def busy(*_rest, **_named):
            raise DatabaseBusy

        monkeypatch.setattr(type(clocks.PERMOHONAN), "perform", busy)
        with later(60), pytest.raises(DatabaseBusy):
            clocks.move_what_is_due()


def test_places_whose_life_is_over_are_forgotten(app):
    user = factories.make_user(Role.ADMIN)
    factories.make_place(user)
    clocks.forget_ended_places()
    assert db.session.query(SignIn).count() == 1
    with later(2):
        clocks.forget_ended_places()
    assert db.session.query(SignIn).count() == 0
