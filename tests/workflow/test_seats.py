"""What is read from the table of meetings, held against what people say of it; and the work that lasts so long."""

from __future__ import annotations

import pytest

from lsp.database import db
from lsp.models import DataConfirmation
from lsp.services import worklist_rows
from lsp.services.work_kinds import limits_in_force
from lsp.services.worklist_rows import Wanted
from lsp.vocabulary import FINAL, MeetingKind, PermohonanStatus as S
from lsp.workflow import seats
from lsp.workflow.dossier import dossier_of
from tests.workflow.cases import actor_of, make_cast, make_permohonan

PRE, ASSESSMENT = MeetingKind.PRE_ASSESSMENT, MeetingKind.ASSESSMENT


def test_what_is_booked_and_given_back_from_where():
    """By hand; another state of a booking is another line here."""
    assert {S.PAID: (PRE, "book_pre"), S.READY: (ASSESSMENT, "book_assessment")} == seats.BOOKS
    assert {S.PRE_SCHEDULED: "cancel_pre", S.SCHEDULED: "cancel_assessment"} == seats.CANCELS
    assert seats.DUE == {
        S.PAID: PRE, S.PRE_SCHEDULED: PRE, S.READY: ASSESSMENT, S.SCHEDULED: ASSESSMENT,
    }  # fmt: skip


def test_when_it_is_too_early_to_choose():
    assert {
        S.DRAFT, S.SUBMITTED, S.RETURNED, S.VERIFIED, S.INVOICED, S.LAPSED, S.EVIDENCE_NEEDED,
    } == seats.TOO_EARLY  # fmt: skip


def test_what_may_follow_a_pre_assessment():
    before = {S.DRAFT, S.SUBMITTED, S.RETURNED, S.VERIFIED, S.INVOICED, S.LAPSED}
    assert set(seats.FROM_PRE_ASSESSMENT) == set(S) - FINAL - before


def listed(admin):
    wanted = Wanted(work="data")
    return worklist_rows.page(admin, wanted, limits=limits_in_force()).rows


@pytest.mark.parametrize("state", [S.NOT_YET_COMPETENT, S.APPEALED, S.BLANKO_REQUESTED, S.RECORDED])
def test_data_that_did_not_fit_stays_the_admins_work(app, state):
    """As long as a certificate may carry it."""
    cast = make_cast()
    case = make_permohonan(state, cast=cast)
    admin = actor_of(cast.admin)
    assert listed(admin) == []
    db.session.add(
        DataConfirmation(
            permohonan_id=case.id,
            attempt=case.attempt,
            booking_id=dossier_of(case).bookings[0].id,
            field="name",
            fits=False,
            note="Di KTP tertulis lain.",
            value_digest="0" * 64,
            confirmed_by_id=cast.asesor.id,
        )
    )
    db.session.commit()
    [row] = listed(admin)
    assert row.public_id == case.public_id
