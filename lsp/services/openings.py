"""Who opened an asesi's files and his whole NIK, as he reads it himself: from the audit chain, keyset pages.

Names and roles, the file and the day, and why a NIK was opened; no note that the staff wrote for themselves.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, literal, or_, select, union_all

from lsp.database import db
from lsp.models import AuditEvent, Document, Permohonan, SkemaVersion, User
from lsp.permissions import is_claimed
from lsp.services.documents import GLANCED, OPENED
from lsp.vocabulary import Role

REVEALED = "nik.reveal"
PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Opening:
    """`label` is the file's; empty for the NIK, whose `reason` is a code of the form that asked for it."""

    seq: int
    at: datetime
    role: Role
    action: str
    person: str
    label: str
    skema: str
    id_izin: str
    reason: str

    @property
    def only_glanced(self) -> bool:
        return self.action == GLANCED


@dataclass(frozen=True, slots=True)
class OpeningPage:
    rows: list[Opening]
    next_before: int | None


def page(asesi_id: int, before: int | None = None) -> OpeningPage:
    """Twenty openings by others before a sequence number, or the newest. One query.

    Nothing of a case that is not claimed yet: its account may be a stranger's.
    """
    own_case = and_(Permohonan.asesi_id == asesi_id, is_claimed())
    own = union_all(
        select(Document.public_id.label("object_id"), Document.label, Document.permohonan_id).join(
            Permohonan,
            and_(Permohonan.id == Document.permohonan_id, own_case),
        ),
        select(Permohonan.public_id, literal(""), Permohonan.id).where(own_case),
    ).subquery()
    query = (
        select(
            AuditEvent.seq,
            AuditEvent.at,
            AuditEvent.actor_role,
            AuditEvent.action,
            AuditEvent.details,
            User.name,
            own.c.label,
            SkemaVersion.title,
            Permohonan.id_izin,
        )
        .select_from(own)
        .join(AuditEvent, AuditEvent.object_id == own.c.object_id)
        .join(Permohonan, Permohonan.id == own.c.permohonan_id)
        .join(SkemaVersion, SkemaVersion.id == Permohonan.skema_version_id)
        .outerjoin(User, User.id == AuditEvent.actor_id)
        .where(
            AuditEvent.action.in_((OPENED, GLANCED, REVEALED)),
            or_(AuditEvent.actor_id.is_(None), AuditEvent.actor_id != asesi_id),
        )
        # An expression, not the key: else the database walks the whole chain backwards to find a few rows.
        .order_by((AuditEvent.seq + 0).desc())
        .limit(PAGE_SIZE + 1)
    )
    if before is not None:
        query = query.where(AuditEvent.seq + 0 < before)
    rows = [_opening(row) for row in db.session.execute(query)]
    more = len(rows) > PAGE_SIZE
    return OpeningPage(rows[:PAGE_SIZE], rows[PAGE_SIZE - 1].seq if more else None)


def _opening(row: Any) -> Opening:
    seq, at, role, action, details, person, label, skema, id_izin = row
    reason = json.loads(details).get("reason", "") if action == REVEALED else ""
    return Opening(seq, at, role, action, person or "Petugas LSP", label, skema, id_izin, reason)
