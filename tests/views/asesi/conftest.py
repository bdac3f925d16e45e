"""An asesi's browser, his draft, and a client that sends a file to it in pieces."""

from __future__ import annotations

import pytest
from flask import url_for

from tests.corpus_pdf import pdf
from tests.support.documents import requirement_of
from tests.support.tus import TusClient
from tests.views.asesi import situations


@pytest.fixture
def browser(sign_in):
    return sign_in()


@pytest.fixture
def permohonan(browser):
    return situations.draft(browser.user)


@pytest.fixture
def content() -> bytes:
    return pdf()


@pytest.fixture
def client_of(permohonan):
    def made(browser, **headers) -> TusClient:
        address = url_for(
            "asesi.begin_upload",
            permohonan_id=permohonan.public_id,
            requirement_id=requirement_of(permohonan).public_id,
        )
        return TusClient(browser, address, **headers)

    return made


@pytest.fixture
def tus(client_of, browser):
    return client_of(browser)
