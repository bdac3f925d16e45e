"""The pages of FR.APL.01: their addresses, a section as the browser would send it, and what is stored."""

from __future__ import annotations

from typing import Any

from flask import url_for

from lsp.database import db
from lsp.models import FrApl01, Permohonan
from tests.html import filled, form, soup
from tests.support.app import PortalClient


def section_url(permohonan: Permohonan, section: str = "pribadi") -> str:
    return url_for("asesi.fr_apl_01_section", permohonan_id=permohonan.public_id, section=section)


def rows_url(permohonan: Permohonan, kind: str) -> str:
    return url_for("asesi.rows", permohonan_id=permohonan.public_id, kind=kind)


def typed(
    browser: PortalClient, permohonan: Permohonan, section: str = "pribadi", **changes: Any
) -> dict[str, Any]:
    """The section's form as the browser would send it, with changes."""
    url = section_url(permohonan, section)
    return filled(form(soup(browser.get(url)), url)) | changes


def stored(permohonan: Permohonan) -> FrApl01:
    return db.session.get_one(FrApl01, permohonan.id)
