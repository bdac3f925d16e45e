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
from lsp.models.queue import TO_CORRECT_AT_BNSP
from lsp.services import outbox_answers
from lsp.vocabulary import (
    Answer,
    BlankoState,
    InvoiceKind,
    InvoiceStatus,
    NumberState,
    PermohonanStatus,
    Role,
)
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.assessment import RESULT, report_result_to_bnsp, take_back_result
from lsp.workflow.effects.payment import invoice_reassessment, new_invoice
from lsp.workflow.permohonan import PERMOHONAN
from tests.services import plenos
from tests.workflow.cases import actor_of, make_cast, make_permohonan, person, upload
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

    @pytest.mark.parametrize("came", ["nothing", "a proof", "a part"])
    def test_a_decision_taken_anew_voids_the_bill_of_an_asesmen_ulang(self, cast, came):
        case = make_permohonan(S.APPEALED, cast=cast)
        other = new_invoice(case, InvoiceKind.SELISIH, 200_000)
        bill = invoice_reassessment(case, SYSTEM, 500_000)
        if came == "a proof":
            bill.proof_document_id = upload(case, "Bukti bayar", "payment_proof").id
        elif came == "a part":
            bill.paid_amount = 200_000
        for _ in range(3):
            person(Role.TIM_TEKNIS)
        db.session.flush()
        perform(case, "grant_redecision", SYSTEM)
        assert (bill.status is InvoiceStatus.VOID) is (came == "nothing"), "money is looked at"
        reminder = db.session.query(OutboxMessage).filter_by(kind="invoice_reminder").one()
        assert reminder.done_how == ("cancelled" if came == "nothing" else "")
        assert other.status is InvoiceStatus.OPEN


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


class TestResultAtBnsp:
    """One row per recommendation that stands; what was told already is put right there."""

    @pytest.fixture
    def case(self, cast):
        case = plenos.waiting(cast)
        report_result_to_bnsp(case, SYSTEM, "")
        db.session.commit()
        return case

    def send_back(self, cast, case):
        made = plenos.call(cast, case)
        plenos.all_vote(cast, made.cases[0], agrees=False)
        perform(case, "send_back", actor_of(cast.chair), note=plenos.REASON)

    def rows(self, kind=RESULT):
        db.session.expire_all()
        return db.session.query(OutboxMessage).filter_by(kind=kind).order_by("id").all()

    def tell(self, cast):
        outbox_answers.answer(actor_of(cast.admin), self.rows()[-1], None, {})
        db.session.commit()

    def test_sent_back_before_it_was_told_it_is_not_told(self, cast, case):
        self.send_back(cast, case)
        (row,) = self.rows()
        assert (row.done_how, row.error) == ("cancelled", "Replaced: sent_back")
        assert self.rows(TO_CORRECT_AT_BNSP) == []

    def test_sent_back_after_it_was_told_it_is_put_right_once(self, cast, case):
        self.tell(cast)
        self.send_back(cast, case)
        assert self.rows()[0].done_how == "by_hand", "what was done is not rewritten"
        (row,) = self.rows(TO_CORRECT_AT_BNSP)
        assert (row.done_at, row.payload["dilaporkan"]) == (None, 1)
        take_back_result("sent_back")(case, SYSTEM, "")
        assert len(self.rows(TO_CORRECT_AT_BNSP)) == 1

    @pytest.mark.parametrize("told", [True, False])
    def test_a_banding_that_voids_it_takes_it_back_of_its_attempt_alone(self, cast, told):
        case = make_permohonan(S.APPEALED, cast=cast)
        report_result_to_bnsp(case, SYSTEM, "")
        if told:
            self.tell(cast)
        case.attempt = 2
        report_result_to_bnsp(case, SYSTEM, "")
        case.attempt = 1
        db.session.commit()
        perform(case, "grant_reassessment", SYSTEM)
        voided, other = self.rows()
        assert (other.done_at, voided.done_how) == (None, "by_hand" if told else "cancelled")
        assert [row.payload["dilaporkan"] for row in self.rows(TO_CORRECT_AT_BNSP)] == [2] * told

    def test_a_recommendation_decided_anew_stands(self, cast):
        case = make_permohonan(S.APPEALED, cast=cast)
        report_result_to_bnsp(case, SYSTEM, "")
        db.session.commit()
        for _ in range(3):
            person(Role.TIM_TEKNIS)
        perform(case, "grant_redecision", SYSTEM)
        assert [row.done_at for row in self.rows()] == [None]
