"""Numbers when their takers roll back and their processes are killed: none twice, none left out, none lost."""

from __future__ import annotations

import pytest

from bench import numbers, pleno_decisions

SMALL = {"processes": 2, "threads": 8, "each": 8, "kills": 6}


def holds(found: numbers.Figures) -> None:
    assert (found.duplicates, found.gaps, found.lost) == (0, 0, 0), found
    assert 0 < found.kept < found.decisions, "some were taken back"


@pytest.mark.both
def test_a_small_crowd(app):
    found = numbers.measure(app, **SMALL)
    holds(found)
    assert (found.decisions, found.kills) == (128, 6)


@pytest.mark.both
def test_the_same_crowd_without_the_lock_takes_numbers_twice(app):
    _count, twice = numbers.canary(app, **SMALL)
    assert twice > 0


@pytest.mark.both
def test_the_whole_step_of_a_pleno_by_a_small_crowd(app):
    size = {"processes": 2, "threads": 4, "each": 4, "kills": 2, "pause": (0.2, 0.4)}
    found = pleno_decisions.measure(app, **size)
    whole = (found.duplicates, found.gaps, found.lost, found.halves)
    assert whole == (0, 0, 0, 0), found
    assert found.decisions == 32
    assert 0 < found.kept <= 16, "half were taken back"


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.both
def test_sixty_four_takers_of_fifty(app):
    found = numbers.measure(app)
    holds(found)
    assert found.decisions == 3_200
