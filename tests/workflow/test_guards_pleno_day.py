"""The day of a pleno: not before its cases wait for it, and no word on it before the day itself."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lsp import clock
from lsp.database import db
from lsp.vocabulary import PermohonanStatus, Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.guards import pleno_day as guards
from lsp.workflow.permohonan import PERMOHONAN
from tests.workflow.asking import Question
from tests.workflow.cases import make_cast, make_permohonan

S = PermohonanStatus


def held(days):
    def change(case, cast):
        dossier_of(case).pleno_case.pleno.held_on = clock.today_wib() + timedelta(days=days)

    return change


def off_the_agenda(case, cast):
    place = dossier_of(case).pleno_case
    place.outcome, place.closed_at = "removed", clock.now()


QUESTIONS = [
    Question(guards.day_of_pleno_fits, S.RECOMMENDED, held(1), "Suara dan keputusan diterima mulai hari itu"),
    Question(guards.day_of_pleno_fits, S.RECOMMENDED, held(-1), "baru menunggu penetapan sejak"),
    Question(guards.day_of_pleno_fits, S.RECOMMENDED, off_the_agenda, "agenda pleno"),
]  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda each: each.id)
def test_it_holds_and_then_says_why_not(app, question):
    question.ask()


@pytest.mark.parametrize("step", ["decide_competent", "send_back"])
@pytest.mark.parametrize("days", [-1, 1])
def test_the_chair_is_told_the_day_first(app, step, days):
    cast = make_cast()
    case = make_permohonan(S.RECOMMENDED, cast=cast)
    held(days)(case, cast)
    db.session.flush()
    choice = PERMOHONAN.choice(case, cast.of(Role.TIM_TEKNIS, case), step)
    assert not choice.possible
    assert choice.reason.startswith("Rapat pleno ini bertanggal")


def test_all_who_wait_since_later_are_named_with_the_first_day_that_fits(app):
    cast = make_cast()
    early, late, later = (
        make_permohonan(S.RECOMMENDED, cast=cast, work_done=False) for _ in range(3)
    )
    for case, day in ((early, 1), (late, 20), (later, 22)):
        case.status_at = clock.day_begins(date(2026, 11, day))
    said = guards.too_early_for(date(2026, 11, 10), [early, late, later])
    assert f"{late.asesi_name} (sejak 20 November 2026)" in said
    assert f"{later.asesi_name} (sejak 22 November 2026)" in said
    assert "Pilih 22 November 2026 atau sesudahnya." in said
    assert said.count("sejak") == 2
    assert guards.too_early_for(date(2026, 11, 22), [early, late, later]) is None


def test_the_day_is_counted_in_jakarta(app):
    """A recommendation of 23 November, 00.30 WIB, is of the 22nd in UTC."""
    case = make_permohonan(S.RECOMMENDED, work_done=False)
    case.status_at = clock.day_begins(date(2026, 11, 23)) + timedelta(minutes=30)
    assert guards.waits_since(case) == date(2026, 11, 23)
