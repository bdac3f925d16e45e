"""A reason that somebody else reads has a least length, asked by the service that writes it, whoever calls."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lsp import clock
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import MeetingRecording
from lsp.services import (
    accounts,
    annulment,
    data_check,
    hindrance,
    payment,
    recordings,
    remote_permissions,
)
from lsp.vocabulary import PermohonanStatus as S, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.machine import LEAST_GROUNDS, LEAST_REASON, check_reason
from tests import factories
from tests.support.recordings import add_recording, held_seat
from tests.workflow.cases import actor_of, make_cast, make_permohonan, upload

#: One letter too few, with blanks that do not count.
SHORT = "x" * (LEAST_REASON - 1) + "  "


@pytest.fixture
def cast(app):
    return make_cast()


def call_off(cast):
    slot = dossier_of(make_permohonan(S.PRE_SCHEDULED, cast=cast)).booking.slot
    hindrance.settle(actor_of(cast.admin), [slot], {}, {}, reason=SHORT)


def let_go(cast):
    slot = dossier_of(make_permohonan(S.PRE_SCHEDULED, cast=cast)).booking.slot
    slot.starts_at = clock.now() + timedelta(hours=1)
    hindrance.let_go(actor_of(cast.asesor), slot, reason=SHORT)


def resolve(cast):
    data_check.resolve(actor_of(cast.admin), make_permohonan(S.READY, cast=cast), note=SHORT)


def decline_proof(cast):
    case = make_permohonan(S.INVOICED, cast=cast)
    payment.open_invoice(case).proof_document_id = upload(case, "Bukti bayar").id
    payment.decline_proof(actor_of(cast.admin), case, reason=SHORT)


def propose_staff(cast):
    accounts.propose_staff(
        actor_of(cast.admin), email="baru@lsp.example", name="Orang Baru", role=Role.AUDITOR, reason=SHORT
    )  # fmt: skip


def supersede(cast):
    seat = held_seat(make_permohonan(S.READY, cast=cast))
    row: MeetingRecording = add_recording(seat)
    recordings.supersede(actor_of(cast.asesor), row, reason=SHORT)


def end_permission(cast):
    row = factories.make_remote_permission(cast.skema.skema)
    remote_permissions.end(actor_of(cast.admin), row, last_day=row.valid_until, reason=SHORT)


@pytest.mark.parametrize(
    "act", [call_off, let_go, resolve, decline_proof, propose_staff, supersede, end_permission]
)
def test_a_reason_too_short_is_refused(cast, act):
    with pytest.raises(DomainError, match=f"sedikitnya {LEAST_REASON} huruf"):
        act(cast)
    db.session.rollback()


def test_grounds_are_longer(cast):
    case = make_permohonan(S.COMPETENT, cast=cast)
    with pytest.raises(DomainError, match=f"sedikitnya {LEAST_GROUNDS} huruf"):
        annulment.propose(
            actor_of(cast.chair), case, reason="x" * (LEAST_GROUNDS - 1), version=case.version
        )


def test_blanks_around_it_are_not_kept():
    assert check_reason("  Saya sakit.\n") == "Saya sakit."
