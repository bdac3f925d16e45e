"""Guards of invoices, idling, withdrawing and the change of mode."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lsp import clock
from lsp.actor import SYSTEM
from lsp.database import db
from lsp.errors import NotAllowed
from lsp.models import Fee, FrApl02Answer, Invoice, OutboxMessage
from lsp.vocabulary import InvoiceKind, InvoiceStatus, Mode, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.effects.payment import new_invoice
from lsp.workflow.guards import payment as guards
from lsp.workflow.permohonan import PERMOHONAN
from tests import factories
from tests.workflow.asking import Question, answer, on, on_case
from tests.workflow.cases import actor_of, make_cast, make_permohonan

S = PermohonanStatus


def invoice(dossier):
    return dossier.invoices[-1]


def no_fee(case, cast):
    db.session.query(Fee).filter_by(jenjang=cast.skema.jenjang, mode=case.mode).delete()


def no_fee_for_luring(case, cast):
    db.session.query(Fee).filter_by(jenjang=cast.skema.jenjang, mode=Mode.LURING).delete()


def owes_difference(case, cast):
    new_invoice(case, InvoiceKind.SELISIH, 200_000)


def days(count):
    return clock.today_wib() + timedelta(days=count)


def proof_comes(case, cast):
    dossier = dossier_of(case)
    dossier.invoices[-1].proof_document_id = dossier.documents[-1].id


def due(count):
    return lambda case, cast: on(invoice, due_on=days(count))(case, cast)


def since(**span):
    def change(case, cast):
        moment = clock.now() - timedelta(**span)
        case.status_at = moment
        for file in dossier_of(case).documents:
            file.created_at = moment
        for answer_row in db.session.query(FrApl02Answer).filter_by(permohonan_id=case.id):
            answer_row.updated_at = moment

    return change


QUESTIONS = [
    Question(
        guards.fee_in_force, S.VERIFIED, no_fee, "Belum ada biaya untuk jenjang 4, Baru, Jarak jauh"
    ),
    Question(
        guards.amount_covers_invoice,
        S.INVOICED,
        on(invoice, status=InvoiceStatus.VOID),
        "Tidak ada tagihan",
    ),
    Question(
        guards.amount_covers_invoice,
        S.INVOICED,
        on(invoice, paid_amount=1),
        "kurang dari tagihan",
    ),
    *(
        Question(
            guards.part_of_invoice_received,
            S.INVOICED,
            on(invoice, **spoiled),
            words,
            prepare=on(invoice, paid_amount=1),
        )
        for spoiled, words in (
            ({"status": InvoiceStatus.VOID}, "Tidak ada tagihan"),
            ({"paid_amount": 0}, "Belum ada uang masuk"),
            ({"paid_amount": 1_100_000}, "sudah menutup tagihan"),
        )
    ),
    Question(
        guards.proof_or_reason,
        S.INVOICED,
        on(invoice, proof_document_id=None),
        "Belum ada bukti bayar",
    ),
    Question(
        guards.due_date_passed, S.INVOICED, due(0), "Batas bayar belum lewat", prepare=due(-1)
    ),
    Question(
        guards.no_proof_waits,
        S.INVOICED,
        proof_comes,
        "menunggu diperiksa",
        prepare=on(invoice, proof_document_id=None),
    ),
    Question(guards.nothing_received, S.INVOICED, on(invoice, paid_amount=1), "Sebagian uang"),
    Question(guards.extended_never_before, S.LAPSED, on(invoice, extended=True), "satu kali"),
    Question(
        guards.lapsed_not_too_long_ago, S.LAPSED, due(-15), "lebih dari 14 hari", prepare=due(-14)
    ),
    Question(
        guards.change_agreed_by_asesi,
        S.PAID,
        on_case(mode_agreed_at=None),
        "belum menyetujui",
        prepare=lambda case, cast: on_case(mode_agreed_at=clock.now())(case, cast),
    ),
    Question(
        guards.fee_of_other_mode_set,
        S.PAID,
        no_fee_for_luring,
        "Belum ada biaya untuk jenjang 4, Baru, Tatap muka",
    ),
    Question(guards.difference_paid, S.PAID, owes_difference, "belum lunas"),
    Question(
        guards.difference_paid,
        S.READY,
        lambda case, cast: (owes_difference(case, cast), proof_comes(case, cast)),
        "masih diperiksa admin",
    ),
    Question(
        guards.idle_long_enough, S.PAID, since(days=89), "Belum cukup lama", prepare=since(days=91)
    ),
    Question(
        guards.idle_reminders_sent,
        S.PAID,
        on_case(idle_reminders=1),
        "Pengingat belum dikirim",
        prepare=on_case(idle_reminders=2),
    ),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_guard(app, question):
    question.ask()


def test_reason_stands_in_for_a_proof(app):
    cast = make_cast()
    case = make_permohonan(S.INVOICED, cast=cast)
    on(invoice, proof_document_id=None, confirmation_reason="Dibayar tunai di kantor.")(case, cast)
    db.session.flush()
    assert answer(guards.proof_or_reason, case, cast.of(Role.ADMIN, case)) is None


def test_system_confirms_only_what_costs_nothing(app):
    cast = make_cast()
    case = make_permohonan(S.INVOICED, cast=cast)
    assert "tidak nol" in answer(guards.amount_covers_invoice, case, SYSTEM)
    on(invoice, amount=0, proof_document_id=None)(case, cast)
    db.session.flush()
    PERMOHONAN.perform(case, "confirm_payment", SYSTEM, version=case.version)
    db.session.commit()
    assert case.status is S.PAID


def test_idle_days_hold_for_named_states_only(app):
    case = make_permohonan(S.SUBMITTED)
    case.status_at = clock.now() - timedelta(days=1000)
    assert "Belum cukup lama" in answer(guards.idle_long_enough, case, SYSTEM)


class TestNoteUnlessAsesi:
    def test_asesi_need_not_say_why(self, app):
        case = make_permohonan(S.PAID)
        assert answer(guards.NoteUnlessAsesi(10), case, actor_of(case.asesi)) is None

    def test_admin_does(self, app):
        cast = make_cast()
        case = make_permohonan(S.PAID, cast=cast)
        admin = cast.of(Role.ADMIN, case)
        assert "sedikitnya 10 huruf" in answer(guards.NoteUnlessAsesi(10), case, admin, "pendek")
        assert answer(guards.NoteUnlessAsesi(10), case, admin, "atas permintaan asesi") is None


class TestChangeOfMode:
    """The effect behind `change_agreed_by_asesi`: the difference is invoiced, and never twice at a time."""

    def change(self, case, cast):
        case.mode_agreed_at = clock.now()
        db.session.flush()
        PERMOHONAN.perform(case, "change_mode", cast.of(Role.ADMIN, case), version=case.version)
        db.session.commit()

    def waiting_reminders(self, case):
        return (
            db.session.query(OutboxMessage)
            .filter_by(permohonan_id=case.id, kind="invoice_reminder", done_at=None)
            .count()
        )

    def differences(self, case):
        rows = db.session.query(Invoice).filter_by(permohonan_id=case.id, kind=InvoiceKind.SELISIH)
        return [(row.amount, row.status) for row in rows.order_by(Invoice.id)]

    def test_dearer_mode_makes_an_invoice_over_the_difference(self, app):
        cast = make_cast()
        case = make_permohonan(S.PAID, cast=cast)
        self.change(case, cast)
        assert case.mode is Mode.LURING
        assert case.mode_agreed_at is None
        assert self.differences(case) == [(200_000, InvoiceStatus.OPEN)]

    def test_there_and_back_and_there_again_leaves_one_open(self, app):
        cast = make_cast()
        case = make_permohonan(S.PAID, cast=cast)
        for _ in range(3):
            self.change(case, cast)
        assert case.mode is Mode.LURING
        assert self.differences(case) == [
            (200_000, InvoiceStatus.VOID),
            (200_000, InvoiceStatus.OPEN),
        ]

    def test_a_change_undone_takes_its_reminder_back(self, app):
        cast = make_cast()
        case = make_permohonan(S.PAID, cast=cast)
        self.change(case, cast)
        assert self.waiting_reminders(case) == 1
        self.change(case, cast)
        assert self.waiting_reminders(case) == 0

    def test_the_prices_are_those_of_the_day_of_the_invoice(self, app):
        cast = make_cast()
        case = make_permohonan(S.PAID, cast=cast)
        dossier_of(case).invoices[0].created_at = clock.now() - timedelta(days=10)
        for mode, amount in ((Mode.DARING, 5_000_000), (Mode.LURING, 9_000_000)):
            factories.make_fee(amount, mode=mode, effective_from=days(-1))
        self.change(case, cast)
        assert self.differences(case) == [(200_000, InvoiceStatus.OPEN)]

    def test_a_difference_once_paid_is_not_asked_for_again(self, app):
        cast = make_cast()
        case = make_permohonan(S.READY, cast=cast)
        self.change(case, cast)
        dossier_of(case).open_invoice.confirmation_reason = "Terlihat di mutasi rekening."
        db.session.flush()
        admin = cast.of(Role.ADMIN, case)
        PERMOHONAN.perform(case, "confirm_payment", admin, version=case.version)
        for _ in range(2):
            self.change(case, cast)
        assert (case.status, case.mode) == (S.READY, Mode.LURING)
        assert self.differences(case) == [(200_000, InvoiceStatus.PAID)]

    def test_the_missing_price_is_said_before_anything_changes(self, app):
        cast = make_cast()
        case = make_permohonan(S.PAID, cast=cast)
        no_fee_for_luring(case, cast)
        with pytest.raises(NotAllowed, match="Belum ada biaya"):
            self.change(case, cast)
        assert case.mode is Mode.DARING

    def test_a_proof_that_waits_keeps_a_silent_case(self, app):
        cast = make_cast()
        case = make_permohonan(S.PAID, cast=cast)
        owes_difference(case, cast)
        proof_comes(case, cast)
        since(days=400)(case, cast)
        case.idle_reminders = 2
        db.session.flush()
        with pytest.raises(NotAllowed, match="menunggu diperiksa"):
            PERMOHONAN.perform(case, "drop_idle", SYSTEM, version=case.version)
