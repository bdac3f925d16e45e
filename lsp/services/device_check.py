"""Whether a person's camera, microphone and line are fit for a remote meeting. Only the verdict is kept."""

from __future__ import annotations

from lsp import clock
from lsp.actor import Actor
from lsp.database import db
from lsp.errors import DomainError
from lsp.models import DeviceCheck


def keep_verdict(actor: Actor, *, is_fit: bool) -> DeviceCheck:
    """Replace the person's last verdict."""
    if actor.id is None:
        raise DomainError("Masuk dulu untuk menyimpan hasil uji.")
    row = db.session.get(DeviceCheck, actor.id)
    if row is None:
        row = DeviceCheck(user_id=actor.id)
        db.session.add(row)
    row.is_fit, row.checked_at = is_fit, clock.now()
    db.session.flush()
    return row


def verdict_of(user_id: int | None) -> DeviceCheck | None:
    """The last verdict on this person's device, or None when he never tried."""
    return db.session.get(DeviceCheck, user_id) if user_id is not None else None
