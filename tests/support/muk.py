"""An instrument in Pengaturan, as the tests of its pages open it."""

from __future__ import annotations

from typing import Any

from lsp.database import db
from lsp.models import Instrument
from tests.html import filled, form, soup
from tests.support.app import PortalClient

LIST = "/admin/pengaturan/muk"
PERSON = {"name": "Penyusun Rekaan", "met": "MET.000.009901.2026", "date": "2026-01-05"}
VALIDATOR = {"name": "Validator Rekaan", "met": "MET.000.009902 2019", "date": "2026-01-06"}
PEOPLE = {"penyusun": [PERSON], "validator": [VALIDATOR]}


def url(instrument: Instrument, tail: str = "") -> str:
    return f"{LIST}/{instrument.public_id}{tail}"


def opened(admin: PortalClient, address: str) -> dict[str, Any]:
    """The form of a page as a browser would send it back."""
    return filled(form(soup(admin.get(address)), address))


def stored(instrument: Instrument) -> Instrument:
    db.session.expire_all()
    return db.session.get_one(Instrument, instrument.id)


def texts(instrument: Instrument) -> list[str]:
    return [item.text for item in stored(instrument).items]
