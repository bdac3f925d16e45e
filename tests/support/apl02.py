"""The pages of FR.APL.02: their addresses, a unit as the browser would send it, and the answers stored."""

from __future__ import annotations

from typing import Any

from flask import url_for
from sqlalchemy import select

from lsp.database import db
from lsp.models import FrApl02Answer, Permohonan
from tests.html import filled, form, soup
from tests.support.app import PortalClient


def url(permohonan: Permohonan, position: int = 1) -> str:
    return url_for("asesi.unit", permohonan_id=permohonan.public_id, unit_position=position)


def overview(permohonan: Permohonan) -> str:
    return url_for("asesi.fr_apl_02", permohonan_id=permohonan.public_id)


def typed(
    browser: PortalClient, permohonan: Permohonan, position: int = 1, **changes: Any
) -> dict[str, Any]:
    """The form of a unit as the browser would send it, with changes."""
    page = soup(browser.get(url(permohonan, position)))
    return filled(form(page, url(permohonan, position))) | {
        k.replace("_", "-"): v for k, v in changes.items()
    }


def answers() -> list[FrApl02Answer]:
    return list(db.session.scalars(select(FrApl02Answer).order_by(FrApl02Answer.elemen_id)))
