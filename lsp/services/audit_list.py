"""The audit chain as it is read on a page: newest first, keyset pages. Writing and checking stand in audit.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lsp.database import db
from lsp.models import AuditEvent, User
from lsp.services import audit_words
from lsp.vocabulary import Role

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class AuditLine:
    seq: int
    at: datetime
    role: Role
    action: str
    object_type: str
    object_id: str
    details: str
    hash: str
    person: str | None

    @property
    def did(self) -> str:
        return audit_words.action(self.action)

    @property
    def thing(self) -> str:
        return audit_words.thing(self.object_type)

    @property
    def said(self) -> str:
        return audit_words.details(self.details)


@dataclass(frozen=True, slots=True)
class AuditPage:
    lines: list[AuditLine]
    next_before: int | None


def page(before: int | None) -> AuditPage:
    """50 rows before a sequence number, or the newest. One query."""
    query = (
        select(
            AuditEvent.seq,
            AuditEvent.at,
            AuditEvent.actor_role,
            AuditEvent.action,
            AuditEvent.object_type,
            AuditEvent.object_id,
            AuditEvent.details,
            AuditEvent.hash,
            User.name,
        )
        .outerjoin(User, User.id == AuditEvent.actor_id)
        .order_by(AuditEvent.seq.desc())
        .limit(PAGE_SIZE + 1)
    )
    if before is not None:
        query = query.where(AuditEvent.seq < before)
    lines = [AuditLine(*row) for row in db.session.execute(query)]
    more = len(lines) > PAGE_SIZE
    return AuditPage(lines[:PAGE_SIZE], lines[PAGE_SIZE - 1].seq if more else None)
