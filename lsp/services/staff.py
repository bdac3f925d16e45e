"""Staff as the admin and the ketua read them: who holds which role, and which proposals wait. Reading only."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from lsp.database import db, is_writing
from lsp.models import StaffProposal, User, UserRole
from lsp.vocabulary import STAFF_ROLES


def people() -> Sequence[User]:
    """Everybody with a staff role, open accounts first, by name."""
    return db.session.scalars(
        select(User)
        .where(User.roles.any(UserRole.role.in_(STAFF_ROLES)))
        .order_by(User.disabled_at.is_not(None), User.name, User.id)
        .options(selectinload(User.roles))
    ).all()


def person(public_id: str) -> User | None:
    """A staff account by its public id; asesi are not found here."""
    return db.session.scalar(
        select(User)
        .where(User.public_id == public_id, User.roles.any(UserRole.role.in_(STAFF_ROLES)))
        .options(selectinload(User.roles))
    )


def open_proposals() -> Sequence[StaffProposal]:
    """Proposals that the ketua has not decided, oldest first."""
    return db.session.scalars(
        select(StaffProposal)
        .where(StaffProposal.decided_at.is_(None))
        .order_by(StaffProposal.id)
        .options(joinedload(StaffProposal.proposed_by))
    ).all()


def accounts_of(proposals: Sequence[StaffProposal]) -> dict[str, User]:
    """E-mail → the account that stands already, with its roles: approving gives the role to this person."""
    emails = [row.email for row in proposals]
    found = db.session.scalars(
        select(User).where(User.email.in_(emails)).options(selectinload(User.roles))
    )
    return {user.email: user for user in found}


def proposal(public_id: str) -> StaffProposal | None:
    """A proposal by its public id; locked while writing, so that two ketua decide it once."""
    query = select(StaffProposal).where(StaffProposal.public_id == public_id)
    if is_writing():
        query = query.with_for_update()
    return db.session.scalar(query)
