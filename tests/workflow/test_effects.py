"""And then what? What steps write besides the state, seen through `perform`."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from lsp import clock
from lsp.actor import SYSTEM
from lsp.database import db
from lsp.errors import NotAllowed
from lsp.models import OutboxMessage
from lsp.vocabulary import Answer, BlankoState, NumberState, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.permohonan import PERMOHONAN
from tests.workflow.cases import make_cast, make_permohonan
from tests.workflow.rows import ago

S = PermohonanStatus


@pytest.fixture
def cast(app):
    return make_cast()


def perform(case, name, actor, **more):
    PERMOHONAN.perform(case, name, actor, version=case.version, **more)
    db.session.commit()


class TestPayment:
    def test_an_invoice_with_a_proof_does_not_lapse(self, cast):
        """Asked of the step itself: the clock's query leaves such an invoice out before the guard is asked."""
        case = make_permohonan(S.INVOICED, cast=cast)
        with time_machine.travel(clock.now() + timedelta(days=60)):
            with pytest.raises(NotAllowed):
                perform(case, "lapse", SYSTEM)
            db.session.rollback()
            dossier_of(case).open_invoice.proof_document_id = None
            db.session.flush()
            perform(case, "lapse", SYSTEM)
        assert case.status is S.LAPSED

    def test_the_reminder_of_a_paid_invoice_is_taken_back(self, cast):
        case = make_permohonan(S.VERIFIED, cast=cast)
        admin = cast.of(Role.ADMIN, case)
        perform(case, "invoice", admin)
        reminder = db.session.query(OutboxMessage).filter_by(kind="invoice_reminder").one()
        assert reminder.done_at is None
        invoice = dossier_of(case).open_invoice
        invoice.paid_amount, invoice.confirmation_reason = invoice.amount, "Tunai di kantor LSP."
        db.session.flush()
        perform(case, "confirm_payment", admin)
        db.session.refresh(reminder)
        assert reminder.done_how == "cancelled"


class TestDecision:
    @pytest.mark.parametrize(
        ("name", "status"),
        [("decide_competent", S.COMPETENT), ("decide_not_yet", S.NOT_YET_COMPETENT)],
    )
    def test_a_new_decision_has_not_been_opened_yet(self, cast, name, status):
        """Decided anew after a banding: the window to appeal runs from the reading of this decision, not the old."""
        answer = Answer.K if status is S.COMPETENT else Answer.BK
        case = make_permohonan(S.RECOMMENDED, cast=cast, recommendation=answer)
        case.result_opened_at = case.result_mailed_at = ago(days=40)
        db.session.flush()
        perform(case, name, cast.of(Role.TIM_TEKNIS, case))
        assert case.status is status
        assert case.result_opened_at is None
        assert case.result_mailed_at is None, "until the mail server takes the notice"


class TestIssue:
    def test_its_blanko_and_numbers_are_used_up(self, cast):
        case = make_permohonan(S.RECORDED, cast=cast)
        registration = dossier_of(case).registration
        assert registration.blanko.state is BlankoState.RESERVED
        perform(case, "issue", cast.of(Role.KETUA, case))
        assert registration.blanko.state is BlankoState.ISSUED
        assert registration.certificate_entry.state is NumberState.USED
        assert registration.registration_entry.state is NumberState.USED
