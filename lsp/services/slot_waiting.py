"""An asesi for whom no time is open says that he waits; the admin reads it in his work list. Nobody is mailed."""

from __future__ import annotations

from sqlalchemy import delete

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import Permohonan, SlotWait
from lsp.services import audit
from lsp.workflow.seats import BOOKS


def since(permohonan: Permohonan) -> SlotWait | None:
    """What he said, while it still stands."""
    return db.session.get(SlotWait, permohonan.id) if permohonan.status in BOOKS else None


def ask(actor: Actor, permohonan: Permohonan) -> None:
    """Say it once; again changes nothing. Raises DomainError where there is nothing to choose."""
    if permohonan.status not in BOOKS:
        raise DomainError("Tahap ini tidak memerlukan jadwal.")
    if since(permohonan) is None:
        db.session.add(SlotWait(permohonan_id=permohonan.id, asked_at=clock.now()))
        audit.note(actor, "slot.wait", "permohonan", permohonan.public_id)
        db.session.flush()


def answered(permohonan: Permohonan) -> None:
    """He has a seat."""
    db.session.execute(delete(SlotWait).where(SlotWait.permohonan_id == permohonan.id))
