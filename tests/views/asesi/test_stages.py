"""The stepper: a stage's day is the day it was finished, as the history beside it says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lsp.models import Permohonan, PermohonanEvent
from lsp.views.asesi.story import stages
from lsp.vocabulary import PermohonanStatus, Role

S = PermohonanStatus


def at(day: int) -> datetime:
    return datetime(2026, 10, day, 5, tzinfo=UTC)


def told(status: PermohonanStatus, *steps) -> list[str]:
    """The notes under the stages of a case that took these steps: (transition, source, target, day)."""
    events = [
        PermohonanEvent(
            transition=name, source=source, target=target, at=at(day), actor_role=Role.SYSTEM
        )
        for name, source, target, day in steps
    ]
    case = Permohonan(status=status, status_at=at(30))
    return [stage["note"] for stage in stages(case, events)]


PAID = ("confirm_payment", S.INVOICED, S.PAID, 3)
BOOKED = ("book_pre", S.PAID, S.PRE_SCHEDULED, 7)
READY = ("make_ready", S.PRE_SCHEDULED, S.READY, 10)
SEATED = ("book_assessment", S.READY, S.SCHEDULED, 14)
SENT = ("recommend", S.IN_ASSESSMENT, S.RECOMMENDED, 16)
DECIDED = ("decide_not_yet", S.RECOMMENDED, S.NOT_YET_COMPETENT, 19)


def test_paid_and_assessed_before_the_next_was_booked():
    registration, pre, here, _ = told(S.SCHEDULED, PAID, BOOKED, READY, SEATED)
    assert (registration, pre) == ("Selesai 3 Okt 2026", "Selesai 10 Okt 2026")
    assert here.endswith("14 Okt 2026")


def test_a_request_is_no_news_of_the_stage():
    asked = ("ask_reassessment", S.NOT_YET_COMPETENT, S.NOT_YET_COMPETENT, 28)
    _, _, assessment, here = told(
        S.NOT_YET_COMPETENT, PAID, BOOKED, READY, SEATED, SENT, DECIDED, asked
    )
    assert assessment == "Selesai 19 Okt 2026"
    assert here == "Belum kompeten, 19 Okt 2026"


@pytest.mark.parametrize(
    ("freed", "again"),
    [
        (("cancel_assessment", S.SCHEDULED, S.READY, 15), ("book_assessment", S.READY, S.SCHEDULED, 20)),
        (("halt", S.IN_ASSESSMENT, S.READY, 17), ("book_assessment", S.READY, S.SCHEDULED, 20)),
    ],
)  # fmt: skip
def test_a_seat_given_up_finishes_no_stage_anew(freed, again):
    registration, pre, *_ = told(S.SCHEDULED, PAID, BOOKED, READY, SEATED, freed, again)
    assert (registration, pre) == ("Selesai 3 Okt 2026", "Selesai 10 Okt 2026")


def test_what_skipped_the_finish_is_dated_by_leaving():
    stopped = ("recommend_not_continue", S.PRE_SCHEDULED, S.RECOMMENDED, 11)
    assert told(S.RECOMMENDED, PAID, BOOKED, stopped)[1] == "Selesai 11 Okt 2026"
