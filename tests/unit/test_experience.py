"""Whole months of experience, at the edges of months and of each other."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from lsp.models import WorkExperience
from lsp.services.apl01 import months_of_experience


def worked(*periods: str) -> int:
    rows = []
    for period in periods:
        start, end = period.split("..")
        rows.append(
            WorkExperience(
                started_on=date.fromisoformat(start),
                ended_on=date.fromisoformat(end) if end else None,
            )
        )
    return months_of_experience(rows)


@pytest.mark.parametrize(
    ("periods", "months"),
    [
        (["2022-01-01..2026-11-01"], 58),
        (["2022-01-01..2026-10-31"], 58),
        (["2022-01-01..2026-10-30"], 57),
        (["2020-01-01..2020-12-31"], 12),
        (["2024-01-31..2024-02-28"], 0),
        (["2024-01-31..2024-02-29"], 1),
        (["2022-01-15..2022-01-15"], 0),
        (["2020-01-01..2020-12-31", "2020-06-01..2021-06-30"], 18),  # overlapping
        (["2020-01-01..2020-06-30", "2020-07-01..2020-12-31"], 12),  # end to end
        (["2020-01-01..2020-01-20", "2020-03-01..2020-03-20"], 1),  # 40 days in two pieces
        ([], 0),
    ],
)
def test_months(periods, months):
    assert worked(*periods) == months


@time_machine.travel("2026-11-22T05:00:00+00:00", tick=False)
@pytest.mark.parametrize(
    ("periods", "months"),
    [
        (["2025-11-23.."], 12),
        (["2018-01-01..2025-12-31", "2025-11-01.."], 106),
        (["2026-11-22.."], 0),
        (["2026-12-01.."], 0),
    ],
)
def test_work_that_goes_on_counts_until_today(periods, months):
    assert worked(*periods) == months
