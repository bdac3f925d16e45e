"""Taking the second factor off for somebody whose phone and recovery codes are gone: two others, as for a role.

An admin asks after he has made sure who it is, the ketua says yes or no. Neither may be the person himself. Of a ketua
another ketua decides; where there is none with an open account, another admin.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, selectinload

from lsp import clock
from lsp.actor import Actor
from lsp.database import db, is_writing
from lsp.errors import DomainError
from lsp.models import TotpKey, TotpRemoval, User, UserRole
from lsp.services import audit, totp
from lsp.vocabulary import Role
from lsp.workflow.machine import check_reason

WAITS_ALREADY = "Permintaan yang sama sudah menunggu persetujuan."


def with_totp(people: Collection[User]) -> set[int]:
    """Which of them have the second factor on; one query."""
    return set(
        db.session.scalars(
            select(TotpKey.user_id).where(
                TotpKey.user_id.in_([each.id for each in people]), TotpKey.confirmed_at.is_not(None)
            )
        )
    )


def ask(actor: Actor, user: User, *, reason: str) -> TotpRemoval:
    """The admin asks for it. Raises DomainError for his own account, or one without a second factor."""
    if user.id == actor.id:
        raise DomainError("Untuk akun Anda sendiri, minta admin lain yang mengusulkan.")
    if not totp.is_on(user.id):
        raise DomainError(f"Verifikasi dua langkah akun {user.name} tidak aktif.")
    row = TotpRemoval(
        user_id=user.id, proposed_by_id=actor.id, reason=check_reason(reason, field="note")
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError as error:
        raise DomainError(WAITS_ALREADY) from error
    audit.note(actor, "account.totp_removal_ask", "user", user.public_id, role=Role.ADMIN)
    return row


def waiting_for(actor: Actor) -> Sequence[TotpRemoval]:
    """What this person may decide, oldest first."""
    rows = db.session.scalars(
        select(TotpRemoval)
        .where(TotpRemoval.decided_at.is_(None), TotpRemoval.user_id != actor.id)
        .order_by(TotpRemoval.id)
        .options(
            joinedload(TotpRemoval.user).selectinload(User.roles),
            joinedload(TotpRemoval.proposed_by),
        )
    ).all()
    return rows if actor.has(Role.KETUA) else [row for row in rows if _falls_to_admins(row)]


def waiting() -> Sequence[TotpRemoval]:
    """All that nobody has decided, oldest first."""
    return db.session.scalars(
        select(TotpRemoval)
        .where(TotpRemoval.decided_at.is_(None))
        .order_by(TotpRemoval.id)
        .options(joinedload(TotpRemoval.user), joinedload(TotpRemoval.proposed_by))
    ).all()


def one(public_id: str) -> TotpRemoval | None:
    query = (
        select(TotpRemoval)
        .where(TotpRemoval.public_id == public_id)
        .options(selectinload(TotpRemoval.user), selectinload(TotpRemoval.proposed_by))
    )
    return db.session.scalar(query.with_for_update() if is_writing() else query)


def refusal(actor: Actor, row: TotpRemoval) -> str:
    """Why this person cannot decide it, in a sentence; "" when he can."""
    if row.decided_at is not None:
        return "Permintaan ini sudah diputus."
    if row.user_id == actor.id:
        return "Ini akun Anda sendiri, jadi orang lain yang harus memutuskan."
    if row.proposed_by_id == actor.id:
        return "Anda yang meminta, jadi orang lain yang harus memutuskan."
    if actor.has(Role.KETUA) or (actor.has(Role.ADMIN) and _falls_to_admins(row)):
        return ""
    return "Permintaan ini diputus oleh ketua."


def _falls_to_admins(row: TotpRemoval) -> bool:
    """The only ketua is the one who cannot get in."""
    others = db.session.scalar(
        select(func.count())
        .select_from(User)
        .where(
            User.id.not_in((row.user_id, row.proposed_by_id)),
            User.disabled_at.is_(None),
            exists().where(UserRole.user_id == User.id, UserRole.role == Role.KETUA),
        )
    )
    return not others


def decide(actor: Actor, row: TotpRemoval, *, approve: bool) -> None:
    """Take it off, or leave it on. Raises DomainError for whoever may not decide it."""
    reason = refusal(actor, row)
    if reason:
        raise DomainError(reason)
    row.decided_by_id, row.decided_at, row.approved = actor.id, clock.now(), approve
    db.session.flush()
    if approve:
        totp.take_off(row.user_id)
    audit.note(
        actor,
        "account.totp_removal_decide",
        "user",
        row.user.public_id,
        approved=approve,
    )
