"""No state after the assessment is reached without its instruments, from a case that was sent or decided.

A file of its own, because the files of a run are shared out between two processes.
"""

from __future__ import annotations

import pytest

from tests.properties.assessment_run import play_part


# Measuring which lines ran would take longer than the presses, and every page here has tests of its own.
@pytest.mark.no_cover
@pytest.mark.timeout(2_400)
def test_whatever_is_pressed_in_whatever_order(app, sign_in, pytestconfig):
    play_part(app, sign_in, "decided", slow=pytestconfig.getoption("--slow"))
