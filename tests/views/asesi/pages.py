"""Addresses and texts of the asesi's pages, for the tests of them."""

from __future__ import annotations

from flask import url_for

from lsp.database import db
from lsp.models import Permohonan
from lsp.vocabulary import PermohonanStatus
from tests.html import main, soup, words


def url(endpoint, permohonan, **more) -> str:
    return url_for(f"asesi.{endpoint}", permohonan_id=permohonan.public_id, **more)


def text_of(browser, address) -> str:
    return words(main(soup(browser.get(address))))


def status_of(permohonan) -> PermohonanStatus:
    return db.session.get_one(Permohonan, permohonan.id).status
