"""What the asesi's views share: the blueprint, the address of a case, answers of panels, editions."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import Blueprint, Response, g, url_for

from lsp.errors import DomainError, NotAllowed
from lsp.models import Permohonan
from lsp.permissions import access, can_edit_registration, own_permohonan
from lsp.views.html import page, redirect_after_post
from lsp.vocabulary import Role

bp = Blueprint("asesi", __name__)
CASE = "/asesi/permohonan/<permohonan_id>"
#: The asesi and his own permohonan, as `g.permohonan`.
own = access(roles=(Role.ASESI,), load=own_permohonan)
asesi_only = access(roles=(Role.ASESI,))

CLOSED = (
    "Permohonan ini sudah dikirim, jadi isiannya tidak dapat diubah. "
    "Jika ada yang keliru, hubungi admin LSP."
)
CHANGED = (
    "Data ini sudah berubah sejak halaman ini Anda buka, mungkin di tab atau HP lain. "
    "Isian Anda masih ada di bawah. Periksa, lalu simpan sekali lagi."
)


class ChangedElsewhere(DomainError):
    """The form was drawn from stored values that are not the present ones."""

    def __init__(self) -> None:
        super().__init__(CHANGED)


@bp.before_request
def _times_in_the_readers_zone() -> None:
    g.reader_zone = g.actor.zone


def address(endpoint: str, permohonan: Permohonan, **more: Any) -> str:
    """Address of a panel of this case; `asesi.` need not be said."""
    return url_for(f"asesi.{endpoint}", permohonan_id=permohonan.public_id, **more)


@bp.context_processor
def _for_templates() -> dict[str, Any]:
    return {"address": address}


def panel(
    template: str, fragment: str, *, status: int = 200, said: str = "", **context: Any
) -> Response:
    """The page, or for HTMX its panel alone. `said` is then put into the page's status region."""
    return page(template, fragment=fragment, status=status, said=said, **context)


def onward(endpoint: str, permohonan: Permohonan, message: str = "", **more: Any) -> Response:
    """To another panel of this case, with a message on arrival."""
    return redirect_after_post(address(endpoint, permohonan, **more), message)


def edition_of(values: Any) -> str:
    """A short name for stored values, so a form can tell whether they are still the ones it was drawn from."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def check_edition(*, seen: str | None, stored: Any, wanted: Any) -> None:
    """Refuse to overwrite what was stored elsewhere meanwhile. The same form sent twice is no conflict."""
    now = edition_of(stored)
    if seen != now and edition_of(wanted) != now:
        raise ChangedElsewhere


def editable(permohonan: Permohonan) -> bool:
    return can_edit_registration(g.actor, permohonan)


def must_be_editable(permohonan: Permohonan) -> None:
    if not editable(permohonan):
        raise NotAllowed(CLOSED)
