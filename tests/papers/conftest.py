"""Fixtures for papers; the certificate in them and the ways to read it back stand in reading.py."""

from pathlib import Path

import pytest

from lsp.papers.certificate import certificate_pdf
from tests.papers.reading import sample_paper


@pytest.fixture(scope="session")
def lock_path(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("papers") / "heavy.lock"


@pytest.fixture(scope="session")
def sample_pdf(lock_path) -> bytes:
    return certificate_pdf(sample_paper(), lock_path=lock_path)
