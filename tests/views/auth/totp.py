"""The second factor in tests: a person's authenticator, his codes, what the chain says of him."""

from __future__ import annotations

import pyotp
from sqlalchemy import select

from lsp import clock
from lsp.database import db, write_transaction
from lsp.models import AuditEvent, TotpKey
from lsp.services import totp
from tests.workflow.cases import actor_of


def app_of(user) -> pyotp.TOTP:
    """His authenticator."""
    db.session.rollback()
    return pyotp.TOTP(db.session.get_one(TotpKey, user.id, populate_existing=True).secret)


def code_of(user, *, steps: int = 0) -> str:
    return str(app_of(user).generate_otp(int(clock.now().timestamp()) // 30 + steps))


def with_factor(user) -> list[str]:
    """Turn it on as the person would; the recovery codes."""
    with write_transaction():
        totp.begin(actor_of(user))
    typed = code_of(user, steps=-1)
    with write_transaction():
        return totp.confirm(actor_of(user), typed)


def acts(user) -> list[str]:
    db.session.rollback()
    query = select(AuditEvent.action).where(AuditEvent.object_id == user.public_id)
    return list(db.session.scalars(query.order_by(AuditEvent.seq)))
