"""Who works at the admin's desk, and in which LSP."""

from __future__ import annotations

import pytest

from lsp.vocabulary import Role
from tests.workflow.cases import make_cast


@pytest.fixture
def admin(sign_in):
    return sign_in(Role.ADMIN)


@pytest.fixture
def cast(app):
    return make_cast()
