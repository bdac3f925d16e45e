"""The ketua at his page."""

from __future__ import annotations

import pytest


@pytest.fixture
def ketua(cast, sign_in):
    return sign_in(cast.ketua)
