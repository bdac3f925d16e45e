"""The page of an uploaded sheet: sending one, its addresses and its rows."""

from __future__ import annotations

import io
from typing import Any

from bs4 import BeautifulSoup
from flask import url_for
from sqlalchemy import select
from werkzeug.test import TestResponse

from lsp.database import db
from lsp.gateways import storage
from lsp.gateways.sheets import read_sheets
from lsp.models import ImportBatch
from tests.html import words
from tests.support.app import PortalClient


def send(
    browser: PortalClient, content: bytes, name: str = "asesi.xlsx", **chosen: str
) -> TestResponse:
    return browser.post(
        url_for("admin.upload_sheet"),
        data={"sheet": (io.BytesIO(content), name), **chosen},
        content_type="multipart/form-data",
    )


def batch() -> ImportBatch:
    """The sheet sent last."""
    return db.session.scalars(select(ImportBatch).order_by(ImportBatch.id.desc()).limit(1)).one()


def to(endpoint: str, **more: Any) -> str:
    return url_for(f"admin.{endpoint}", batch_id=batch().public_id, **more)


def rows(page: BeautifulSoup) -> list[str]:
    return [words(row) for row in page.select("tbody tr")]


def sheet_of(content: bytes) -> list[list[str]]:
    found = read_sheets(content, most_rows=100, lock_path=storage.heavy_lock())
    return [[cell.text for cell in cells] for _number, cells in found[0].rows]
