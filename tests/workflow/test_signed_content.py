"""A signature stands for what was written when it was given: change that, and it is asked for again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lsp.database import db
from lsp.services import assessment
from lsp.vocabulary import Form, PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from tests.workflow.cases import actor_of, make_cast, make_permohonan, seat_of

S = PermohonanStatus


@pytest.fixture
def cast(app):
    return make_cast()


def stands(case, form, role=Role.ASESI):
    return dossier_of(case).signature(form, role, attempt=case.attempt) is not None


def change(row, **columns):
    for name, value in columns.items():
        setattr(row, name, value)
    db.session.flush()


@pytest.mark.parametrize(
    "columns",
    [
        {"written_feedback": "Umpan balik yang lain."},
        {"comment": "Lain"},
        {"follow_up": "Lain"},
    ],
    ids=lambda columns: next(iter(columns)),
)
def test_fr_ak_02_that_says_something_else(cast, columns):
    """The asesi signs that he received the written feedback, so that feedback is part of it."""
    case = make_permohonan(S.IN_ASSESSMENT, cast=cast)
    assert stands(case, Form.FR_AK_02)
    change(dossier_of(case).fr_ak_02, **columns)
    assert not stands(case, Form.FR_AK_02)
    assert not stands(case, Form.FR_AK_02, Role.ASESOR)


def test_fr_ak_01_of_another_day(cast):
    case = make_permohonan(S.SCHEDULED, cast=cast)
    made = dossier_of(case).plan.fr_ak_01_at
    assert stands(case, Form.FR_AK_01)
    change(dossier_of(case).plan, fr_ak_01_at=made + timedelta(days=1))
    assert not stands(case, Form.FR_AK_01)


def test_fr_ak_01_saved_again_on_the_same_day(cast):
    case = make_permohonan(S.SCHEDULED, cast=cast)
    made = dossier_of(case).plan.fr_ak_01_at
    # Noon in Jakarta, so that a minute is the same day.
    change(dossier_of(case).plan, fr_ak_01_at=made.replace(hour=5, minute=0))
    day = dossier_of(case).content_digest(Form.FR_AK_01)
    change(dossier_of(case).plan, fr_ak_01_at=made.replace(hour=5, minute=1))
    assert dossier_of(case).content_digest(Form.FR_AK_01) == day


def test_fr_ak_01_with_another_asesor_is_agreed_on_again(cast):
    case = make_permohonan(S.SCHEDULED, cast=cast)
    seat_of(case).slot.asesor_id = cast.second_asesor.id
    db.session.flush()
    actor = actor_of(cast.second_asesor)
    assessment.sign_fr_ak_01(actor, case, typed_name=actor.name)
    assert stands(case, Form.FR_AK_01, Role.ASESOR)
    assert not stands(case, Form.FR_AK_01), "the asesi agreed with somebody else"
