"""The portal as granian holds it."""

from __future__ import annotations

import pytest

from lsp.serving import Portal


@pytest.fixture
def portal(app):
    made = Portal(app)
    yield made
    made.__rsgi_del__(None)
