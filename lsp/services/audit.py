"""Writing to and checking the audit chain."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from lsp.actor import Actor
from lsp.database import db
from lsp.models import AuditEvent, AuditHead, append_audit
from lsp.models.audit import GENESIS
from lsp.vocabulary import Role


def note(
    actor: Actor,
    action: str,
    object_type: str,
    object_id: str,
    *,
    role: Role | None = None,
    **details: Any,
) -> None:
    """Seal that `actor` did `action` to an object. `details` are ids, codes and digests, never personal data."""
    append_audit(
        db.session(),
        actor_id=actor.id,
        actor_role=role or main_role(actor),
        action=action,
        object_type=object_type,
        object_id=object_id,
        details=details,
    )


def main_role(actor: Actor) -> Role:
    """The role to name when an act belongs to no single one: the first in the order of the enum."""
    return next((role for role in Role if role in actor.roles), Role.SYSTEM)


def first_fault() -> tuple[int, str] | None:
    """Walk the chain: (sequence number, what is wrong) of the first fault, or None when it holds."""
    previous, expected = GENESIS, 1
    for event in db.session.scalars(select(AuditEvent).order_by(AuditEvent.seq)).yield_per(500):
        if event.seq != expected:
            return expected, "missing"
        if event.previous_hash != previous or event.hash != event.sealed_hash():
            return event.seq, "changed"
        previous, expected = event.hash, expected + 1
    head = db.session.get(AuditHead, 1)
    if head is None or head.seq != expected - 1 or head.hash != previous:
        return expected, "cut off"
    return None
