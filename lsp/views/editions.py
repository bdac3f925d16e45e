"""Editions: a form remembers which stored values it was drawn from, so that no tab overwrites what another saved."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from lsp.errors import DomainError
from lsp.models import Permohonan
from lsp.vocabulary import Role
from lsp.workflow.dossier import dossier_of
from lsp.workflow.instruments import forms_to_sign


class ChangedElsewhere(DomainError):
    """The form was drawn from stored values that are not the present ones."""

    def __init__(self, what: str = "Data ini") -> None:
        super().__init__(
            f"{what} sudah berubah sejak halaman ini Anda buka, mungkin di tab atau HP lain. "
            "Isian Anda masih ada di bawah. Periksa, lalu simpan sekali lagi."
        )


def edition_of(values: Any) -> str:
    """A short name for stored values, so a form can tell whether they are still the ones it was drawn from."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def check_edition(*, seen: str | None, stored: Any, wanted: Any, what: str = "Data ini") -> None:
    """Refuse to overwrite what was stored elsewhere meanwhile. The same form sent twice is no conflict."""
    now = edition_of(stored)
    if seen != now and edition_of(wanted) != now:
        raise ChangedElsewhere(what)


def edition_of_result(permohonan: Permohonan, role: Role) -> str:
    """What stood on the screen of somebody who signs the result: every paper that one press of this role signs."""
    dossier = dossier_of(permohonan)
    return edition_of(
        [[form, dossier.content_digest(form)] for form in forms_to_sign(dossier, role)]
    )
