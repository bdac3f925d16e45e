"""The result before the asesi's eyes: whether he has read it, the moment he does, and taking it as it is."""

from __future__ import annotations

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Permohonan
from lsp.services import audit
from lsp.vocabulary import PermohonanStatus, Role
from lsp.workflow.permohonan import PERMOHONAN

#: Nothing is left to keep from him: he contested it, or it is over.
_KNOWN = (PermohonanStatus.ISSUED, PermohonanStatus.CLOSED_NOT_YET, PermohonanStatus.APPEALED)
READ_FIRST = "Buka dulu hasilnya, supaya Anda tahu apa yang diputuskan dan apa alasannya."


def is_unread(permohonan: Permohonan) -> bool:
    """A decision stands that the asesi has not opened: no page may give it away before he does."""
    return (
        permohonan.decision is not None
        and permohonan.result_opened_at is None
        and permohonan.status not in _KNOWN
    )


def open_result(actor: Actor, permohonan: Permohonan) -> None:
    """The moment of receipt, from which the appeal window runs (workflow 1): written once, at the first opening."""
    if actor.id != permohonan.asesi_id:
        raise DomainError("Hanya asesi sendiri yang membuka hasilnya.")
    if not is_unread(permohonan):
        return
    permohonan.result_opened_at = clock.now()
    audit.note(actor, "result.open", "permohonan", permohonan.public_id, role=Role.ASESI)
    db.session.flush()


def accept(actor: Actor, permohonan: Permohonan, *, version: int) -> None:
    """The asesi takes “belum kompeten” as it is and the case closes. Raises DomainError with a sentence."""
    must_be_read(permohonan)
    PERMOHONAN.perform(permohonan, "close_not_yet", actor, version=version)


def must_be_read(permohonan: Permohonan) -> None:
    """Raise DomainError while the result lies unopened: nobody contests or accepts what he has not seen."""
    if is_unread(permohonan):
        raise DomainError(READ_FIRST)
