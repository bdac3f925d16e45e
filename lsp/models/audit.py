"""The audit chain: append-only, each row sealed with the digest of the one before.

No personal data in it, only ids, codes and keyed commitments, so erasing a person does not break it.
Triggers refuse UPDATE and DELETE (lsp/models/triggers.py); `flask lsp verify-audit` checks the whole chain.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from lsp import clock
from lsp.database import enum_type
from lsp.extensions import Model
from lsp.vocabulary import Role

GENESIS = "0" * 64


class AuditHead(Model):
    """One row: the last sequence number and its hash. Locked by each append, so the chain cannot fork."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class AuditEvent(Model):
    __tablename__ = "audit_event"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    actor_role: Mapped[Role] = mapped_column(enum_type(Role))
    action: Mapped[str] = mapped_column(String(60))
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(40), index=True)
    #: Canonical JSON: sorted keys, no spaces.
    details: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    def sealed_hash(self) -> str:
        """SHA-256 over the previous hash and this row's canonical form."""
        row = [
            self.previous_hash,
            self.seq,
            self.at.isoformat(timespec="microseconds"),
            self.actor_id,
            str(self.actor_role),
            self.action,
            self.object_type,
            self.object_id,
            self.details,
        ]
        return hashlib.sha256(json.dumps(row, separators=(",", ":")).encode()).hexdigest()


_LAST = "lsp_last_audit_event"


def append_audit(
    session: Session,
    *,
    actor_id: int | None,
    actor_role: Role,
    action: str,
    object_type: str,
    object_id: str,
    details: dict[str, Any] | None = None,
) -> AuditEvent:
    """Add one sealed row in the present transaction; the caller commits.

    `details` holds ids, codes and digests only. The head row is locked, so appends take turns on PostgreSQL too.
    """
    # Read anew under the lock: a head this transaction read before it had the lock may be an old one.
    head = session.get(AuditHead, 1, with_for_update=True, populate_existing=True)
    if head is None:
        head = AuditHead(id=1, seq=0, hash=GENESIS)
        session.add(head)
    last = session.get(AuditEvent, head.seq) if head.seq else None
    event = AuditEvent(
        seq=head.seq + 1,
        # A clock set back must not make the log run backwards.
        at=max(clock.now(), last.at) if last else clock.now(),
        actor_id=actor_id,
        actor_role=actor_role,
        action=action,
        object_type=object_type,
        object_id=object_id,
        details=json.dumps(
            details or {}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ),
        previous_hash=head.hash,
        hash="",
    )
    event.hash = event.sealed_hash()
    head.seq, head.hash = event.seq, event.hash
    session.add(event)
    session.flush()
    session.info[_LAST] = event  # held, so that the next one in this transaction need not read it
    return event
